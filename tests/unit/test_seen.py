"""What stands for a figure where it is not seen says what is found in it."""

import pandas as pd
import pytest

from deeprules.report import seen
from deeprules.report.figures import Figure
from deeprules.report.section import Check, Section


def test_the_text_for_a_figure_says_the_finding_and_not_how_to_read_it():
    read = {"title": "Scores", "file": "a.tsv", "caption": "Dots are models.", "choices": {}}
    assert Figure(**read, finding="`cnn` is best.").alt == "Scores. cnn is best."
    assert Figure(**read).alt == "Scores. Dots are models."


def test_a_figure_without_a_finding_of_its_own_has_those_of_its_section():
    drawn = {"a": Figure("A", "a.tsv", "Read it.", {"": None})}
    section = Section("S", findings=[Check(1, "pass", "It is so.")], figures=drawn)
    assert section.figures["a"].alt == "A. It is so."


def test_gains_are_those_of_the_first_network_the_least_first():
    table = pd.DataFrame(
        [
            ("cnn", "random_forest", "auprc", 0.2),
            ("cnn", "ridge", "auprc", -0.01),
            ("cnn", "ridge", "mcc", 0.5),
            ("mlp", "ridge", "auprc", 0.3),
        ],
        columns=["network", "versus", "metric", "difference"],
    )
    assert seen.gains_seen(table, "auprc") == "Gain in AUPRC over ridge -.010, random forest .200."


def test_the_share_of_each_class_that_is_found():
    table = pd.DataFrame(
        [("cnn", "a", "a", 3), ("cnn", "a", "b", 1), ("cnn", "b", "a", 0), ("cnn", "b", "b", 5)],
        columns=["model", "true", "predicted", "n"],
    )
    assert seen.confusion_seen(table) == "cnn finds 75% of a, cnn finds 100% of b."
    withheld = table.assign(n=[3, None, 0, 5])
    assert seen.confusion_seen(withheld) == "cnn finds 100% of b.", "a small count was not shown"


def test_the_covariate_that_goes_most_with_a_component():
    table = pd.DataFrame(
        [("PC1", "label", 0.1, 0.2), ("PC2", "batch", 0.4, 0.005), ("PC3", "batch", None, None)],
        columns=["component", "covariate", "variance_share", "p_value"],
    )
    words = "Most goes with batch: 40% of the variance of PC2 (p 0.005)."
    assert seen.association_seen(table) == words
    for without in (table.iloc[2:], table.iloc[:0], pd.DataFrame()):
        assert seen.association_seen(without) == ""


@pytest.mark.parametrize("known", [True, False])
def test_the_epoch_of_the_lowest_loss(known):
    table = pd.DataFrame({"model": "cnn", "seed": "1", "epoch": [1, 2, 3]})
    table["val_loss"] = [0.5, 0.25, 0.3] if known else [None] * 3
    words = "Lowest loss on tune of cnn, seed 1: .250 in epoch 2 of 3."
    assert seen.losses_seen(table) == (words if known else "")


def test_gaps_the_largest_first():
    table = pd.DataFrame({"model": ["cnn", "ridge"], "gap": [0.05, 0.3]})
    words = "AUPRC on train above that on tune: ridge .300, cnn .050."
    assert seen.gaps_seen(table, "auprc") == words
