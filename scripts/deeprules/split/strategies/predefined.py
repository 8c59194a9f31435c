"""reads a column, `split: column`"""

import numpy as np
import pandas as pd

from deeprules.errors import InputError
from deeprules.split.partitions import PARTITIONS

READS_COLUMN = True
KEEPS = "partition"


def given(examples: pd.DataFrame) -> np.ndarray:
    """The partition of each example (N,), as it stands in the data.

    Raises
    ------
    InputError
        If one of them has another name.
    """
    unknown = examples[~examples["partition"].isin(PARTITIONS)]
    if len(unknown):
        raise InputError(
            f"split: the partition of {len(unknown)} examples is none of {', '.join(PARTITIONS)}, "
            f"such as {unknown['partition'].iloc[0]!r} of {unknown['id'].iloc[0]!r}. Correct the "
            f"column that `split: column` names."
        )
    return examples["partition"].to_numpy()
