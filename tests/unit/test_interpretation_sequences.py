"""Shuffled references, the choice of sequences, and files of known motifs."""

from collections import Counter

import numpy as np
import pytest
from partitions import make_partition

from deeprules.data import Development
from deeprules.encoding import encode
from deeprules.errors import InputError
from deeprules.interpret.explained import other_sequences, sequences_to_explain
from deeprules.interpret.known_motifs import load_known_motifs, read_jaspar
from deeprules.interpret.motif import ALIKE, similarity
from deeprules.interpret.references import shuffled_references

MEME = """MEME version 4

ALPHABET= ACGT

MOTIF first one
letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0
 0.1 0.2 0.3 0.4
 0.7 0.1 0.1 0.1

MOTIF second
letter-probability matrix: alength= 4 w= 1
1 0 0 0
"""


def dinucleotides(sequence):
    return Counter(zip(sequence[:-1].tolist(), sequence[1:].tolist(), strict=True))


def test_a_shuffle_keeps_dinucleotides_and_padding_and_loses_the_order():
    rng = np.random.default_rng(1)
    letters = "".join(rng.choice(list("ACGTN"), 60, p=[0.3, 0.2, 0.2, 0.28, 0.02]))
    codes = np.stack([np.pad(encode([letters])[0], (5, 3)), np.pad(encode(["ACG"])[0], (0, 65))])
    shuffles = shuffled_references(codes, 20, rng)
    assert shuffles.shape == (2, 20, 68)
    for one in shuffles[0]:
        assert dinucleotides(one) == dinucleotides(codes[0])
        assert not one[:5].any() and not one[-3:].any()
    assert len({one.tobytes() for one in shuffles[0]}) == 20
    np.testing.assert_array_equal(shuffles[1], np.broadcast_to(codes[1], (20, 68)))


def test_every_walk_is_about_equally_likely():
    """All orders of the same steps from the first to the last letter."""
    codes = encode(["AACACCAC"])[0][None]
    rng = np.random.default_rng(0)
    found = Counter(one.tobytes() for one in shuffled_references(codes, 6000, rng)[0])
    shares = np.array(list(found.values())) / 6000
    np.testing.assert_allclose(shares, 1 / len(found), atol=0.03)
    assert all(
        dinucleotides(np.frombuffer(one, np.uint8)) == dinucleotides(codes[0]) for one in found
    )
    assert len(found) > 3


@pytest.fixture(scope="module")
def development(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    return Development(
        make_partition(folder / "train", 100), make_partition(folder / "tune", 40, seed=1)
    )


def test_positives_of_tune_come_first(development):
    explained = sequences_to_explain(development, 30, seed=1)
    assert (explained.examples["label"] == "yes").all() and (explained.targets == 1).all()
    assert explained.examples["partition"].tolist() == ["tune"] * 20 + ["train"] * 10
    others = other_sequences(development, 30, seed=1)
    assert (others.examples["label"] == "no").all() and len(others) == 30
    again = sequences_to_explain(development, 30, seed=1)
    np.testing.assert_array_equal(explained.codes, again.codes)
    assert len(sequences_to_explain(development, 500, seed=1)) == 70


def test_the_motifs_of_a_meme_file(tmp_path):
    path = tmp_path / "own.meme"
    path.write_text(MEME)
    known = load_known_motifs(path)
    assert [*known.matrices] == ["first one", "second"]
    np.testing.assert_allclose(known.matrices["first one"][0], [0.1, 0.2, 0.3, 0.4], atol=0.02)
    assert known.source["name"] == "own.meme" and len(known.source["sha256"]) == 64


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("MEME version 4", "motifs", 1),
        ("0.7 0.1 0.1 0.1", "0.7 0.1 0.1", 8),
        ("0.7 0.1 0.1 0.1", "0.7 0.1 0.1 high", 8),
        ("0.7 0.1 0.1 0.1", "0.7 0.7 0.1 0.1", 8),
        (" 0.7 0.1 0.1 0.1\n", "", 8),
        ("w= 2", "w= none", 6),
        ("ALPHABET= ACGT", "ALPHABET= ACDEFGHIKLMNPQRSTVWY", 3),
        ("MOTIF second", "MOTIF first one", 10),
        ("w= 1\n1 0 0 0\n", "w= 1\n", 11),
        ("letter-probability matrix: alength= 4 w= 1\n1 0 0 0\n", "", 10),
    ],
)
def test_an_error_in_a_meme_file_is_told_with_its_line(tmp_path, old, new, line):
    path = tmp_path / "own.meme"
    assert old in MEME
    path.write_text(MEME.replace(old, new))
    with pytest.raises(InputError, match=rf"own\.meme, line {line}: "):
        load_known_motifs(path)


def test_a_file_without_motifs_is_refused(tmp_path):
    path = tmp_path / "own.meme"
    path.write_text("MEME version 4\n")
    with pytest.raises(InputError, match="holds no motif"):
        load_known_motifs(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read as text"):
        load_known_motifs(path)


def test_jaspar_has_one_version_of_each_matrix_and_says_where_it_is_from():
    known = read_jaspar()
    ids = [name.split(".")[0] for name in known.matrices]
    assert len(ids) == len(set(ids)) > 1500
    tata = next(matrix for name, matrix in known.matrices.items() if name.endswith(" TBP"))
    assert tata.shape[1] == 4 and np.allclose(tata.sum(axis=1), 1)
    assert (
        known.source["name"].startswith("JASPAR20")
        and known.source["version"]
        and known.source["licence"]
    )


def test_a_motif_is_like_itself_on_either_strand_and_unlike_another():
    rng = np.random.default_rng(2)
    one, other = (np.eye(4)[rng.integers(4, size=8)] * 0.9 + 0.025 for _ in range(2))
    assert similarity(one, one) == pytest.approx(1)
    assert similarity(one, one[::-1, ::-1]) == pytest.approx(1)
    assert similarity(np.vstack([np.full((2, 4), 0.25), one]), one) > ALIKE
    assert similarity(one, other) < ALIKE
