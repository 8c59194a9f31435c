"""Simulated data in the formats that sources have."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

from deeprules.simulate.simulation import write_gzipped


def write_simulated(table: pd.DataFrame, path: str | Path, format: str) -> None:
    """Write a table in the format of its source: `h5ad` as sparse counts, others as text."""
    if format != "h5ad":
        write_gzipped(table, path, format)
        return
    facts = ["id", "label", "group", "batch"]
    counts = table.drop(columns=facts)
    # Texts as objects: anndata does not write those of pandas 3.
    obs = table[facts[1:]].astype(object).set_index(pd.Index(table["id"], dtype=object, name=None))
    var = pd.DataFrame(index=pd.Index(counts.columns, dtype=object))
    values = sparse.csr_matrix(counts.to_numpy(np.float32))
    anndata.AnnData(values, obs=obs, var=var).write_h5ad(path, compression="gzip")
