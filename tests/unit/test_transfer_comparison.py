"""Pretrained models against their twins, with gains that are known."""

import numpy as np
import pytest

from deeprules.evaluate.comparison import comparison_table
from deeprules.evaluate.transfer_comparison import (
    TransferPair,
    transfer_outcome,
    transfer_pairs,
    transfer_record,
    transfer_sentence,
)
from deeprules.statistics.bootstrap import BootstrappedScores
from deeprules.statistics.intervals import Interval

MODELS = {
    "frozen": {"module": "kipoi_features", "way": "features", "twin_of": "kipoi_scratch"},
    "tuned": {"module": "kipoi_finetune", "way": "fine-tuned", "twin_of": "kipoi_scratch"},
    "scratch": {"module": "kipoi_scratch", "way": "", "twin_of": ""},
}
MODELS = {name: {**entry, "pretrained": "zoo"} for name, entry in MODELS.items()}


def scored(**values):
    """Scores of models; every interval reaches .02 to each side of the value of `scratch`."""
    ramp = np.linspace(-1, 1, 1001) * 0.02 * np.sqrt(3) / 1.96
    noise = {name: 0 if name == "scratch" else ramp for name in values}
    points = {name: [{"auprc": value}] for name, value in values.items()}
    return BootstrappedScores(
        points,
        {name: one[0] for name, one in points.items()},
        {(name, "mean"): {"auprc": value + noise[name]} for name, value in values.items()},
        dict.fromkeys(values, np.zeros(len(ramp), dtype=int)),
    )


def record(gain):
    (one,) = transfer_record(
        [TransferPair("zoo", "features", "frozen", "scratch", "kipoi_scratch")],
        scored(frozen=0.7 + gain, scratch=0.7),
        "auprc",
    )["pretrained"]
    return one


@pytest.mark.parametrize(
    ("gain", "outcome", "words"),
    [
        (0.1, "helps", "(`frozen`), helps: AUPRC on test differs by .100 [.080, .120]"),
        (0.01, "no gain shown", "(`frozen`), shows no gain: AUPRC on test differs by .010"),
        (-0.01, "no gain shown", "shows no gain: AUPRC on test differs by -.010 [-.030, .010]"),
        (-0.1, "hurts", "(`frozen`), hurts: AUPRC on test differs by -.100 [-.120, -.080]"),
    ],
)
def test_the_sentence_says_what_the_interval_shows(gain, outcome, words):
    found = record(gain)
    assert found["outcome"] == outcome
    assert words in found["sentence"]
    assert (found["difference"], found["lower"], found["upper"]) == pytest.approx(
        (gain, gain - 0.02, gain + 0.02), abs=1e-4
    )


def test_an_interval_that_ends_at_zero_or_is_not_defined_shows_no_gain():
    assert transfer_outcome(Interval(0.02, 0.0, 0.04, 1000)) == "no gain shown"
    assert transfer_outcome(Interval(-0.02, -0.04, 0.0, 1000)) == "no gain shown"
    assert transfer_outcome(Interval(0.02, np.nan, np.nan, 3)) == "no gain shown"


def test_each_way_is_paired_with_the_twin_of_the_same_pretrained_model():
    other = {"scratch2": {**MODELS["scratch"], "pretrained": "other"}}
    assert transfer_pairs(MODELS | other) == [
        TransferPair("zoo", "features", "frozen", "scratch", "kipoi_scratch"),
        TransferPair("zoo", "fine-tuned", "tuned", "scratch", "kipoi_scratch"),
    ]


def test_a_model_without_a_twin_is_told():
    pairs = transfer_pairs({"frozen": MODELS["frozen"]})
    (one,) = transfer_record(pairs, scored(frozen=0.8), "auprc")["pretrained"]
    assert one["outcome"] == "not compared" and one["difference"] is None
    assert "no model with module `kipoi_scratch`" in one["sentence"]


def test_no_pretrained_model_gives_an_empty_record():
    assert transfer_record(transfer_pairs({}), scored(cnn=0.8), "auprc") == {"pretrained": []}


def test_pairs_stand_in_the_comparison_beside_the_baselines():
    kinds = {"frozen": "network", "scratch": "network", "forest": "baseline"}
    values = scored(frozen=0.8, scratch=0.7, forest=0.75)
    values.ensembles.update({name: {"auprc": 0.5} for name in kinds})
    table = comparison_table(values, kinds, [("frozen", "scratch")])
    assert len(table) == 3
    row = table.iloc[-1]
    assert (row["network"], row["versus"], row["versus_kind"]) == ("frozen", "scratch", "network")
    assert row["difference"] == pytest.approx(0.1)


def test_a_sentence_names_the_pretrained_model_and_the_way():
    pair = TransferPair("zoo", "fine-tuned", "tuned", "scratch", "kipoi_scratch")
    sentence = transfer_sentence(pair, Interval(0.05, 0.02, 0.08, 1000), "auroc")
    assert sentence == (
        "Pretrained `zoo`, fine-tuned (`tuned`), helps: AUROC on test differs by .050 "
        "[.020, .080] from that of its twin without the pretrained weights, `scratch`."
    )
