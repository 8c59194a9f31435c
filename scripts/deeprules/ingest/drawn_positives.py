"""The positives that negatives are drawn for."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from deeprules.encoding import BASE_INDEX
from deeprules.ingest.spool import Spool


def positives_of(spool: Spool) -> Iterator[tuple[pd.DataFrame, np.ndarray]]:
    """Columns of some positives at a time, with their `gc` and `repeats`; and their codes.

    `gc` is the share of G and C among the known bases, `repeats` that of letters in lower case.
    """
    for columns, codes in spool.blocks(spool.source.chunk_rows):
        table = columns.to_pandas(integer_object_nulls=True)
        lengths = table["raw_length"].to_numpy(np.int64)
        bases = BASE_INDEX[codes]
        strong, known = (
            np.add.reduceat(what, np.cumsum(lengths) - lengths, dtype=np.int64)
            for what in ((bases == 1) | (bases == 2), bases < 4)
        )
        yield table.assign(gc=strong / np.maximum(known, 1), repeats=table["lower_share"]), codes


def copies_of(n: int, ratio: float, random: np.random.Generator) -> np.ndarray:
    """How many negatives each of `n` positives gets: a broken ratio gives some of them one more."""
    copies = np.full(n, int(ratio))
    copies[random.permutation(n)[: round((ratio - int(ratio)) * n)]] += 1
    return copies
