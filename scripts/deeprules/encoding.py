"""Nucleotides as one byte each.

A code is a set of bases, one bit each: A 1, C 2, G 4, T 8. An ambiguous letter is the sum of
its bases (R = A or G = 5, N = 15) and 0 is padding: the nibble encoding of the SAM/BAM
specification (https://samtools.github.io/hts-specs/SAMv1.pdf, section 4.2). The complement
reverses the four bits.
"""

from collections.abc import Iterator, Sequence

import numpy as np

LETTERS = "-ACMGRSVTWYHKDBN"
PADDING = 0
INVALID = 255
CHUNK_LETTERS = 5_000_000

_CODE = np.full(256, INVALID, dtype=np.uint8)
for _code, _letter in enumerate(LETTERS[1:], start=1):
    _CODE[ord(_letter)] = _CODE[ord(_letter.lower())] = _code
_CODE[ord("U")] = _CODE[ord("u")] = 8

COMPLEMENT = np.array([int(f"{code:04b}"[::-1], 2) for code in range(16)], dtype=np.uint8)

_COMPLEMENT_LETTERS = str.maketrans(
    {"U": "A", "u": "a"}
    | {
        change(letter): change(LETTERS[COMPLEMENT[code]])
        for code, letter in enumerate(LETTERS)
        for change in (str.upper, str.lower)
    }
)

_BITS = ((np.arange(16)[:, None] >> np.arange(4)) & 1).astype(np.float32)
BASE_SHARES = _BITS / np.maximum(_BITS.sum(axis=1, keepdims=True), 1)
"""16 x 4: the row of a code shares 1 out evenly among its bases (A, C, G, T); padding is 0."""

BASE_INDEX = np.full(16, 4, dtype=np.uint8)
"""Code -> 0..3 for A, C, G, T and 4 for everything else."""
BASE_INDEX[[1, 2, 4, 8]] = [0, 1, 2, 3]


def letter_bytes(sequences: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Letters of all sequences, one after another (`uint8`, one a letter), and the N lengths.

    A letter that one byte cannot hold becomes `?`, which is no base either.
    """
    lengths = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
    joined = "".join(sequences).encode("latin-1", "replace")
    return np.frombuffer(joined, dtype=np.uint8), lengths


def codes_of(letters: np.ndarray) -> np.ndarray:
    """Code of each letter (bytes of any shape); letters outside IUPAC become `INVALID`."""
    return _CODE[letters]


def encode(sequences: Sequence[str]) -> list[np.ndarray]:
    """One `uint8` array of codes a sequence; letters outside IUPAC become `INVALID`."""
    letters, lengths = letter_bytes(sequences)
    return np.split(codes_of(letters), np.cumsum(lengths)[:-1]) if len(sequences) else []


def decode(codes: np.ndarray) -> str:
    """The letters of one sequence of codes (L); padding is `-`."""
    return "".join(LETTERS[code] for code in codes)


def gc_content(codes: np.ndarray) -> np.ndarray:
    """Share of G and C among the known bases of each sequence: codes (N, L) -> `float64` (N).

    Padding, N and other ambiguous letters are not counted; NaN where no base is known.
    """
    strong, known = np.zeros(len(codes)), np.zeros(len(codes))
    for start, chunk in _chunks(codes):
        bases = BASE_INDEX[chunk]
        strong[start : start + len(chunk)] = ((bases == 1) | (bases == 2)).sum(axis=1)
        known[start : start + len(chunk)] = (bases < 4).sum(axis=1)
    return np.divide(strong, known, out=np.full(len(codes), np.nan), where=known > 0)


def lengths_of(codes: np.ndarray) -> np.ndarray:
    """Letters of each sequence without padding: codes (N, L) -> `int64` (N)."""
    lengths = np.zeros(len(codes), dtype=np.int64)
    for start, chunk in _chunks(codes):
        lengths[start : start + len(chunk)] = (chunk != PADDING).sum(axis=1)
    return lengths


def _chunks(codes: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Some rows at a time, with the number of the first: codes may lie on disk."""
    step = max(1, CHUNK_LETTERS // max(1, codes.shape[1]))
    for start in range(0, len(codes), step):
        yield start, np.asarray(codes[start : start + step])


def reverse_complement(codes: np.ndarray) -> np.ndarray:
    """Reverse complement along the last axis, for codes of any shape (..., L)."""
    return COMPLEMENT[codes[..., ::-1]]


def reverse_complement_letters(sequence: str) -> str:
    """Reverse complement of a string; case is kept and unknown letters stay as they are."""
    return sequence.translate(_COMPLEMENT_LETTERS)[::-1]
