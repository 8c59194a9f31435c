"""reads a column, `split: column`; where it names no tune, that is drawn from train"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from deeprules.errors import InputError
from deeprules.split.partitions import PARTITIONS

COLUMNS = ("partition",)
READS_COLUMN = True
KEEPS = "partition"
IN_WORDS = "as the data came divided"


def given(examples: pd.DataFrame) -> np.ndarray:
    """The partition of each example (N,), as it stands in the data; tune may have none.

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


def warnings(examples: pd.DataFrame, partition: np.ndarray) -> Iterator[str]:
    """A sentence where tune was drawn, as the data name none."""
    if not (examples["partition"] == "tune").any():
        whole = "groups and copies kept whole" if "group" in examples else "copies kept whole"
        yield (
            f"The data name no example of tune: {(partition == 'tune').sum():,} of "
            f"{(examples['partition'] == 'train').sum():,} examples of train were drawn for it, "
            f"stratified by label, with {whole}."
        )
