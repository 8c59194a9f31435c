"""draws at random, by label, with groups kept whole where there are any"""

import pandas as pd

AT_RANDOM = True
IN_WORDS = "at random within classes"


def units(examples: pd.DataFrame, block_size: int | None) -> pd.Series | None:
    """The group of each example; None, where there are no groups, for each example by itself."""
    return examples.get("group")
