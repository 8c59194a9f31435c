"""Scores that are too good to be believed unseen."""

import pytest
from test_comparison import known_scores

from deeprules.evaluate.near_perfect import near_perfect_cautions

KINDS = {"cnn": "network", "forest": "baseline", "gc": "nuisance"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cnn": 0.9, "forest": 0.8, "gc": 0.5}, ""),
        ({"cnn": 0.99, "forest": 0.99, "gc": 0.5}, ""),
        ({"cnn": 0.7, "forest": 1.0, "gc": 0.5}, "best other model .700"),
        ({"cnn": 1.0, "forest": 1.0, "gc": 0.5}, "(2 of 3 models). The question may be that easy"),
        ({"cnn": 1.0, "forest": 0.98, "gc": 0.5}, "(1 of 3 models). The question may be that easy"),
    ],
)
def test_a_score_near_perfect_is_questioned(values, words):
    found = near_perfect_cautions(known_scores(values), KINDS, "auprc")
    assert len(found) == bool(words)
    for caution in found:
        assert words in caution.sentence and "before you believe it" in caution.sentence
        assert not caution.withholds


def test_a_model_alone_is_asked_what_only_it_reads():
    kinds = {"cnn": "network", "forest": "baseline"}
    found = near_perfect_cautions(known_scores({"cnn": 0.7, "forest": 1.0}), kinds, "auprc")
    assert "`forest` scores AUPRC 1.000" in found[0].sentence
    assert "the label itself" in found[0].sentence
