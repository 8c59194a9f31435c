"""Sequences become codes of one length, with hashes of their content."""

import numpy as np
import pytest
from source_files import build, build_refusal, write

from deeprules.encoding import decode, encode, reverse_complement_letters
from deeprules.ingest.dataset_files import row_hashes

LABELS = {"label": "label", "positive": "1"}


def source(tmp_path, *sequences, name="t.csv"):
    """A table with these sequences, labelled 0 and 1 in turn."""
    rows = "".join(f"s{i},{text},{i % 2}\n" for i, text in enumerate(sequences))
    path = write(tmp_path / name, "id,sequence,label\n" + rows)
    return {"t": {"url": str(path), "format": "table"}}


def rows(built) -> list[str]:
    return [decode(codes) for codes in built.features]


def test_equal_lengths_are_kept(tmp_path):
    built = build(tmp_path, source(tmp_path, "ACGT", "TTTT"), **LABELS)
    assert rows(built) == ["ACGT", "TTTT"]
    assert built.features.dtype == np.uint8
    assert built.examples["raw_length"].tolist() == [4, 4]
    assert built.feature_names == []


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ({"policy": "crop", "anchor": "start"}, ["ACG", "GGA", "TTT"]),
        ({"policy": "crop", "anchor": "center"}, ["CGT", "GAC", "TTT"]),
        ({"policy": "crop", "anchor": "end"}, ["GTA", "ACC", "TTT"]),
        ({"policy": "crop", "bases": 2, "anchor": "start"}, ["AC", "GG", "TT"]),
        ({"policy": "pad", "anchor": "start"}, ["ACGTA", "GGACC", "TTT--"]),
        ({"policy": "pad", "anchor": "center"}, ["ACGTA", "GGACC", "-TTT-"]),
        ({"policy": "pad", "anchor": "end"}, ["ACGTA", "GGACC", "--TTT"]),
        ({"policy": "pad", "bases": 6, "anchor": "center"}, ["ACGTA-", "GGACC-", "-TTT--"]),
        ({"policy": "crop_or_pad", "bases": 4, "anchor": "start"}, ["ACGT", "GGAC", "TTT-"]),
        ({"policy": "crop_or_pad", "bases": 4, "anchor": "end"}, ["CGTA", "GACC", "-TTT"]),
    ],
)
def test_length_policies(tmp_path, length, expected):
    built = build(tmp_path, source(tmp_path, "ACGTA", "GGACC", "TTT"), length=length, **LABELS)
    assert rows(built) == expected
    facts = built.facts["length"]
    assert facts["bases"] == built.facts["n_features"] == len(expected[0])
    assert (facts["shortest"], facts["longest"]) == (3, 5)
    assert facts["cropped"] == sum(n > len(expected[0]) for n in (5, 5, 3))
    assert facts["padded"] == sum(n < len(expected[0]) for n in (5, 5, 3))
    assert built.examples["raw_length"].tolist() == [5, 5, 3]


@pytest.mark.parametrize(
    ("length", "message"),
    [
        (
            {},
            "row 3 (s1), column 'sequence': 1 of 3 sequences are not of 4 bases, the first here "
            "with 2. Lengths are 2 to 4, the median 4, half of them 2 to 4. Set data.length: `pol",
        ),
        ({"bases": 5}, "row 2 (s0), column 'sequence': 3 of 3 sequences are not of 5 bases"),
        (
            {"policy": "crop", "bases": 3},
            "1 of 3 sequences are not of 3 bases, the first here with 2",
        ),
        (
            {"policy": "pad", "bases": 3},
            "2 of 3 sequences are not of 3 bases, the first here with 4",
        ),
    ],
)
def test_lengths_that_the_policy_does_not_allow_are_refused(tmp_path, length, message):
    sources = source(tmp_path, "ACGT", "AC", "GGGG")
    assert message in build_refusal(tmp_path, sources, length=length, **LABELS)


