"""Slices and confidence as a whole: what is fitted on what, and which tables come out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from partitions import make_partition

from deeprules.evaluate import slices_of_parts
from deeprules.evaluate.evaluation import Settings
from deeprules.evaluate.reliability import CONFIDENCE_COLUMNS, EXAMPLE_COLUMNS, examine_test
from deeprules.files import write_json, write_table
from deeprules.statistics import random_slices

NAMES = {"network": "cnn", "baseline": "forest"}


@pytest.fixture(autouse=True)
def few_random_slices(monkeypatch):
    monkeypatch.setattr(random_slices, "RANDOM_SLICES", 100)


class Model:
    """Predicts from the first feature, which carries the label, and notes what it was asked."""

    def __init__(self, task, sharpness):
        self.task, self.sharpness, self.asked = task, sharpness, []

    def predict(self, features, examples):
        assert "label" not in examples
        self.asked.append(len(features))
        hint = np.asarray(features[:, 0], dtype=float)
        if self.task == "regression":
            return 3 + hint
        centres = 2.0 * np.arange(3 if self.task == "multiclass" else 2)
        powers = np.exp(-self.sharpness * (hint[:, None] - centres) ** 2)
        found = (powers + 1e-9) / (powers + 1e-9).sum(axis=1, keepdims=True)
        return found[:, [1, 1]] if self.task == "multilabel" else found


class Run:
    """Partitions, two models with two fits each, and what they were asked."""

    def __init__(self, folder, task="binary", chosen=NAMES, n=300):
        made = [make_partition(folder / name, n, "tabular", task, 4, seed)
                for seed, name in enumerate(("train", "tune", "test"))]  # fmt: skip
        self.train, self.tune, self.test = made
        self.models = {f"{name}{k}": Model(task, 2.0) for name in NAMES.values() for k in (1, 2)}
        self.frozen = {
            "chosen": {kind: chosen.get(kind) for kind in NAMES},
            "models": {
                name: {"files": {f"{name}1": "", f"{name}2": ""}} for name in NAMES.values()
            },
        }
        self.hidden = []

    def examine(self, **changes):
        on_tune, on_test = (
            {
                name: {
                    k: self.models[f"{name}{k}"].predict(
                        part.features, part.examples.drop(columns="label")
                    )
                    for k in (1, 2)
                }
                for name in NAMES.values()
            }
            for part in (self.tune, self.test)
        )
        objective = "auprc" if self.test.dataset.is_classification else "r2"
        settings = Settings(objective, 0.02, 100, 1)
        facts = {"development": (self.train, self.tune), "test": self.test} | changes
        return examine_test(
            **facts,
            tune_predictions={name: list(fits.values()) for name, fits in on_tune.items()},
            predictions=on_test,
            frozen=self.frozen,
            load=self.models.get,
            settings=settings,
            hidden=self.hidden_layer,
        )

    def hidden_layer(self, network, part):
        self.hidden.append(network)
        return np.asarray(part.features)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_table_is_made_and_can_be_written(tmp_path, task):
    results = Run(tmp_path, task).examine()
    assert isinstance(results.pop("cautions"), list)
    for name, content in results.items():
        if isinstance(content, dict):
            write_json(tmp_path / f"{name}.json", content)
        else:
            write_table(tmp_path / f"{name}.tsv", content)
    slices = results["slices"]
    assert set(slices["partition"]) == {"tune", "test"}
    assert set(slices["model"]) == {"cnn", "forest"}
    assert {"batch", "age", "similarity to train"} <= set(slices["column"])
    assert set(slices.query("model == 'cnn'")["kind"]) == {"network"}
    assert len(results["confidence"]) == 0 or task != "regression"
    assert list(results["confidence"]) == CONFIDENCE_COLUMNS
    assert list(results["example_confidence"]) == EXAMPLE_COLUMNS


def test_slices_of_several_labels_are_those_of_each_where_it_is_known(tmp_path):
    run = Run(tmp_path, "multilabel")
    in_one = run.test.examples["batch"] == "b1"
    run.test.examples.loc[in_one, "label_a"] = 1 - run.test.examples["label_a"]
    results = run.examine()
    slices = results["slices"].query("partition == 'test' and model == 'cnn'")
    of_a = slices.query("column == 'a: batch'").set_index("slice")
    assert of_a["n"].sum() == np.isfinite(run.test.labels[:, 0]).sum() < 300
    assert of_a.loc["b1", "adjusted"] < 0.05 and of_a.loc["b1", "score"] < of_a.loc["b2", "score"]
    assert not (slices[slices["column"].str.startswith("b: ")]["adjusted"] < 0.05).any()
    (told, _) = results["slice_summary"]["models"]
    assert told["n_worse"] and any("a: batch b1" in one for one in told["worst"])
    assert "(label " in told["similarity"] and results["confidence"].empty
    run.test.examples.loc[30:, "label_b"] = np.nan
    del run.test.__dict__["labels"]
    found = run.examine()
    assert not found["slices"].query("partition == 'test'")["column"].str.startswith("b: ").any()
    assert "have no slices: `b`." in found["slice_summary"]["notes"][-1]


def test_confidence_of_the_network_has_neighbours_and_that_of_the_baseline_has_not(tmp_path):
    run = Run(tmp_path)
    results = run.examine()
    table = results["confidence"]
    measures = table.groupby("model")["confidence"].agg(set)
    assert measures["cnn"] - measures["forest"] == {"neighbours"}
    assert {id(one) for one in run.hidden} == {id(run.models[name]) for name in ("cnn1", "cnn2")}
    single = results["example_confidence"]
    assert len(single) == 2 * len(run.test)
    assert single.query("model == 'forest'")["neighbours"].isna().all()
    assert single.query("model == 'cnn'")["neighbours"].between(0, 1).all()
    assert set(single["predicted"]) == {"no", "yes"}
    gain = table.query("metric == 'gain' and confidence == 'largest_probability'")
    assert (gain["lower"] > 0).all()


def test_the_calibrated_probability_of_an_example_is_that_of_the_class_predicted(tmp_path):
    run = Run(tmp_path)
    is_yes = run.tune.labels == 1
    run.tune = run.tune.subset(np.sort([*np.flatnonzero(~is_yes), *np.flatnonzero(is_yes)[:15]]))
    single = run.examine()["example_confidence"].query("model == 'forest'")
    raw, calibrated = single["largest_probability"], single["calibrated_probability"]
    for predicted, side in (("yes", -1), ("no", 1)):  # the rare class loses, the other gains
        which = (single["predicted"] == predicted) & raw.between(0.5, 0.6)
        assert which.any() and (side * (calibrated - raw)[which] > 0).all()
    assert calibrated[which].min() >= 0.5 and calibrated.min() < 0.5


def test_what_is_fitted_does_not_change_with_the_test_labels(tmp_path):
    run = Run(tmp_path)
    before = run.examine()["example_confidence"]
    wrong = run.test.subset(np.arange(len(run.test)))
    wrong.examples = wrong.examples.assign(label=wrong.examples["label"].to_numpy()[::-1])
    after = run.examine(test=wrong)["example_confidence"]
    pd.testing.assert_frame_equal(before.drop(columns="label"), after.drop(columns="label"))


def test_a_planted_bad_batch_of_test_is_named(tmp_path):
    run = Run(tmp_path, n=600)
    changed = run.test.subset(np.arange(600))
    labels = changed.examples["label"].to_numpy().copy()
    in_batch = (changed.examples["batch"] == "b2").to_numpy()
    labels[in_batch] = np.random.default_rng(0).permutation(labels[in_batch])
    changed.examples = changed.examples.assign(label=labels)
    summary = run.examine(test=changed)["slice_summary"]
    for model in summary["models"]:
        assert "is worse in batch b2" in model["worst"][0]


@pytest.mark.parametrize(
    ("task", "columns"), [("binary", {"site"}), ("multilabel", {"a: site", "b: site"})]
)
def test_subgroups_of_test_are_scored_for_all_but_nuisance_baselines(tmp_path, task, columns):
    run = Run(tmp_path, task)
    for part in (run.train, run.tune, run.test):
        part.dataset = replace(part.dataset, subgroups={"site": "batch"})
    kinds = {"cnn": "network", "forest": "nuisance"}
    run.frozen["models"] = {n: one | {"kind": kinds[n]} for n, one in run.frozen["models"].items()}
    results = run.examine()
    table = results["subgroups"]
    assert set(table["model"]) == {"cnn"} and set(table["column"]) == columns
    assert set(table["subgroup"]) == set(run.test.examples["batch"])
    assert {"auprc", "false_negative_rate", "calibration_gap"} <= set(table["measure"])
    assert results["subgroup_summary"]["models"][0]["n_tested"] > 0
    write_table(tmp_path / "subgroups.tsv", table)
    write_json(tmp_path / "subgroups.json", results["subgroup_summary"])


def test_large_partitions_are_sampled_and_that_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(slices_of_parts, "MAX_EXAMPLES", 200)
    monkeypatch.setattr(slices_of_parts, "MIN_EXAMPLES", 50)
    results = Run(tmp_path).examine()
    notes = results["slice_summary"]["notes"]
    assert "Of tune, 200 of 300 examples" in notes[0] and "Of test" in notes[1]
    assert results["slices"].query("column == 'batch' and model == 'cnn'")["n"].sum() == 400
    assert len(results["example_confidence"]) == 2 * 300


def test_without_a_network_or_without_development_data_there_is_less(tmp_path):
    run = Run(tmp_path, chosen={"baseline": "forest"})
    results = run.examine()
    assert set(results["slices"]["model"]) == set(results["confidence"]["model"]) == {"forest"}
    assert not run.hidden
    assert run.examine(development=None) == {}


def test_groups_count_only_where_one_has_several_examples(tmp_path):
    part = make_partition(tmp_path, 3, "tabular")
    part.dataset = replace(part.dataset, has_group=True)
    part.examples = part.examples.assign(group=["b", "a", "b"])
    assert slices_of_parts.group_numbers(part).tolist() == [1, 0, 1]
    part.examples = part.examples.assign(group=["a", "b", "c"])
    assert slices_of_parts.group_numbers(part) is None
