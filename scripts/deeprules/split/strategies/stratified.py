"""draws at random, by label, with groups kept whole where there are any"""

import pandas as pd

AT_RANDOM = True
IN_WORDS = "at random within classes"


def units(examples: pd.DataFrame, block_size: int | None) -> pd.Series:
    """The group of each example, or the example itself."""
    return examples["group"] if "group" in examples else examples["id"]
