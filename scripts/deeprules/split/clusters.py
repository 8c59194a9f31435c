"""Clusters of homologous sequences, as a split and its controls use them."""

from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.errors import InputError
from deeprules.files import read_table


def read_clusters(path: str | Path, ids: pd.Series) -> np.ndarray:
    """The cluster (N,) of the examples with these ids.

    Raises
    ------
    InputError
        If an example is not in the file.
    """
    table = read_table(path).set_index("id")["cluster"]
    missing = ids[~ids.isin(table.index)]
    if len(missing):
        raise InputError(
            f"{path} lacks {len(missing)} examples, such as {missing.iloc[0]!r}; cluster again."
        )
    return table.loc[ids].to_numpy()


def homologs_across(assignment: pd.DataFrame, clusters: np.ndarray) -> pd.DataFrame:
    """How many examples of tune and test share their cluster with an example of train.

    Parameters
    ----------
    assignment : id and partition of each example; labels are not looked at
    clusters : cluster of each (N,)

    Returns
    -------
    partition, n, with_homologs, share.
    """
    partition = assignment["partition"].to_numpy()
    known = np.unique(clusters[partition == "train"])
    rows = []
    for name in ("tune", "test"):
        held = clusters[partition == name]
        count = int(np.isin(held, known).sum())
        row = {"partition": name, "n": len(held), "with_homologs": count}
        rows.append({**row, "share": count / len(held)})
    return pd.DataFrame(rows)