def test_letters_are_read_in_any_case_and_counted(tmp_path):
    built = build(tmp_path, source(tmp_path, "acgT", "ACGU", "ANRT", "AAAA"), **LABELS)
    assert rows(built) == ["ACGT", "ACGT", "ANRT", "AAAA"]
    assert built.facts["letters"] == {"lower_case": 1, "uracil": 1, "ambiguous": 1}
    assert "1 of 4 sequences have lower-case letters; case is not kept." in built.facts["notes"]
    assert len(built.facts["notes"]) == 3


def test_what_length_and_case_hide_stays_in_the_table(tmp_path):
    length = {"policy": "crop_or_pad", "bases": 5}
    built = build(
        tmp_path, source(tmp_path, "acgTNN", "ACG", "NNRN", "aaaa"), length=length, **LABELS
    )
    assert built.examples["raw_length"].tolist() == [6, 3, 4, 4]
    np.testing.assert_allclose(built.examples["n_share"], [1 / 3, 0, 1, 0])
    np.testing.assert_allclose(built.examples["lower_share"], [1 / 2, 0, 0, 1])
    types = built.examples.dtypes
    assert (types["raw_length"], types["n_share"]) == (np.int32, np.float32)
    assert "given_width" not in built.examples


def test_every_sequence_with_an_unknown_letter_is_listed(tmp_path):
    sources = source(tmp_path, "ACGT", "AC-T*", "", "GG\u00e9G")
    message = build_refusal(tmp_path, sources, **LABELS)
    assert "2 problems" in message and "t.csv: 2 times, " in message
    assert "row 3 (s1), column 'sequence': '-' at position 3 is no base (and 1 more)" in message
    assert "row 4 (s2), column 'sequence': the sequence is empty" in message
    assert "'\u00e9' at position 3" in message


def test_hashes_are_of_the_content_and_of_either_strand(tmp_path):
    built = build(tmp_path, source(tmp_path, "AACCG", "CGGTT", "aaccg", "TTTTT"), **LABELS)
    content, canonical = built.examples["content_hash"], built.examples["canonical_hash"]
    assert content.dtype == canonical.dtype == np.uint64
    assert content[0] == content[2] != content[1]
    assert canonical[0] == canonical[1] == canonical[2] != canonical[3]
    np.testing.assert_array_equal(content, row_hashes(built.features))


@pytest.mark.parametrize("anchor", ["start", "center", "end"])
def test_padded_sequences_and_their_reverse_complements_share_a_hash(tmp_path, anchor):
    sequences = ["AACCG", "GATTACAC", "CA"]
    both = [*sequences, *map(reverse_complement_letters, sequences)]
    length = {"policy": "pad", "anchor": anchor}
    built = build(tmp_path, source(tmp_path, *both), length=length, **LABELS)
    canonical = built.examples["canonical_hash"].to_numpy()
    np.testing.assert_array_equal(canonical[:3], canonical[3:])
    assert len(set(canonical)) == 3


def test_row_hashes_differ_where_rows_do():
    rows = np.stack(encode(["ACGT", "ACGA", "ACGT"]))
    hashes = row_hashes(rows)
    assert hashes[0] == hashes[2] != hashes[1]
    np.testing.assert_array_equal(row_hashes(np.asfortranarray(rows)), hashes)


def test_proteins_are_one_message_that_says_what_to_do(tmp_path):
    proteins = ("MKVLLEFPQ", "GGASTEFIL", "MMKRSTNDC", "QQPLIFEAA")
    message = build_refusal(tmp_path, source(tmp_path, *proteins), **LABELS)
    assert "these are proteins" in message and "1 problem " in message
    assert "ESM-2" in message and "`format: matrix`" in message and "easy-cluster" in message
    few = build_refusal(tmp_path, source(tmp_path, "MKVLLEFPQ", *["ACGTACGTA"] * 3), **LABELS)
    assert "'L' at position 4 is no base" in few and "these are proteins" not in few
