"""Settings of intervals, tracks and negatives that contradict each other."""

from pathlib import Path

import pytest
import yaml

from deeprules_workflow.configuration import ConfigurationError, resolve

ROOT = Path(__file__).parents[2]
SOURCES = {
    "peaks": {"url": "a.bed", "format": "bed", "genome": "hg", "values": {"class": "bound"}},
    "hg": {"url": "hg.fa", "format": "genome"},
    "black": {"url": "b.bed", "format": "bed"},
}


def config(data, split=None, sources=SOURCES):
    """A configuration of these sources."""
    roles = {"modality": "sequence", "task": "binary", "label": "class", "positive": "bound"}
    return {
        "study": "config/examples/quartet_proteomics/study.yaml",
        "data": {**roles, **data, "sources": sources},
        "models": {"cnn": None},
        "split": split or {},
    }


def faults(made):
    """What is wrong with it."""
    with pytest.raises(ConfigurationError) as caught:
        resolve(made, ROOT)
    return caught.value.faults


FROM_GENOME = {"from": "genome"}
SHUFFLE = {"from": "dinucleotide_shuffle"}
"""The two ways that most faults are about."""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"negatives": {"ratio": 2}}, "data.negatives.from: is required"),
        ({"negatives": FROM_GENOME | {"class": "bound"}}, "`bound` is the positive class"),
        ({"negatives": {"from": "other_peaks"}}, "data.negatives.peaks: with `from: other_peaks`"),
        ({"negatives": FROM_GENOME | {"peaks": "black"}}, "data.negatives.peaks: with"),
        ({"negatives": FROM_GENOME | {"exclude": ["blac"]}}, "did you mean `black`?"),
        ({"negatives": FROM_GENOME, "task": "multiclass", "positive": None}, "only a binary task"),
        ({"negatives": {"from": "genom"}}, "did you mean `genome`?"),
        ({"blacklist": "hg"}, "data.blacklist: source `hg` must have the format `bed`"),
    ],
)
def test_contradictions_are_named(data, message):
    blacklist = {} if "blacklist" in data else {"blacklist": "black"}
    assert any(message in fault for fault in faults(config(blacklist | data)))


def test_shuffles_have_no_place_for_blocks():
    split = {"strategy": "chromosome", "block_size": 1000}
    found = faults(config({"negatives": SHUFFLE, "blacklist": "black"}, split))
    assert any("shuffles have no place" in fault for fault in found)


def test_windows_of_a_genome_need_intervals():
    fasta = {"ones": {"url": "a.fa", "format": "fasta", "values": {"class": "bound"}}}
    (fault,) = faults(config({"negatives": FROM_GENOME}, sources=fasta))
    assert "ones is not; take `dinucleotide_shuffle`" in fault
    assert resolve(config({"negatives": SHUFFLE}, sources=fasta), ROOT)


def test_a_track_needs_regions_with_a_genome():
    track = {"t": {"url": "t.bw", "format": "bigwig"}}
    regression = {"task": "regression", "label": "signal", "positive": None}
    (fault,) = faults(config(regression, sources=track))
    assert "data.sources.t.regions: is required" in fault
    track = {"t": track["t"] | {"regions": "black"}, "black": SOURCES["black"]}
    (fault,) = faults(config(regression, sources=track))
    assert "data.sources.black.genome: is required for regions" in fault


def test_regions_of_tracks_that_are_read_together_are_described_once():
    track = {"url": "t.bw", "format": "bigwig", "regions": "peaks", "values": {"batch": "one"}}
    peaks = {"url": "p.bed", "format": "bed", "genome": "hg"}
    several = {"t": track, "u": track, "peaks": peaks, "hg": SOURCES["hg"]}
    both = {"task": "multiregression", "label": "signal_*", "positive": None}
    found = faults(config(both, sources=several) | {"interpret": False})
    assert any("data.sources.u.values: its regions are read once, with" in one for one in found)


def test_a_shuffle_and_its_positive_are_one_group_and_the_seed_is_that_of_the_run():
    made = config({"negatives": SHUFFLE, "blacklist": "black"}) | {"seed": 7}
    resolved = resolve(made, ROOT)
    assert resolved["data"]["group"] == "drawn_from"
    assert resolved["data"]["negatives"]["seed"] == 7
    assert resolve(yaml.safe_load(yaml.safe_dump(resolved)), ROOT) == resolved
    resolved = resolve(config({"negatives": SHUFFLE, "group": "name", "blacklist": "black"}), ROOT)
    assert resolved["data"]["group"] == "name"
