"""holds out whole batches"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from deeprules.names import plain_name
from deeprules.split.columns import complete_column

COLUMNS = ("batch",)
NEEDS = "batch"
KEEPS = "batch"
UNITS_HAVE_NAMES = True
TUNE_WITHIN = True
IN_WORDS = "by whole batches"

key = plain_name


def names(examples: pd.DataFrame) -> pd.Series:
    """The batch of each example (N,)."""
    return complete_column(examples, "batch", "batch").astype(str)


def units(examples: pd.DataFrame, block_size: int | None) -> pd.Series:
    """The batch of each example (N,)."""
    return names(examples)


def warnings(examples: pd.DataFrame, partition: np.ndarray) -> Iterator[str]:
    """A warning where batches are held out for test, and tune lies within those of train."""
    tune, train = (set(examples["batch"][partition == name]) for name in ("tune", "train"))
    if shared := tune & train:
        yield (
            f"Tune has examples of the {len(shared)} batches of train, and test is of other "
            "batches: what is chosen on tune is not chosen for new batches. More batches, or "
            "`split: tune`, make tune of whole batches."
        )
