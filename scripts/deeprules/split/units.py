"""Units of a split: the sets of examples that stay together in one partition."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from deeprules.split.strategies import STRATEGIES


@dataclass(frozen=True)
class Units:
    """The unit of each example.

    Attributes
    ----------
    codes : number of each example's unit (N,), 0 .. U - 1, `int32`
    names : name of each unit (U,): that of its first example
    n_declared : units that the strategy alone would make, before groups and copies tie some
    """

    codes: np.ndarray
    names: np.ndarray | ExtensionArray
    n_declared: int

    def __len__(self) -> int:
        return len(self.names)


def find_units(examples: pd.DataFrame, strategy: str, block_size: int | None) -> Units:
    """Tie together the examples that no split may separate.

    The strategy ties an example to those of its unit. Where groups exist, it is tied to its group
    under every strategy; and it is tied to its copies. Units are the connected components of these
    ties.

    Parameters
    ----------
    examples : id, canonical_hash and, as far as they exist, group, batch, cluster, chromosome,
        start and end
    strategy : name of one that has units
    block_size : bases of a block, or None to keep chromosomes whole

    Raises
    ------
    InputError
        If the strategy needs a column that the data lack or that has gaps.
    """
    examples = examples.reset_index(drop=True)
    module = STRATEGIES[strategy]
    declared = module.units(examples, block_size)
    content = examples["canonical_hash"]
    ties = [content[content.duplicated(keep=False)]]
    if hasattr(module, "ties"):
        ties += module.ties(examples, block_size)
    if "group" in examples:
        ties.append(examples["group"])
    if declared is None:  # Each example is one; millions of ids need not be compared.
        codes, names = np.arange(len(examples)), examples["id"]
    else:
        codes, names = pd.factorize(declared)
    component = _components(codes, len(names), ties)
    # They are numbered by first appearance, so that each new number is the largest so far.
    first = np.diff(np.maximum.accumulate(component), prepend=-1) > 0
    # Of millions of ids no copy is made where each is the name of a unit.
    own_names = names if first.all() else names[first]
    return Units(component.astype(np.int32)[codes], own_names.array, n_declared=len(names))


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
