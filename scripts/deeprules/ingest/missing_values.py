"""Missing values of a matrix, counted without reading it whole."""

from dataclasses import dataclass

import numpy as np

from deeprules.feature_store import SparseRows, is_sparse

CHUNK_BYTES = 2**26


@dataclass(frozen=True)
class MissingValues:
    """NaN in a matrix: how many values, in how many features, and features of NaN alone."""

    values: int
    features: int
    empty_features: int
    n_features: int


def count_missing(features: np.ndarray | SparseRows) -> MissingValues:
    """Count NaN in features (N, P), a chunk of rows at a time.

    Codes of sequences and sparse rows have none.
    """
    missing = np.zeros(features.shape[1], dtype=np.int64)
    if features.dtype.kind == "f" and not is_sparse(features):
        rows = max(1, CHUNK_BYTES // (features.shape[1] * features.itemsize))
        for start in range(0, len(features), rows):
            missing += np.isnan(features[start : start + rows]).sum(axis=0)
    return MissingValues(
        values=int(missing.sum()),
        features=int((missing > 0).sum()),
        empty_features=int((missing == len(features)).sum()),
        n_features=features.shape[1],
    )
