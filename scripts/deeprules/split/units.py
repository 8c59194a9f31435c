"""Units of a split: the sets of examples that stay together in one partition."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from deeprules.errors import InputError
from deeprules.split.intervals import overlap_clusters, placed

COLUMN_OF = {"homology": "cluster"}
"""Column of a strategy's units, where it has another name."""


@dataclass(frozen=True)
class Units:
    """The unit of each example.

    Attributes
    ----------
    codes : number of each example's unit (N,), 0 .. U - 1
    names : name of each unit (U,): that of its first example
    n_declared : units that the strategy alone would make, before groups and copies tie some
    """

    codes: np.ndarray
    names: np.ndarray
    n_declared: int

    def __len__(self) -> int:
        return len(self.names)


def find_units(examples: pd.DataFrame, strategy: str, block_size: int | None) -> Units:
    """Tie together the examples that no split may separate.

    The strategy ties an example to those of its chromosome (or block of it), group, batch or
    cluster of homologs. Where groups exist, it is tied to its group under every strategy; and it
    is tied to its copies. With blocks, intervals that overlap across the edge of a block are tied.
    Units are the connected components of these ties.

    Parameters
    ----------
    examples : id, canonical_hash and, as far as they exist, group, batch, cluster, chromosome,
        start and end
    strategy : `stratified`, `group`, `chromosome`, `batch` or `homology`
    block_size : bases of a block, or None to keep chromosomes whole

    Raises
    ------
    InputError
        If the strategy needs a column that the data lack or that has gaps.
    """
    examples = examples.reset_index(drop=True)
    if strategy == "stratified":
        declared = examples["group"] if "group" in examples else examples["id"]
    else:
        declared = unit_column(examples, strategy)
    if strategy == "chromosome" and block_size:
        block = _complete(examples, "start", strategy) // block_size
        declared = declared + ":" + block.astype(str)
    content = examples["canonical_hash"]
    ties = [content[content.duplicated(keep=False)]]
    if strategy == "chromosome" and block_size:
        ties.append(overlap_clusters(placed(examples)))
    if "group" in examples:
        ties.append(examples["group"])
    codes, names = pd.factorize(declared)
    component = _components(codes, len(names), ties)
    return Units(
        codes=component[codes],
        names=names.to_series().groupby(component).first().to_numpy(),
        n_declared=len(names),
    )


def unit_column(examples: pd.DataFrame, strategy: str) -> pd.Series:
    """Each example's chromosome, group, batch or cluster, as text.

    Positions without a chromosome count as one chromosome.
    """
    if strategy == "chromosome" and "chromosome" not in examples and "start" in examples:
        return pd.Series("chromosome", index=examples.index)
    return _complete(examples, COLUMN_OF.get(strategy, strategy), strategy).astype(str)


def _complete(examples: pd.DataFrame, column: str, strategy: str) -> pd.Series:
    """A column that every example must have."""
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


def _components(codes: np.ndarray, n_units: int, ties: list[pd.Series]) -> np.ndarray:
    """The component of each declared unit, numbered by first appearance.

    A tie is a column of values, indexed by row; declared units that share a value are tied.
    """
    ends, size = [], n_units
    for tie in ties:
        value, values = pd.factorize(tie)
        ends.append(np.stack([codes[tie.index], size + value]))
        size += len(values)
    rows, columns = np.concatenate(ends, axis=1)
    graph = sparse.coo_matrix((np.ones(len(rows), dtype=bool), (rows, columns)), (size, size))
    component = connected_components(graph, directed=False)[1][:n_units]
    return pd.factorize(component)[0]
