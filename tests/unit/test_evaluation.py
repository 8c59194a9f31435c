"""The evaluation as a whole: its order, its guards and its tables, on models with known skill."""

import hashlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.evaluate.curves import COLUMNS
from deeprules.evaluate.evaluation import Settings, evaluate_test, sealed_test, write_evaluation
from deeprules.evaluate.freezing import freeze_models
from deeprules.evaluate.ledger import read_ledger
from deeprules.files import file_sha256, read_json, write_json, write_table
from deeprules.statistics.metrics import scores

STUDY = {"study": {"question": "Which is which?"}, "sha256": "5" * 64}
OUTPUTS = ["scores", "predictions", *COLUMNS, "tests", "comparison", "verdict", "opening"]
CLASSES = {"binary": ["no", "yes"], "multiclass": ["x", "y", "z"], "regression": []}
SKILL = {"cnn": ("network", 2.0), "forest": ("baseline", 1.0), "majority": ("nuisance", 0.0)}


class Model:
    """Predicts from the first feature, which holds the label, with noise of its own seed."""

    def __init__(self, task, skill, seed):
        self.task, self.skill, self.seed = task, skill, seed

    def predict(self, features, examples):
        assert "label" not in examples
        random = np.random.default_rng(self.seed)
        truth = np.asarray(features[:, 0], dtype=float)
        if self.task == "regression":
            return truth + random.normal(size=len(truth)) / (1 + self.skill)
        n_classes = len(CLASSES[self.task])
        hints = self.skill * np.eye(n_classes)[truth.astype(int)]
        powers = np.exp(hints + random.normal(size=hints.shape))
        return powers / powers.sum(axis=1, keepdims=True)


class Run:
    """The files of a run up to the sealed test set, and a loader of its models."""

    def __init__(self, folder, task="binary", groups=None, models=SKILL):
        self.folder, self.task, self.loaded = folder, task, []
        self.write_dataset(groups)
        entries, scored = [], []
        self.models, self.made = [], {}
        for name, (kind, skill) in models.items():
            for seed in (1, 2):
                path = str(folder / f"{name}{seed}.joblib")
                (folder / f"{name}{seed}.joblib").write_text(f"{name} {seed} {skill}")
                scored_as = {"tune": {self.objective: skill}}
                scored_as["model_sha256"] = file_sha256(path)
                write_json(folder / f"{name}{seed}.json", scored_as)
                entries.append({"model": name, "kind": kind, "seed": seed})
                scored.append(str(folder / f"{name}{seed}.json"))
                self.models.append(path)
                self.made[path] = Model(
                    task, skill, int(hashlib.md5(path.encode()).hexdigest(), 16)
                )
        self.frozen = freeze_models(entries, self.models, scored, self.objective, STUDY["sha256"])

    @property
    def objective(self):
        return "r2" if self.task == "regression" else "auprc"

    def write_dataset(self, groups, n=240):
        """A sealed test set whose first feature is the label."""
        classes = CLASSES[self.task]
        labels = np.arange(n) % len(classes) if classes else np.linspace(-1, 1, n)
        examples = pd.DataFrame(
            {
                "id": [f"e{index}" for index in range(n)],
                "label": np.array(classes)[labels] if classes else labels,
                "source": "mine",
                "canonical_hash": np.arange(n, dtype=np.uint64),
            }
        )
        if groups:
            examples["group"] = [f"g{index % groups}" for index in range(n)]
        facts = {"modality": "tabular", "task": self.task, "classes": classes, "n_features": 1}
        facts |= {"covariates": [], "has_batch": False, "has_group": bool(groups)}
        facts |= {"strand": "both", "transform": "none", "highly_variable": None}
        facts |= {"batch_correction": "none", "subgroups": {}, "labels": []}
        assert facts.keys() == Dataset.__dataclass_fields__.keys()
        write_json(self.folder / "dataset.json", facts)
        write_table(self.folder / "test/examples.parquet", examples)
        np.save(self.folder / "test/features.npy", labels.astype(np.float32)[:, None])

    def load(self, path):
        """The loader: notes what it loaded, and that the ledger has the opening by then."""
        self.loaded.append((path, len(read_ledger(self.folder / "ledger"))))
        return self.made[path]

    def evaluate(self, starting=None, development=None, results_folder=None, **settings):
        settings = {"minimum_gain": 0.02, "bootstrap": 200, "seed": 1} | settings
        return evaluate_test(
            self.frozen,
            self.models,
            sealed_test(self.folder / "test/examples.parquet", self.folder / "dataset.json"),
            STUDY,
            Settings(**({"objective": self.objective} | settings)),
            self.folder / "ledger",
            self.load,
            starting,
            development,
            results_folder,
        )


