"""keeps similar sequences together (see `homology`)"""

import pandas as pd

from deeprules.split.columns import complete_column

MODALITIES = ("sequence",)
USES_CLUSTERS = True
IN_WORDS = "so that similar sequences stay in one partition"


def units(examples: pd.DataFrame, block_size: int | None) -> pd.Series:
    """The cluster of each example (N,)."""
    return complete_column(examples, "cluster", "homology").astype(str)
