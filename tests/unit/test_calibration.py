"""A few rows of the shipped calibration on fewer simulations, and what its tables say of all.

The simulation is tests/calibration/simulate.py.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deeprules.evaluate.smallest_test import (
    MIN_GROUPS_OF_A_CLASS,
    MIN_OF_A_CLASS,
    MIN_VALUES,
)

FOLDER = Path(__file__).parents[2]
MIN_SIZES = {
    ("binary", "example"): MIN_OF_A_CLASS,
    ("binary", "group"): MIN_GROUPS_OF_A_CLASS,
    ("regression", "example"): MIN_VALUES,
    ("regression", "group"): MIN_VALUES,
}
SIMULATIONS = 60


@pytest.fixture(scope="module")
def simulate():
    path = FOLDER / "tests" / "calibration" / "simulate.py"
    found = importlib.util.spec_from_file_location("simulate_calibration", path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def shipped(name: str) -> pd.DataFrame:
    """Rows of a shipped table for test sets that may carry a verdict."""
    path = FOLDER / "resources" / "calibration" / f"{name}.tsv"
    if not path.exists():
        pytest.skip("a new project is without these results")
    table = pd.read_csv(path, sep="\t")
    least = [MIN_SIZES[key] for key in zip(table["task"], table["unit"], strict=True)]
    return table[table["scarce"] >= least]


@pytest.mark.parametrize(
    "row",
    [("binary", 10, 81), ("binary", 8, 8, True), ("regression", 20)],
    ids=str,
)
def test_at_chance_a_verdict_is_wrong_in_one_run_of_twenty_at_most(simulate, row):
    design = simulate.Design(*row)
    results = [simulate.verdicts_at_chance(design, seed) for seed in range(SIMULATIONS)]
    for found in simulate.chance_rows(design, results):
        assert found["not_withheld"] <= 0.05 and found["beats_constant"] <= 0.12, found


@pytest.mark.parametrize(("scarce", "other", "skill"), [(30, 30, 0), (30, 270, 1), (50, 50, 2.5)])
def test_intervals_cover_the_truth(simulate, scarce, other, skill):
    """The percentile interval of AUPRC missed it in 6 to 12% of these runs, on one side alone."""
    design = simulate.Design("binary", scarce, other, False, skill)
    results = [simulate.intervals(design, seed) for seed in range(SIMULATIONS)]
    for found in simulate.coverage_rows(design, results):
        assert found["covered"] >= 0.87, found


def test_the_shipped_table_has_no_size_with_many_wrong_verdicts_at_chance():
    table = shipped("chance")
    assert (table["not_withheld"] <= 0.05).all()
    assert (table["network"] <= 0.025).all()
    assert set(zip(table["task"], table["unit"], strict=True)) == set(MIN_SIZES)


def test_the_shipped_table_covers_from_thirty_units_on():
    table = shipped("coverage")
    large = table[table["scarce"] >= 30]
    error = 3 * np.sqrt(0.93 * 0.07 / large["simulations"])
    assert (large["covered"] >= 0.93 - error).all()
    assert (large["covered"] >= 0.93).mean() > 0.9
    assert 0.94 <= large["covered"].mean() <= 0.97
