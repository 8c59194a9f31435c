"""The sequences that a network is explained by, all of them from development data."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.data import Development

INTERPRET = 8
"""What numbers the seeds of this stage."""
NULL = "shuffled labels"
"""Name of the network that had nothing to learn."""
TOP_SHARE = 0.25
"""Share of examples, those of largest value, that stand for the positives of a regression."""


@dataclass(frozen=True)
class Explained:
    """N sequences, those of tune first: a network was not fitted on them.

    Attributes
    ----------
    codes : (N, L)
    examples : their rows of the table of examples, with the column `partition`
    targets : (N,) the class whose log odds are explained; 0 for a regression
    """

    codes: np.ndarray
    examples: pd.DataFrame
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)

    def by_target(self):
        """Each class and the row numbers of its sequences."""
        for target in np.unique(self.targets):
            yield int(target), np.flatnonzero(self.targets == target)


def sequences_to_explain(development: Development, n: int, seed: int) -> Explained:
    """Up to `n` sequences at random: positives, of several classes all, or the largest values."""
    rng = np.random.default_rng(seed)
    return _joined(development, lambda part: rng.permutation(_positives(part)), n)


def other_sequences(development: Development, n: int, seed: int) -> Explained:
    """Up to `n` sequences at random that are no positives, for backgrounds; of any kind else."""
    rng = np.random.default_rng(seed)

    def chosen(part):
        rest = np.setdiff1d(np.arange(len(part)), _positives(part))
        rest = rest if len(rest) else np.arange(len(part))
        return rng.permutation(rest)

    return _joined(development, chosen, n)


def _positives(part) -> np.ndarray:
    """Row numbers of the sequences that are worth explaining."""
    task = part.dataset.task
    if task == "multiclass":
        return np.arange(len(part))
    if task == "binary":
        return np.flatnonzero(part.labels == 1)
    return np.flatnonzero(part.labels >= np.quantile(part.labels, 1 - TOP_SHARE))


def _joined(development, choose, n) -> Explained:
    """The first `n` of the chosen rows of tune and then of train."""
    codes, examples, targets, wanted = [], [], [], n
    for name in ("tune", "train"):
        part = getattr(development, name)
        rows = np.sort(choose(part)[:wanted])
        wanted -= len(rows)
        codes.append(np.asarray(part.features[rows]))
        examples.append(part.examples.iloc[rows].assign(partition=name))
        is_class = part.dataset.is_classification
        targets.append(part.labels[rows] if is_class else np.zeros(len(rows), dtype=np.int64))
    return Explained(
        np.concatenate(codes), pd.concat(examples, ignore_index=True), np.concatenate(targets)
    )
