"""The grid of the simulation study: complete cells, and one clear message for what is wrong."""

import copy
from pathlib import Path

import pandas as pd
import pytest
import yaml

from deeprules.simulate.expected_verdicts import expected_verdict
from deeprules_workflow.configuration import ConfigurationError
from deeprules_workflow.simulation_grid import Grid

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "config" / "simulation_study.yaml"
RESULTS = ROOT / "resources" / "simulation_study"

CONTENT = {
    "repeats": 2,
    "seed": 1,
    "run": {"tuning": {"trials": 3}, "models": {"logistic_regression": None, "cnn": None}},
    "simulate": {"length": 60},
    "conditions": {
        "weak": {"n": [50, 100], "simulate": {"motif_information": 1}},
        "noise": {"n": [50], "simulate": {"truth": "none"}},
    },
}


def grid(folder, changes=(), content=CONTENT):
    """The grid of `content` with the value at each path of keys replaced."""
    content = copy.deepcopy(content)
    for path, value in changes:
        *parents, key = path.split(".")
        place = content
        for parent in parents:
            place = place[parent]
        place[key] = value
    path = folder / "grid.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return Grid(path, ROOT)


def simulation(cell):
    return cell["data"]["sources"]["drawn"]["simulate"]


def test_a_cell_is_a_condition_with_a_number_of_examples(tmp_path):
    found = grid(tmp_path)
    assert found.names == ["weak_n50", "weak_n100", "noise_n50"]
    cell = found.cell("weak_n100")
    drawn = simulation(cell)
    assert (drawn["n"], drawn["length"], drawn["motif_information"]) == (100, 60, 1)
    assert drawn["truth"] == "grammar"
    assert cell["tuning"]["trials"] == 3 and cell["tuning"]["objective"] == "auprc"
    assert {name: model["kind"] for name, model in cell["models"].items()} == {
        "logistic_regression": "baseline", "cnn": "network",
        "majority_class": "nuisance", "composition": "nuisance", "metadata": "nuisance",
    }  # fmt: skip


def test_the_modules_that_cells_find_by_name_are_those_of_their_models(tmp_path):
    small = {"small": {"module": "cnn"}, "naive_bayes": None}
    assert grid(tmp_path, [("run.models", small)]).plugins == [
        "baselines.composition", "baselines.majority_class", "baselines.metadata",
        "baselines.naive_bayes", "networks.cnn",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("repeat", 3, "unknown key `repeat`"),
        ("repeats", 0, "repeats: must be 1 or more"),
        ("seed", "one", "seed: must be a number"),
        ("run.data", {}, r"run.data: a grid has only the sections split"),
        ("conditions", {}, "conditions: name at least one"),
        ("conditions.weak", {"n": [50]}, r"conditions.weak: must be a mapping with the keys n"),
        ("conditions.weak.n", 50, r"conditions.weak.n: must be a list of whole numbers"),
        ("conditions.weak.simulate", {"n": 5}, r"conditions.weak.simulate: .* without n"),
        ("conditions.Weak", {}, "conditions.Weak: a name has small letters"),
    ],
)
def test_a_file_that_is_no_grid_is_refused(tmp_path, path, value, message):
    with pytest.raises(ConfigurationError, match=message):
        grid(tmp_path, [(path, value)])


def test_a_condition_of_a_name_that_stands_already_is_refused(tmp_path):
    (tmp_path / "grid.yaml").write_text("conditions:\n  weak: {}\n  weak: {}\n")
    with pytest.raises(ConfigurationError, match="line 3: the key `weak` stands in line 2"):
        Grid(tmp_path / "grid.yaml", ROOT)


def test_what_is_wrong_in_a_cell_names_the_cell_and_the_key(tmp_path):
    found = grid(tmp_path, [("simulate.lenght", 60), ("run.models.perceptron", None)])
    with pytest.raises(ConfigurationError, match="cell noise_n50") as error:
        found.cell("noise_n50")
    assert "did you mean `length`" in str(error.value)
    assert "perceptron" in str(error.value)


EXPECTED = {
    "order_and_spacing": "network",
    "order_and_spacing_weak_motifs": "network",
    "order_and_spacing_noisy_labels": "network",
    "order_and_spacing_few_positives": "network",
    "order_and_spacing_batch_confounded": "network",
    "count_only": "baseline",
    "count_only_weak_motifs": "open",
    "batch_alone": "withheld",
    "noise": "withheld",
}


def test_the_shipped_grid_is_sound_and_its_truths_are_those_it_is_meant_for():
    shipped = Grid(SHIPPED, ROOT)
    found = {}
    for name in shipped.names:
        condition = name.rpartition("_n")[0]
        if condition not in found:
            found[condition] = expected_verdict(simulation(shipped.cell(name)))
    assert found == EXPECTED


@pytest.mark.skipif(not RESULTS.exists(), reason="a new project is without these results")
def test_the_shipped_results_are_those_of_the_shipped_grid():
    shipped = Grid(SHIPPED, ROOT)
    cells = pd.read_csv(RESULTS / "cells.tsv", sep="\t")
    assert set(cells["cell"]) <= set(shipped.names)
    assert (cells["repeats"] == shipped.repeats).all()
    for condition, expected in zip(cells["condition"], cells["expected"], strict=True):
        assert expected == EXPECTED[condition]
