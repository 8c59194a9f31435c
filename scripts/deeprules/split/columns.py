"""Columns of the table of examples that make the units of a split."""

import pandas as pd

from deeprules.errors import InputError


def complete_column(examples: pd.DataFrame, column: str, strategy: str) -> pd.Series:
    """A column that every example must have.

    Raises
    ------
    InputError
        If the data lack it or it has gaps.
    """
    if column not in examples:
        raise InputError(
            f"split: strategy: {strategy} needs the column {column!r}, which the data set lacks. "
            f"Provide it (see `data` in config/README.md) or choose another strategy."
        )
    missing = examples["id"][examples[column].isna()]
    if len(missing):
        raise InputError(
            f"split: strategy: {strategy} needs the {column} of every example, but {len(missing)} "
            f"have none, such as {missing.iloc[0]!r}. Fill them in, leave these examples out or "
            f"choose another strategy."
        )
    return examples[column]
