"""Intervals are cut out of the genome in one width; nothing is padded, and places are true."""

import numpy as np
import pytest
from source_files import build, build_refusal, write

from deeprules.encoding import LETTERS, decode, reverse_complement_letters

ROLES = {"label": "kind", "positive": "a"}
RNG = np.random.default_rng(3)
CHROMOSOMES = {f"chr{i}": "".join(RNG.choice(list("ACGT"), 400)) for i in (1, 2)}


def sources(tmp_path, a, b=("chr2 100 110",), **settings):
    """Two sources of intervals, and the genome."""
    genome = "".join(f">{name}\n{bases}\n" for name, bases in CHROMOSOMES.items())
    entries = {"hg": {"url": str(write(tmp_path / "hg.fa", genome)), "format": "genome"}}
    for name, lines in (("a", a), ("b", b)):
        path = write(tmp_path / f"{name}.bed", "".join(f"{line}\n" for line in lines))
        entries[name] = {"url": str(path), "format": "bed", "genome": "hg"}
        entries[name] |= {"values": {"kind": name}, **settings}
    return entries


def check_places(built):
    """Each row of codes is what the genome has at the place that the table names."""
    examples = built.examples
    strands = examples["strand"] if "strand" in examples else ["+"] * len(examples)
    places = zip(examples["chromosome"], examples["start"], examples["end"], strands, strict=True)
    for codes, (chromosome, start, end, strand) in zip(built.features, places, strict=True):
        bases = CHROMOSOMES[chromosome][start:end]
        assert decode(codes) == (reverse_complement_letters(bases) if strand == "-" else bases)


def starts(built):
    return built.examples["start"].tolist()


def test_intervals_of_one_width_stay_as_they_are(tmp_path):
    built = build(tmp_path, sources(tmp_path, ["chr1 0 10", "chr1 390 400"]), **ROLES)
    assert starts(built) == [0, 390, 100]
    assert built.facts["intervals"]["resized"] == 0 and built.facts["notes"] == []
    check_places(built)


def test_places_of_one_base_need_a_width(tmp_path):
    places = sources(tmp_path, ["chr1 20 21", "chr1 39 40"], ["chr2 100 101"])
    assert "most intervals have 1 base" in build_refusal(tmp_path, places, **ROLES)
    built = build(tmp_path, places, **ROLES, intervals={"width": 9})
    assert starts(built) == [16, 35, 96] and built.features.shape == (3, 9)


def test_width_tells_nothing_once_windows_are_cut(tmp_path):
    a = [f"chr1 {start} {start + width}" for start, width in ((100, 18), (200, 48), (150, 30))]
    built = build(tmp_path, sources(tmp_path, a, ["chr2 100 120"] * 5), **ROLES, duplicates="keep")
    assert built.features.shape == (8, 20) and not (built.features == 0).any()
    assert built.examples["given_width"].tolist() == [18, 48, 30] + [20] * 5
    assert set(built.examples["raw_length"]) == {20}
    assert starts(built)[:3] == [99, 214, 155]
    assert "3 of 8 intervals (18 to 48 bases) were brought to 20 bases" in built.facts["notes"][0]
    check_places(built)


@pytest.mark.parametrize(
    ("intervals", "length", "width"),
    [
        ({}, {}, 10),
        ({"width": 15}, {}, 15),
        ({}, {"bases": 16}, 16),
        ({}, {"bases": 16, "policy": "pad"}, 16),
        ({}, {"policy": "pad"}, 10),
        ({}, {"policy": "crop"}, 10),
    ],
)
def test_the_width_is_the_one_asked_for_or_the_median(tmp_path, intervals, length, width):
    found = sources(tmp_path, ["chr1 50 58", "chr1 100 140"])
    built = build(tmp_path, found, intervals=intervals, length=length, **ROLES)
    assert built.features.shape == (3, width) and (built.features > 0).all()
    check_places(built)


def test_windows_are_shifted_at_the_ends_of_a_chromosome(tmp_path):
    a = ["chr1 0 4", "chr1 396 400", "chr1 5 9"]
    built = build(tmp_path, sources(tmp_path, a), intervals={"width": 20}, **ROLES)
    assert starts(built) == [0, 380, 0, 95]
    assert any("3 of 4 intervals lie so near to an end" in note for note in built.facts["notes"])
    check_places(built)


def test_a_chromosome_shorter_than_the_window_is_refused_with_the_line(tmp_path):
    message = build_refusal(
        tmp_path, sources(tmp_path, ["chr1 0 10"]), intervals={"width": 500}, **ROLES
    )
    assert "row 1, column 'chromosome': chr1 has 400 bases, fewer than the 500" in message


@pytest.mark.parametrize("strand", ["+", "-"])
def test_the_start_is_the_five_prime_end_in_the_middle_of_the_window(tmp_path, strand):
    a = [f"chr1 100 130 n 0 {strand}"]
    b = ["chr2 100 110 n 0 +"]
    intervals = {"width": 11, "centre": "start"}
    built = build(tmp_path, sources(tmp_path, a, b), intervals=intervals, **ROLES)
    first = CHROMOSOMES["chr1"][100] if strand == "+" else CHROMOSOMES["chr1"][129]
    expected = first if strand == "+" else reverse_complement_letters(first)
    assert LETTERS[built.features[0][5]] == expected
    check_places(built)


def test_summits_of_a_narrow_peak_file(tmp_path):
    peak = "chr1 100 160 p 9 . 1 2 3 {}"
    a = [peak.format(summit) for summit in (0, 50, -1)]
    intervals = {"width": 10, "centre": "summit"}
    built = build(tmp_path, sources(tmp_path, a), intervals=intervals, **ROLES)
    assert starts(built) == [95, 145, 125, 100]
    assert any("2 of 4 intervals have no summit" in note for note in built.facts["notes"])
    check_places(built)
    a = [peak.format(summit) for summit in (60, "x")]
    message = build_refusal(tmp_path, sources(tmp_path, a), intervals=intervals, **ROLES)
    assert "row 1, column 'summit': '60' is no place in an interval of 60 bases" in message
    assert "row 2, column 'summit': 'x'" in message


def test_summits_must_be_somewhere(tmp_path):
    intervals = {"centre": "summit"}
    message = build_refusal(tmp_path, sources(tmp_path, ["chr1 1 9"]), intervals=intervals, **ROLES)
    assert "data.intervals.centre" in message and "no source has a column of summits" in message
    named = sources(tmp_path, ["chr1 1 9 4"], ["chr2 1 9 0"], columns={"summit": "name"})
    built = build(tmp_path, named, intervals=intervals, **ROLES)
    assert starts(built) == [1, 0]


def test_windows_are_not_padded_to_the_length_of_other_sequences(tmp_path):
    found = sources(tmp_path, ["chr1 50 60"])
    fasta = write(tmp_path / "c.fa", ">x\nACGTACGTACGTACGT\n")
    found["c"] = {"url": str(fasta), "format": "fasta", "values": {"kind": "b"}}
    message = build_refusal(tmp_path, found, length={"policy": "pad"}, **ROLES)
    assert "windows of 10 bases, where other sequences have 16" in message
    assert "`width: 16` in data.intervals" in message
    built = build(tmp_path, found, length={"policy": "pad"}, intervals={"width": 16}, **ROLES)
    assert (built.features > 0).all()
