"""Sequences as codes of one length."""

import operator
import string
from collections.abc import Mapping

import numpy as np

from deeprules.encoding import INVALID, PADDING, codes_of, letter_bytes, reverse_complement
from deeprules.errors import Problem
from deeprules.ingest.problems import Problems
from deeprules.ingest.sources import Chunk, Source

_LOWER_CASE, _URACIL, _AMBIGUOUS, _UNKNOWN, _RESIDUE = 1, 2, 4, 8, 16
_LETTERS = np.arange(256, dtype=np.uint8)
_KINDS = (
    _LOWER_CASE * np.isin(_LETTERS, list(string.ascii_lowercase.encode()))
    + _URACIL * np.isin(_LETTERS, list(b"Uu"))
    + _AMBIGUOUS * ~np.isin(codes_of(_LETTERS), [1, 2, 4, 8, INVALID])
    + _UNKNOWN * (codes_of(_LETTERS) == INVALID)
    + _RESIDUE * np.isin(_LETTERS, list(b"EFILPQefilpq"))
).astype(np.uint8)
_POLICIES = {
    "error": (lambda lengths: max(lengths, key=lengths.get), operator.eq),
    "crop": (min, operator.ge),
    "pad": (max, operator.le),
    "crop_or_pad": (max, lambda length, bases: True),
}
"""The length to reach, from the number of sequences of each; and which lengths can reach it."""

PROTEINS = (
    "these are proteins: most sequences hold amino acids that no letter of a nucleotide stands "
    "for (E, F, I, L, P, Q). The workflow reads DNA and RNA",
    "Give the coding sequences; or turn each protein into numbers with a protein language model, "
    "such as ESM-2 (`esm-extract` of the package fair-esm), and give these as `modality: tabular`, "
    "`format: matrix`, with the clusters of `mmseqs easy-cluster` as `group`",
)
"""What is said of proteins, and what to do with them."""


