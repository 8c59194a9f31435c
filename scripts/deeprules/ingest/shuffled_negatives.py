"""Negatives that are shuffles of the positives."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from deeprules.encoding import decode
from deeprules.ingest.drawn_positives import copies_of, positives_of
from deeprules.ingest.match_table import MatchTable
from deeprules.ingest.shuffling import dinucleotide_shuffle
from deeprules.ingest.spool import Spool

TRIES = 10
"""Shuffles of a sequence for each one that has to differ from it."""


def shuffled_negatives(
    spool: Spool, settings: Mapping, random: np.random.Generator, found: MatchTable
) -> Iterator[tuple[pd.DataFrame, list[str]]]:
    """Shuffles of the positives of a source, with the columns of those that they were made of.

    They have no place in a genome but their chromosome, which a split may keep whole. As many
    letters as in the positive are in lower case.
    """
    for table, codes in positives_of(spool):
        copies = copies_of(len(table), settings["ratio"], random)
        ends = table["raw_length"].cumsum().tolist()
        rows, sequences = [], []
        for row, (end, length) in enumerate(zip(ends, table["raw_length"], strict=True)):
            lower = round(table["lower_share"].iat[row] * length)
            for shuffled in _shuffles(codes[end - length : end], int(copies[row]), random):
                letters = decode(shuffled)
                rows.append(row)
                sequences.append(letters[:lower].lower() + letters[lower:])
        drawn = table.iloc[rows]
        found.add(table, copies, drawn)
        if rows:
            nowhere = {name: None for name in ("start", "end") if name in drawn}
            yield drawn.assign(**nowhere), sequences


def _shuffles(codes: np.ndarray, n: int, random: np.random.Generator) -> list[np.ndarray]:
    """`n` shuffles of a sequence that differ from it and from each other, as far as there are."""
    found: dict[bytes, np.ndarray] = {}
    for _ in range(TRIES * n):
        if len(found) == n:
            break
        shuffled = dinucleotide_shuffle(codes, random)
        if not np.array_equal(shuffled, codes):
            found[shuffled.tobytes()] = shuffled
    return list(found.values())
