"""Values of a track over regions: what is summed up, what has no value, and what is no track."""

import numpy as np
import pyBigWig
import pytest
from source_files import build, build_refusal, write

LETTERS = "ACGTTGCAAC" * 12
REGIONS = [("chr1", 0, 10), ("chr1", 8, 18), ("chr1", 20, 30), ("chr2", 0, 10)]
REGRESSION = {"task": "regression", "label": "signal"}


def write_track(path, entries, sizes=(("1", 120), ("chr2", 120))):
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(sizes))
        for name, start, end, value in entries:
            file.addEntries([name], [start], ends=[end], values=[value])
    return path


@pytest.fixture
def made(tmp_path):
    (tmp_path / "out").mkdir()
    write(tmp_path / "genome.fa", f">chr1\n{LETTERS}\n>chr2\n{LETTERS}\n")
    write(tmp_path / "r.bed", "".join("\t".join(map(str, one)) + "\n" for one in REGIONS))
    write_track(tmp_path / "t.bw", [("1", 0, 5, 4.0), ("1", 5, 12, 2.0), ("chr2", 0, 10, 1.0)])
    return tmp_path


def sources(folder, track="t.bw", **settings):
    return {
        "t": {"url": folder / track, "format": "bigwig", "regions": "r", **settings},
        "r": {"url": folder / "r.bed", "format": "bed", "genome": "g"},
        "g": {"url": folder / "genome.fa", "format": "genome"},
    }


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [3.0, 0.8, 0.0, 1.0]),
        ({"summary": "max"}, [4.0, 2.0, 0.0, 1.0]),
        ({"summary": "log1p_sum"}, np.log1p([30.0, 8.0, 0.0, 10.0])),
        ({"uncovered": "ignore"}, [3.0, 2.0, 1.0]),
    ],
)
def test_a_label_of_each_region(made, settings, expected):
    built = build(made / "out", sources(made, **settings), **REGRESSION)
    assert built.examples["label"].tolist() == pytest.approx(list(expected))
    assert built.features.shape == (len(expected), 10)
    assert set(built.examples["source"]) == {"t"} and built.examples["id"][0] == "t:1"
    reason = "they are without a value in the track (uncovered)"
    assert built.left_out == ({("t", reason): 1} if "uncovered" in settings else {})


def test_windows_are_what_is_summed_up(made):
    built = build(made / "out", sources(made), intervals={"width": 4}, **REGRESSION)
    assert built.examples["label"].tolist() == [3.0, 0.5, 0.0, 1.0]
    assert built.examples["given_width"].tolist() == [10] * 4


def test_bases_without_a_value_may_be_refused(made):
    message = build_refusal(made / "out", sources(made, uncovered="error"), **REGRESSION)
    assert "row chr1:20-30, column 'signal': 10 of 10 bases have no value" in message
    assert "Set `uncovered: zero` or `ignore`" in message and "1 problem " in message


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.99])
def test_a_truncated_track_is_one_error(made, share):
    whole = (made / "t.bw").read_bytes()
    (made / "short.bw").write_bytes(whole[: int(share * len(whole))])
    message = build_refusal(made / "out", sources(made, "short.bw"), **REGRESSION)
    assert "1 problem" in message and "short.bw is cut short" in message
    assert "Delete the file and download it again" in message


def test_what_is_no_track_or_one_of_another_genome(made):
    message = build_refusal(made / "out", sources(made, "r.bed"), **REGRESSION)
    assert "r.bed is no bigWig file" in message
    write_track(made / "a.bw", [("X", 0, 5, 4.0)], sizes=[("X", 100)])
    message = build_refusal(made / "out", sources(made, "a.bw"), **REGRESSION)
    assert "it has none of the chromosomes of its regions, chr1, chr2" in message
    assert "this one has X" in message
    write_track(made / "b.bw", [("1", 0, 5, 4.0)], sizes=[("1", 25)])
    message = build_refusal(made / "out", sources(made, "b.bw"), **REGRESSION)
    assert "1 has 25 bases in it, but a region ends at 30" in message
    write_track(made / "c.bw", [("1", 0, 5, -4.0)])
    message = build_refusal(made / "out", sources(made, "c.bw", summary="log1p_sum"), **REGRESSION)
    assert "which has no log1p. Set `summary: mean`" in message


def test_a_chromosome_without_values_is_uncovered_and_told(made):
    write_track(made / "a.bw", [("1", 0, 30, 4.0)], sizes=[("1", 100)])
    built = build(made / "out", sources(made, "a.bw"), **REGRESSION)
    assert built.examples["label"].tolist() == [4.0, 4.0, 4.0, 0.0]
    assert any("a.bw has no values on chr2" in note for note in built.facts["notes"])


def test_tracks_over_the_same_regions_are_labels_of_each(made):
    write_track(made / "u.bw", [("1", 0, 8, 7.0), ("1", 10, 18, 9.0)])
    several = sources(made, uncovered="ignore")
    second = {"url": made / "u.bw", "format": "bigwig", "regions": "r"}
    several["u"] = {**second, "summary": "max", "uncovered": "ignore"}
    built = build(made / "out", several, task="multiregression", label="signal_*")
    assert built.facts["labels"] == ["signal_t", "signal_u"]
    values = built.examples[["label_signal_t", "label_signal_u"]]
    expected = [[3.0, 7.0], [2.0, 9.0], [1.0, np.nan]]
    assert np.array_equal(values, expected, equal_nan=True)
    assert set(built.examples["source"]) == {"t"} and built.features.shape == (3, 10)
    reason = "they are without a value in the track (uncovered)"
    assert built.left_out == {("t", reason): 1}
    several["u"]["uncovered"] = "error"
    message = build_refusal(made / "out", several, task="multiregression", label="signal_*")
    assert "u.bw: 4 times, row chr1:0-10, column 'signal_u': 2 of 10 bases have no" in message
