import numpy as np
import pytest

from deeprules.encoding import (
    BASE_INDEX,
    BASE_SHARES,
    COMPLEMENT,
    INVALID,
    LETTERS,
    decode,
    encode,
    gc_content,
    lengths_of,
    letter_bytes,
    reverse_complement,
    reverse_complement_letters,
)

BASES_OF = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip


def test_an_ambiguous_letter_is_the_sum_of_its_bases():
    code = {letter: int(encode([letter])[0][0]) for letter in LETTERS[1:]}
    assert [code[base] for base in "ACGT"] == [1, 2, 4, 8]
    for letter, bases in BASES_OF.items():
        assert code[letter] == sum(code[base] for base in bases)
        np.testing.assert_allclose(
            BASE_SHARES[code[letter]], [(base in bases) / len(bases) for base in "ACGT"]
        )


def test_case_and_uracil_do_not_matter_and_unknown_letters_are_invalid():
    lower, upper = encode(["acgtu", "ACGTT"])
    np.testing.assert_array_equal(lower, upper)
    np.testing.assert_array_equal(encode(["A-X*é€"])[0], [1] + 5 * [INVALID])


def test_padding_has_no_base():
    np.testing.assert_array_equal(BASE_SHARES[0], np.zeros(4))
    assert BASE_INDEX[0] == BASE_INDEX[15] == 4
    np.testing.assert_array_equal(BASE_INDEX[[1, 2, 4, 8]], [0, 1, 2, 3])


def test_sequences_keep_their_order_and_lengths():
    codes = encode(["ACG", "", "TT"])
    assert [decode(one) for one in codes] == ["ACG", "", "TT"]
    assert encode([]) == []
    letters, lengths = letter_bytes(["ACG", "", "é€"])
    assert len(letters) == 5
    np.testing.assert_array_equal(lengths, [3, 0, 2])


def test_decoding_undoes_encoding():
    assert decode(encode([LETTERS[1:]])[0]) == LETTERS[1:]
    assert decode(np.array([0, 1, 0])) == "-A-"


def test_reverse_complement_is_its_own_inverse():
    codes = np.arange(16, dtype=np.uint8).reshape(2, 8)
    np.testing.assert_array_equal(reverse_complement(reverse_complement(codes)), codes)
    np.testing.assert_array_equal(COMPLEMENT[COMPLEMENT], np.arange(16))


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [("AACGTN", "NACGTT"), ("acgR", "Ycgt"), ("GAU", "ATC"), ("A?", "?T"), ("", "")],
)
def test_reverse_complement_of_letters_and_of_codes_agree(sequence, expected):
    assert reverse_complement_letters(sequence) == expected
    if "?" not in sequence:
        turned = reverse_complement(encode([sequence])[0])
        assert decode(turned).upper() == expected.upper()


@pytest.mark.parametrize("letters", [3, 5_000_000])
def test_gc_content_is_that_of_known_bases(monkeypatch, letters):
    monkeypatch.setattr("deeprules.encoding.CHUNK_LETTERS", letters)
    texts = {"GCAT": 0.5, "GC": 1, "NNAT": 0, "SGRA": 0.5, "AATN": 0, "NNNN": np.nan, "": np.nan}
    codes = np.array([np.pad(encode([one])[0], (0, 4 - len(one))) for one in texts])
    np.testing.assert_array_equal(gc_content(codes), list(texts.values()))
    np.testing.assert_array_equal(lengths_of(codes), [len(one) for one in texts])
