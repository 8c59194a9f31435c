"""Test sets that are too small for a verdict, and those that are just large enough."""

import numpy as np
import pytest
from test_comparison import compared

from deeprules.evaluate.smallest_test import (
    MIN_GROUPS_OF_A_CLASS,
    MIN_OF_A_CLASS,
    MIN_VALUES,
    too_small,
)
from deeprules.evaluate.verdict import verdict_record
from deeprules.statistics.bootstrap import choose_resampling


def held_out(task, scarce, grouped):
    """Labels and groups of five, with so many units of the scarcest class, or of values."""
    units = np.arange(scarce if task == "regression" else scarce + 60)
    labels = units.astype(float) if task == "regression" else (units < scarce).astype(int)
    if not grouped:
        return labels, None
    return np.repeat(labels, 5), np.repeat(units, 5)


@pytest.mark.parametrize(
    ("task", "grouped", "least"),
    [
        ("binary", False, MIN_OF_A_CLASS),
        ("multiclass", False, MIN_OF_A_CLASS),
        ("binary", True, MIN_GROUPS_OF_A_CLASS),
        ("regression", False, MIN_VALUES),
        ("regression", True, MIN_VALUES),
    ],
)
def test_a_verdict_takes_a_smallest_number_of_units(task, grouped, least):
    for scarce, words in ((2, "only 2 "), (least - 1, f"only {least - 1} "), (least, "")):
        labels, groups = held_out(task, scarce, grouped)
        found = too_small(task, choose_resampling(task, labels, groups))
        assert words in found and bool(found) == bool(words)
        assert not found or f"at least {least}" in found


def test_many_examples_of_few_groups_are_too_few():
    groups = np.repeat(np.arange(6), 100)
    found = too_small("binary", choose_resampling("binary", np.arange(600) % 2, groups))
    assert "only 6 groups with its scarcest class" in found


def test_it_withholds_the_verdict_and_says_so_once():
    comparison = compared({"cnn": 0.9, "forest": 0.8}, network="cnn", baseline="forest")
    object.__setattr__(comparison, "too_small", "the test set has only 1 example")
    verdict = verdict_record(comparison)
    assert verdict["verdict"] == "withheld"
    assert verdict["sentence"] == "No verdict: the test set has only 1 example."
