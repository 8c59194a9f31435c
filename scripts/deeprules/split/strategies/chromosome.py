"""keeps chromosomes, or blocks of them (`block_size`), whole"""

import pandas as pd

from deeprules.names import chromosome_key
from deeprules.split.columns import complete_column
from deeprules.split.intervals import overlap_clusters, placed

UNITS_HAVE_NAMES = True
HAS_BLOCKS = True
IN_WORDS = "by whole chromosomes"

key = chromosome_key


def names(examples: pd.DataFrame) -> pd.Series:
    """The chromosome of each example (N,); positions without one count as one chromosome."""
    if "chromosome" not in examples and "start" in examples:
        return pd.Series("chromosome", index=examples.index)
    return complete_column(examples, "chromosome", "chromosome").astype(str)


def units(examples: pd.DataFrame, block_size: int | None) -> pd.Series:
    """The chromosome of each example (N,), or the block of it where the example starts."""
    if not block_size:
        return names(examples)
    block = complete_column(examples, "start", "chromosome") // block_size
    return names(examples) + ":" + block.astype(str)


def ties(examples: pd.DataFrame, block_size: int | None) -> list[pd.Series]:
    """Intervals that overlap, which the edge of a block must not part."""
    return [overlap_clusters(placed(examples))] if block_size else []