@pytest.mark.parametrize("task", CLASSES)
def test_everything_is_written_and_the_better_model_wins(tmp_path, task):
    results = Run(tmp_path, task).evaluate()
    suffixes = {"verdict": "json", "opening": "json", "predictions": "parquet"}
    paths = {name: tmp_path / f"{name}.{suffixes.get(name, 'tsv')}" for name in OUTPUTS}
    write_evaluation(results, paths)
    assert all(path.exists() for path in paths.values())
    verdict = read_json(paths["verdict"])
    assert verdict["verdict"] == "network", verdict["sentence"]
    assert verdict["study_sha256"] == read_json(paths["opening"])["study_sha256"] == "5" * 64
    for name, columns in COLUMNS.items():
        table = pd.read_csv(paths[name], sep="\t")
        assert list(table) == ["model", *columns]
        has_rows = task == "multiclass" or (task == "binary" and name != "per_class")
        assert len(table) > 0 if has_rows else table.empty


def test_scores_carry_fits_mean_and_ensemble(tmp_path):
    results = Run(tmp_path).evaluate()
    table, predictions = results["scores"], results["predictions"]
    assert (
        set(table["seed"]) == set(predictions["seed"]) | {"mean"} == {"1", "2", "mean", "ensemble"}
    )
    auprc = table.query("model == 'cnn' and metric == 'auprc'").set_index("seed")
    assert auprc["value"]["mean"] == pytest.approx(auprc["value"][["1", "2"]].mean())
    assert auprc["lower"][["1", "2"]].isna().all()
    summaries = auprc.loc[["mean", "ensemble"]]
    assert (summaries["lower"] < summaries["value"]).all()
    assert (summaries["value"] < summaries["upper"]).all()
    rows = predictions.query("model == 'cnn' and seed == 'ensemble'")
    found = scores("binary", rows["label"] == "yes", rows[["p_no", "p_yes"]].to_numpy())
    assert found["auprc"] == pytest.approx(auprc["value"]["ensemble"])
    assert list(predictions) == ["id", "label", "model", "seed", "p_no", "p_yes"]


def test_the_opening_is_entered_before_any_model_is_loaded(tmp_path):
    run = Run(tmp_path)
    run.evaluate()
    assert len(run.loaded) == 6
    assert {entries for _, entries in run.loaded} == {1}


def tune_of(run):
    """Train and tune of a run, on which the frozen scores are those of its models."""
    shutil.copytree(run.folder / "test", run.folder / "tune")
    tune = sealed_test(run.folder / "tune/examples.parquet", run.folder / "dataset.json")
    for model in run.frozen["models"].values():
        predictions = [
            run.made[path].predict(tune.features, tune.examples.drop(columns="label"))
            for path in model["files"]
        ]
        model["tune_scores"] = [
            scores(run.task, tune.labels, one)[run.objective] for one in predictions
        ]
        model["tune_score"] = float(np.mean(model["tune_scores"]))
    return tune, tune


@pytest.fixture
def without_reliability(monkeypatch):
    """What is fitted on train and tune for the report is another matter."""
    monkeypatch.setattr("deeprules.evaluate.evaluation.examine_test", lambda *_: {})


def test_every_model_is_tried_before_the_opening_is_entered(tmp_path, without_reliability):
    run = Run(tmp_path)
    run.evaluate(development=tune_of(run))
    assert [entries for _, entries in run.loaded] == [0] * 6 + [1] * 6


@pytest.mark.parametrize("number", range(6))
def test_a_model_that_cannot_be_loaded_does_not_spend_the_opening(
    tmp_path, without_reliability, number
):
    run = Run(tmp_path)
    development = tune_of(run)
    del run.made[run.models[number]]
    with pytest.raises(KeyError):
        run.evaluate(development=development)
    assert not read_ledger(tmp_path / "ledger")


@pytest.mark.parametrize("number", range(6))
def test_an_exchanged_model_does_not_spend_the_opening(tmp_path, without_reliability, number):
    run = Run(tmp_path)
    development = tune_of(run)
    run.made[run.models[number]] = Model(run.task, -3.0, 9)
    with pytest.raises(InputError, match=f"{Path(run.models[number]).name}: auprc on tune is"):
        run.evaluate(development=development)
    assert not read_ledger(tmp_path / "ledger")


