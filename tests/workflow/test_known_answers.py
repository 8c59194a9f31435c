"""Simulated truths and what the workflow makes of them: verdicts, flags and levels that are known.

The table in docs/simulation_study.md says which test shows what.
"""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from projects import FOLDER, small_config, snakemake, write_project
from scipy import stats

from deeprules.audit.audit import COLUMNS, audit
from deeprules.data import Dataset
from deeprules.encoding import reverse_complement_letters
from deeprules.ingest.building import Outputs, build_dataset
from deeprules.ingest.missing_values import count_missing
from deeprules.simulate.simulation import simulate, write_gzipped
from deeprules.split.splits import split_examples
from deeprules.statistics.bootstrap import BootstrappedScores, choose_resampling, replicate_weights
from deeprules.statistics.metrics import weighted_scores
from deeprules_workflow.simulation_grid import Grid

ANSWERS = FOLDER / "docs" / "simulation_study.md"

SMALL = {
    "repeats": 1,
    "seed": 1,
    "run": {
        "split": {"shares": {"train": 0.6, "tune": 0.2, "test": 0.2}},
        "tuning": {"trials": 1, "max_epochs": 12, "patience": 4},
        "models": {
            "logistic_regression": None,
            "cnn": {
                "space": {
                    "blocks": 1, "kernel": 19, "strands": "as_given", "optimizer": "adam",
                    "dropout": 0.2, "augment_shift": 0, "batch_normalisation": False,
                }
            },
        },
        "fit": {"seeds": 1},
        "evaluation": {"bootstrap": 300},
    },
    "simulate": {"length": 40, "motif_length": 6, "motif_information": 2, "strand": "forward"},
    "conditions": {
        "spaced": {
            "n": [800],
            "simulate": {"truth": "grammar", "decoys": 1, "spacing": [2, 4]},
        },
        "additive": {
            "n": [1200],
            "simulate": {"truth": "additive", "length": 80, "effect": 2.5, "motif_seed": 0},
        },
        "batch": {
            "n": [400],
            "simulate": {"truth": "batch", "batch_confounding": 0.7, "gc": [0.35, 0.65]},
        },
        "noise": {"n": [400], "simulate": {"truth": "none"}},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Results of `snakemake simulation_study` on a small grid."""
    folder = tmp_path_factory.mktemp("study")
    ignored = shutil.ignore_patterns("__pycache__", ".*", "runs", "results", "tests")
    shutil.copytree(FOLDER, folder / "workflow", ignore=ignored)
    grid = folder / "workflow" / "config" / "simulation_study.yaml"
    grid.write_text(yaml.safe_dump(SMALL, sort_keys=False))
    write_project(folder / "project", small_config())
    result = snakemake(folder / "project", "simulation_study", workflow=folder / "workflow")
    assert result.returncode == 0, result.stdout[-5000:]
    return folder / "project" / "results" / "simulation_study"


@pytest.fixture(scope="module")
def verdicts(study):
    return pd.read_csv(study / "repeats.tsv", sep="\t").set_index("condition")


def test_a_spaced_motif_grammar_gives_the_verdict_to_the_network(verdicts):
    found = verdicts.loc["spaced"]
    assert found["verdict"] == "network", found["sentence"]
    assert found["network"] == "cnn"


def test_an_additive_truth_gives_the_network_no_lead(verdicts):
    found = verdicts.loc["additive"]
    assert found["verdict"] in ("baseline", "no_difference"), found["sentence"]
    assert found["baseline_score"] > found["nuisance_score"] + 0.02


def test_noise_withholds_the_verdict(verdicts):
    found = verdicts.loc["noise"]
    assert found["verdict"] == "withheld", found["sentence"]
    assert not found["confounded"]


def test_a_label_carried_by_batch_alone_is_flagged_and_withheld(verdicts):
    found = verdicts.loc["batch"]
    assert found["verdict"] == "withheld", found["sentence"]
    assert found["confounded"]
    assert found["nuisance_score"] > 0.65


def test_the_study_leaves_a_row_a_cell_and_a_figure(study):
    cells = pd.read_csv(study / "cells.tsv", sep="\t").set_index("condition")
    assert list(cells["cell"]) == ["spaced_n800", "additive_n1200", "batch_n400", "noise_n400"]
    assert (cells["agreement"] == 1).all()
    assert cells["confounded"].to_dict() == {"spaced": 0, "additive": 0, "batch": 1, "noise": 0}
    repeats = pd.read_csv(study / "repeats.tsv", sep="\t").set_index("condition")
    assert repeats.loc["spaced", "position_auroc"] >= 0.9
    assert repeats.loc[["batch", "noise"], "position_auroc"].isna().all()
    assert "<svg" in (study / "figure.svg").read_text()
    assert not list(study.rglob(".unfinished*"))


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    path = tmp_path_factory.mktemp("grid") / "grid.yaml"
    models = {"logistic_regression": {"space": {"kmer": 4}}}
    path.write_text(yaml.safe_dump({**SMALL, "run": {**SMALL["run"], "models": models}}))
    return Grid(path, FOLDER)


@pytest.mark.parametrize(("cell", "is_above"), [("noise_n400", False), ("additive_n1200", True)])
def test_noise_is_not_above_the_shuffled_control_and_a_signal_is(tmp_path, grid, cell, is_above):
    from deeprules.control import Terms
    from deeprules.controls.shuffled_labels import run, summarise
    from deeprules.data import Development
    from deeprules.fit.budget import Budget
    from deeprules.fit.candidates import Candidate
    from deeprules.fit.chosen_model import ChosenModel
    from deeprules.simulate.simulated_study import develop

    developed = develop(grid.cell(cell), 1, tmp_path)
    best = developed.best["logistic_regression"]
    candidate = Candidate.of("logistic_regression", best)
    development = Development(developed.train, developed.tune)
    terms = Terms(19, 1, "auprc", 0, repeats=19, frozen=developed.frozen)
    table = run(ChosenModel(candidate, best, Budget(1, 1)), development, terms)
    (found, _) = summarise(table, development, terms)[1]["entries"]
    assert (found["scheme"], found["is_better"]) == ("all", is_above), found["sentence"]


def test_a_grid_may_be_without_a_network(tmp_path, grid):
    from deeprules.simulate.simulated_study import run_repeat

    found = run_repeat(grid.cell("additive_n1200"), 1, tmp_path)
    assert (found["verdict"], found["network"], found["network_score"]) == ("baseline", None, None)
    assert found["baseline_score"] > found["nuisance_score"]


def planted_copies(rng, table, n):
    """The table with `n` of its sequences once more, half of them reversed, and their new ids."""
    rows = rng.choice(len(table), n, replace=False)
    copies = table.iloc[rows].assign(id=[f"copy_of_{name}" for name in table["id"].iloc[rows]])
    half = np.arange(n) % 2 == 0
    turned = [reverse_complement_letters(sequence) for sequence in copies["sequence"]]
    copies["sequence"] = np.where(half, turned, copies["sequence"])
    return pd.concat([table, copies], ignore_index=True), set(copies["id"])


def test_duplicates_across_a_random_split_are_all_found(tmp_path, grid):
    cell, rng = grid.cell("noise_n400"), np.random.default_rng(1)
    data = cell["data"]
    table, copies = planted_copies(rng, simulate(data["sources"]["drawn"]["simulate"], 1), 40)
    write_gzipped(table, tmp_path / "drawn.tsv.gz")
    names = ("examples.parquet", "features.npy", "dataset.json", "names.txt", "negatives.tsv")
    outputs = Outputs(*(tmp_path / name for name in names))
    build_dataset(data, {"drawn": tmp_path / "drawn.tsv.gz"}, outputs)
    examples, dataset = pd.read_parquet(outputs.examples), Dataset.load(outputs.dataset)

    def torn(partition):
        """Planted copies that lie in another partition than their original."""
        place = dict(zip(examples["id"], partition, strict=True))
        return {name for name in copies if place[name] != place[name.removeprefix("copy_of_")]}

    assert len(torn(rng.permutation(np.arange(len(examples)) % 3))) > 10
    columns = [column for column in COLUMNS if column in examples]
    policies = {"duplicates": "drop", "conflicts": "drop"}
    missing = count_missing(np.load(outputs.features))
    found = audit(examples[columns], dataset, missing, policies, "examples.parquet")
    assert set(found.keep["id"][~found.keep["keep"]]) == copies
    assert found.summary["n_duplicates"] == len(copies)
    # Also where they are kept, a split never takes a copy from its original.
    assert not torn(split_examples(examples, dataset, cell["split"], 1).assignment["partition"])


def equal_models(labels, seed):
    """Bootstrapped scores of two models that are equally good and partly alike."""
    common, *own = np.random.default_rng([1, seed]).normal(size=(3, len(labels)))
    resampling = choose_resampling("binary", labels)
    points, replicates = {}, {}
    for name, noise in zip(("network", "baseline"), own, strict=True):
        positive = stats.norm.cdf(labels - 0.5 + 0.7 * (common + noise))
        score = weighted_scores("binary", labels, np.column_stack([1 - positive, positive]))
        points[name] = [{key: value[0] for key, value in score(np.ones((1, len(labels)))).items()}]
        drawn = replicate_weights(resampling, 300, np.random.default_rng(seed))
        replicates[name, "mean"] = score(np.concatenate([weights for _, weights in drawn]))
    fits = dict.fromkeys(points, np.zeros(300, dtype=int))
    sizes = resampling.n_units, resampling.fewest
    return BootstrappedScores(points, {}, replicates, fits, *sizes)


def test_under_the_null_the_paired_bootstrap_rejects_one_time_in_twenty():
    labels = np.arange(300) % 2
    rejected = {metric: [] for metric in ("auroc", "auprc", "mcc", "brier")}
    for run in range(200):
        scored = equal_models(labels, run)
        for metric, found in rejected.items():
            gain = scored.gain("network", "baseline", metric)
            found.append(gain.lower > 0 or gain.upper < 0)
    for metric, found in rejected.items():
        assert 0.02 <= np.mean(found) <= 0.08, metric


def test_every_row_of_the_table_of_known_answers_names_a_test_that_is_there():
    section = ANSWERS.read_text().split("## Known answers")[1]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 7
    for row in rows:
        named = re.findall(r"`(test_\w+\.py): (test_\w+)`", row)
        assert named, row
        for file, test in named:
            (path,) = Path(FOLDER / "tests").rglob(file)
            assert f"def {test}(" in path.read_text(), row
