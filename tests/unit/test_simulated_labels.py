"""Simulated sequences with several labels: each goes by its rule, and some are missing."""

import numpy as np
import pandas as pd
import pytest

from deeprules.errors import InputError
from deeprules.simulate.simulation import simulate

GIVEN = {
    **{"kind": "labels", "seed": None, "n": 1000, "length": 60, "labels": 2, "values": 1},
    **{"truth": "shared", "missing": 0.0, "positive_share": 0.4, "motif_length": 6},
    **{"motif_information": 2, "spacing": [4, 8], "label_noise": 0.0, "batches": 2},
}


def made(**changes):
    return simulate({**GIVEN, **changes}, 1)


def numbers(table):
    """Marks as 0 and 1, and levels, each a column."""
    marks = [table[name] == "yes" for name in ("mark_1", "mark_2")]
    return np.array([*marks, table["level_1"].astype(float)], dtype=float)


def test_shared_labels_hold_together_and_the_level_is_higher_there():
    table = made()
    one, two, level = numbers(table)
    assert (one == two).all() and one.mean() == 0.4
    low, high = level[one == 0], level[one == 1]
    assert low.mean() == pytest.approx(5, abs=0.2) and high.mean() == pytest.approx(7, abs=0.2)
    assert low.std() == pytest.approx(1, abs=0.1) and high.std() == pytest.approx(1, abs=0.1)


def test_labels_of_their_own_say_nothing_of_each_other():
    found = np.corrcoef(numbers(made(truth="own", length=90)))
    assert np.abs(found[~np.eye(3, dtype=bool)]).max() < 0.12


def test_marks_and_levels_are_missing_at_random_and_noise_is_each_ones_own():
    table = made(missing=0.5, label_noise=0.1)
    known = table[["mark_1", "mark_2", "level_1"]] != ""
    assert (
        known.mean().between(0.44, 0.56).all() and not (known["mark_1"] == known["level_1"]).all()
    )
    both = table[known["mark_1"] & known["mark_2"]]
    assert 0.1 < (both["mark_1"] != both["mark_2"]).mean() < 0.27


def test_values_change_nothing_of_the_sequences_and_marks():
    pd.testing.assert_frame_equal(
        made()[["id", "sequence", "mark_1", "mark_2"]],
        made(values=0)[["id", "sequence", "mark_1", "mark_2"]],
    )


def test_rules_that_do_not_fit_the_sequences_are_refused():
    with pytest.raises(InputError, match="the motifs of 3 rules take 60 bases but `length` is 50"):
        made(truth="own", length=50)