def test_results_that_cannot_be_written_do_not_spend_the_opening(tmp_path):
    (tmp_path / "results").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        Run(tmp_path).evaluate(results_folder=tmp_path / "results" / "evaluation")
    assert not read_ledger(tmp_path / "ledger")


def test_a_failure_after_the_opening_counts_and_the_next_run_repeats(tmp_path):
    run = Run(tmp_path)
    load, run.load = run.load, lambda path: SimpleNamespace(predict=lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run.evaluate()
    assert len(read_ledger(tmp_path / "ledger")) == 1
    run.load = load
    assert run.evaluate()["opening"]["kind"] == "repeat"


def test_a_model_altered_since_freezing_leaves_the_test_set_closed(tmp_path):
    run = Run(tmp_path)
    (tmp_path / "cnn1.joblib").write_text("other weights")
    with pytest.raises(InputError, match=r"cnn1.joblib: altered since"):
        run.evaluate()
    assert not run.loaded and not (tmp_path / "ledger").exists()


def test_other_models_need_a_reason_and_the_verdict_says_so(tmp_path):
    Run(tmp_path).evaluate()
    better = Run(tmp_path, models=SKILL | {"cnn": ("network", 5.0)})
    with pytest.raises(InputError, match="opened before"):
        better.evaluate()
    assert not better.loaded
    results = better.evaluate(reopen="the learning rate was mistyped")
    assert results["opening"]["kind"] == "reopened"
    assert any("opened 2 times" in reason for reason in results["verdict"]["reasons"])


def test_labels_changed_after_the_opening_need_a_reason(tmp_path):
    run = Run(tmp_path)
    run.evaluate()
    path = tmp_path / "test/examples.parquet"
    examples = pd.read_parquet(path)
    write_table(path, examples.assign(label=examples["label"].to_numpy()[::-1]))
    with pytest.raises(InputError, match="same models but other labels"):
        run.evaluate()


def test_a_goalpost_moved_after_the_opening_is_told(tmp_path):
    run = Run(tmp_path)
    run.evaluate()
    reasons = run.evaluate(minimum_gain=0.5)["verdict"]["reasons"]
    assert any("smallest gain worth it was changed from 0.02 to 0.5" in one for one in reasons)


def test_what_weighs_against_a_score_stands_with_the_verdict(tmp_path):
    verdict = Run(tmp_path, models=SKILL | {"cnn": ("network", 50.0)}).evaluate()["verdict"]
    (caution,) = verdict["cautions"]
    assert caution["title"] == "A score near perfect" and "`cnn`" in caution["sentence"]


def test_groups_are_resampled_whole_and_few_of_them_give_no_verdict(tmp_path):
    verdict = Run(tmp_path, groups=7).evaluate()["verdict"]
    assert (verdict["resampling"], verdict["n_units"]) == ("groups", 7)
    assert any("replicates of groups (n = 7)" in reason for reason in verdict["reasons"])
    assert any("only 7 groups" in reason for reason in verdict["reasons"])
    assert verdict["verdict"] == "withheld" and "at least 8" in verdict["sentence"]


def test_without_networks_a_baseline_stands(tmp_path):
    models = {name: facts for name, facts in SKILL.items() if name != "cnn"}
    results = Run(tmp_path, models=models).evaluate()
    assert results["verdict"]["verdict"] == "baseline"
    assert results["comparison"].empty


def test_an_empty_test_set_is_refused(tmp_path):
    run = Run(tmp_path)
    run.write_dataset(None, n=0)
    with pytest.raises(InputError, match="no test examples"):
        run.evaluate()


def test_pretrained_models_are_compared_with_their_twins(tmp_path):
    models = SKILL | {"scratch": ("network", 0.2)}
    starting = {
        "cnn": {"module": "kipoi_features", "way": "features", "twin_of": "kipoi_scratch"},
        "scratch": {"module": "kipoi_scratch", "way": "", "twin_of": ""},
    }
    starting = {name: {**entry, "pretrained": "zoo"} for name, entry in starting.items()}
    results = Run(tmp_path, models=models).evaluate(starting=starting)
    (transfer,) = results["transfer"]["pretrained"]
    assert transfer["outcome"] == "helps" and "`zoo`" in transfer["sentence"]
    pair = results["comparison"].query("network == 'cnn' and versus == 'scratch'")
    row = pair.set_index("metric").loc["auprc"]
    for name in ("difference", "lower", "upper"):
        assert row[name] == pytest.approx(transfer[name])


def test_without_a_pretrained_model_the_comparison_of_transfer_is_empty(tmp_path):
    assert Run(tmp_path).evaluate(starting={})["transfer"] == {"pretrained": []}
