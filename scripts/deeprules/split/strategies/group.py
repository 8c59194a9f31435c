"""keeps groups whole"""

import pandas as pd

from deeprules.names import plain_name
from deeprules.split.columns import complete_column

NEEDS = "group"
UNITS_HAVE_NAMES = True
IN_WORDS = "so that examples of one group stay in one partition"

key = plain_name


def names(examples: pd.DataFrame) -> pd.Series:
    """The group of each example (N,)."""
    return complete_column(examples, "group", "group").astype(str)


def units(examples: pd.DataFrame, block_size: int | None) -> pd.Series:
    """The group of each example (N,)."""
    return names(examples)