class SequenceFeatures:
    """Takes the sequences of each chunk, then brings all to one length.

    Parameters
    ----------
    data : the section `data` of the config
    """

    dtype = np.dtype(np.uint8)
    names: tuple[str, ...] = ()

    def __init__(self, data: Mapping):
        self._both_strands = data["strand"] == "both"
        self._policy = data["length"]["policy"]
        self._anchor = data["length"]["anchor"]
        self._bases = data["length"]["bases"]
        self._lengths: dict[int, int] = {}
        self._first: dict[int, tuple[str, str]] = {}
        self._windows: set[int] = set()
        self._letters = {"lower_case": 0, "uracil": 0, "ambiguous": 0}

    def take(self, source: Source, chunk: Chunk) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Codes of all sequences, one after another, and what they looked like (N each).

        `raw_length` (letters), `n_share` and `lower_share` (of the letters, those that are
        ambiguous, and those in lower case) are lost once all have one length and one case; so is
        the `given_width` of intervals.

        Raises
        ------
        BadSource
            If most of the sequences are proteins.
        """
        letters, lengths = letter_bytes(chunk.features)
        source.problem_at(
            np.flatnonzero(lengths == 0),
            lambda i: (*chunk.place(i, "sequence"), "the sequence is empty"),
            "Leave it out",
        )
        of_letters = _KINDS[letters]
        kinds = np.zeros(len(lengths), dtype=np.uint8)
        filled = lengths > 0
        starts = (np.cumsum(lengths) - lengths)[filled]
        if filled.any():
            kinds[filled] = np.bitwise_or.reduceat(of_letters, starts)
        if 2 * np.count_nonzero(kinds & _RESIDUE) > len(kinds):
            raise source.bad(*PROTEINS, "sequence")
        source.problem_at(
            np.flatnonzero(kinds & _UNKNOWN),
            lambda i: (*chunk.place(i, "sequence"), _unknown(chunk.features[i])),
            "Use the letters of nucleotides, A, C, G, T or U, N, and the IUPAC codes",
        )
        for name, kind in zip(self._letters, (_LOWER_CASE, _URACIL, _AMBIGUOUS), strict=True):
            self._letters[name] += int(np.count_nonzero(kinds & kind))
        self._count(source, chunk, lengths)
        raw = {"raw_length": lengths}
        for name, kind in (("n_share", _AMBIGUOUS), ("lower_share", _LOWER_CASE)):
            raw[name] = np.zeros(len(lengths), dtype=np.float32)
            if (kinds & kind).any():
                counts = np.add.reduceat(of_letters & kind > 0, starts, dtype=np.int64)
                raw[name][filled] = counts / lengths[filled]
        if chunk.given_width is not None:
            raw["given_width"] = chunk.given_width
            self._windows.update(np.unique(lengths).tolist())
        return codes_of(letters), raw

    def _count(self, source: Source, chunk: Chunk, lengths: np.ndarray) -> None:
        found, first, counts = np.unique(lengths, return_index=True, return_counts=True)
        for place in np.argsort(first):
            length, index, n = int(found[place]), first[place], int(counts[place])
            self._lengths[length] = self._lengths.get(length, 0) + n
            self._first.setdefault(length, (source.shown, chunk.place(index)[0]))

    def fix(self, problems: Problems) -> None:
        """Decide on the length, once all chunks have been taken; note what does not fit it."""
        choose, fits = _POLICIES[self._policy]
        self._bases = self._bases or choose(self._lengths)
        unfit = {length: n for length, n in self._lengths.items() if not fits(length, self._bases)}
        if unfit:
            problems.add(self._unfit(unfit))
        for length in sorted(self._windows - {self._bases, *unfit}):
            file, row = self._first[length]
            found = f"windows of {length:,} bases, where other sequences have {self._bases:,}"
            wider = f"Set `width: {self._bases}` in data.intervals: intervals are cut out of "
            wider += "the genome, and neither cropped nor padded"
            problems.add(Problem(file, row, "sequence", found, wider))

    def _unfit(self, unfit: Mapping[int, int]) -> Problem:
        """One problem for all lengths that do not fit the policy: which, how many, what to do."""
        first = next(length for length in self._first if length in unfit)
        file, row = self._first[first]
        lengths = np.repeat(list(self._lengths), list(self._lengths.values()))
        low, quarter, middle, upper, high = np.quantile(
            lengths, [0, 0.25, 0.5, 0.75, 1], method="nearest"
        )
        found = (
            f"{sum(unfit.values()):,} of {len(lengths):,} sequences are not of {self._bases:,} "
            f"bases, the first here with {first:,}. Lengths are {low:,} to {high:,}, the median "
            f"{middle:,}, half of them {quarter:,} to {upper:,}"
        )
        remedy = (
            "Set data.length: `policy: crop` cuts all to the shortest or to `bases`, `policy: pad` "
            "fills up to the longest or to `bases`, `policy: crop_or_pad` reaches `bases` by both; "
            "or leave them out. Where lengths differ between classes, padding tells the label"
        )
        return Problem(file, row, "sequence", found, remedy)

    @property
    def width(self) -> int:
        """Bases of every sequence, once `fix` has been called."""
        return self._bases

    def block(self, codes: np.ndarray, lengths: np.ndarray, _source: str) -> np.ndarray:
        """Codes of sequences, one after another, as rows of one length (N, L)."""
        bases = self._bases
        if len(lengths) and (lengths == bases).all():
            return codes.reshape(-1, bases)
        rows = np.full((len(lengths), bases), PADDING, dtype=np.uint8)
        kept = np.minimum(lengths, bases)
        starts = np.cumsum(lengths) - lengths + self._offset(lengths - kept)
        targets = self._offset(bases - kept)
        for row, start, target, n in zip(rows, starts, targets, kept, strict=True):
            row[target : target + n] = codes[start : start + n]
        return rows

    def reverse(self, rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """The rows (N, L) that the reverse complements of the same bases would have given.

        Where the strand counts, they are the rows themselves.
        """
        if not self._both_strands:
            return rows
        turned = reverse_complement(rows)
        padding = np.maximum(self._bases - lengths, 0)
        shifts = 2 * self._offset(padding) - padding
        for index in np.flatnonzero(shifts):
            turned[index] = np.roll(turned[index], shifts[index])
        return turned

    def _offset(self, spare: np.ndarray) -> np.ndarray:
        """How many of the spare bases stand before the part that stays in place."""
        return {"start": spare * 0, "center": spare // 2, "end": spare}[self._anchor]

    @property
    def facts(self) -> dict:
        """What `dataset.json` says of the sequences."""
        count = self._lengths.items()
        return {
            "length": {
                "policy": self._policy,
                "bases": self._bases,
                "anchor": self._anchor,
                "shortest": min(self._lengths),
                "longest": max(self._lengths),
                "cropped": sum(n for length, n in count if length > self._bases),
                "padded": sum(n for length, n in count if length < self._bases),
            },
            "letters": dict(self._letters),
        }

    @property
    def notes(self) -> list[str]:
        """What a user might want to know."""
        length, total = self.facts["length"], f"{sum(self._lengths.values()):,}"
        lower, uracil, ambiguous = self._letters.values()
        notes = {
            f"{lower:,} of {total} sequences have lower-case letters; case is not kept.": lower,
            f"{uracil:,} of {total} sequences have U, read as T.": uracil,
            f"{ambiguous:,} of {total} sequences have N or other ambiguous letters; "
            "each counts as equal shares of its bases.": ambiguous,
            f"{length['cropped']:,} of {total} sequences were cropped to {self._bases:,} bases "
            f"({self._anchor} kept).": length["cropped"],
            f"{length['padded']:,} of {total} sequences were padded to {self._bases:,} bases "
            f"({self._anchor} kept in place).": length["padded"],
        }
        return [note for note, n in notes.items() if n]


def _unknown(sequence: str) -> str:
    """Which letter is unknown, and where the first one stands."""
    unknown = np.flatnonzero(_KINDS[letter_bytes([sequence])[0]] & _UNKNOWN)
    more = f" (and {len(unknown) - 1:,} more)" if len(unknown) > 1 else ""
    return f"{sequence[unknown[0]]!r} at position {unknown[0] + 1:,} is no base{more}"
