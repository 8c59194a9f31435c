"""What is done to the numbers of a matrix, sample by sample.

Nothing is learnt from other samples, so that a new one can have it too. A function takes samples
as an array (N, P) `float64`, NaN where missing, or as sparse rows, which stay sparse where a zero
stays zero.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.stats import norm, rankdata

PER = {"log_cp10k": 10_000, "cpm": 1_000_000, "log_cpm": 1_000_000}
"""Counts of a sample are divided by their sum and multiplied by this."""
TAKES_COUNTS = {"log1p", "clr", *PER}
"""Transformations of numbers that are not below 0."""
OVER_ALL_FEATURES = {"rank", "quantile", "clr", *PER}
"""Transformations by which a number depends on all features that its sample has in its file."""
IN_WORDS = {
    "log1p": "Features are log1p, the natural logarithm of 1 + count.",
    "log_cp10k": "Counts are log1p of counts per 10,000 of all counts of the sample in its file.",
    "cpm": "Counts are counts per 1,000,000 of all counts of the sample in its file, without a "
    "logarithm.",
    "log_cpm": "Counts are log1p (the natural logarithm of 1 + x) of counts per 1,000,000 of all "
    "counts of the sample in its file.",
    "rank": "Features are ranks within their sample: the share of its other features in its file "
    "that are lower, 0 to 1.",
    "quantile": "Features are quantiles of the standard normal distribution, by the rank of each "
    "value within its sample in its file ((rank - 0.5) / number; ties share their mean rank).",
    "clr": "Counts are centred log ratios: log1p of a count, less the mean of log1p over all "
    "features of the sample in its file.",
}
"""What a transformation does, for the report."""


def transformed(name: str, values: np.ndarray | sparse.csr_array) -> np.ndarray | sparse.csr_array:
    """Samples (N, P) after the transformation `name` of the configuration; `none` gives them back.

    A sample without counts stays as it is where counts are divided by their sum.
    """
    if name == "none":
        return values
    if sparse.issparse(values) and not _keeps_zeros(name, values):
        values = values.toarray()
    if name in PER:
        values = _per_total(values, PER[name])
    return _THEN.get(name, _unchanged)(values)


def _keeps_zeros(name: str, rows: sparse.csr_array) -> bool:
    """Whether a zero stays zero; it has a rank above 0 where something is below it."""
    if name == "rank":
        return not (rows.data < 0).any()
    return name not in ("quantile", "clr")


def _per_total(values, per: int):
    """Counts divided by the sum of their sample, times `per`."""
    is_sparse = sparse.issparse(values)
    totals = values.sum(axis=1) if is_sparse else np.nansum(values, axis=1)
    factors = per / np.where(totals > 0, totals, 1)
    if is_sparse:
        return _with_data(values, values.data * np.repeat(factors, np.diff(values.indptr)))
    return values * factors[:, None]


def _log1p(values):
    return (
        _with_data(values, np.log1p(values.data)) if sparse.issparse(values) else np.log1p(values)
    )


def _rank(values):
    """Share (0..1) of the other known values of the sample that are lower."""
    if sparse.issparse(values):
        return _sparse_rank(values)
    lower = rankdata(values, method="min", axis=1, nan_policy="omit") - 1
    others = (~np.isnan(values)).sum(axis=1, keepdims=True) - 1
    return lower / np.maximum(others, 1)


def _sparse_rank(rows: sparse.csr_array) -> sparse.csr_array:
    """`_rank` where nothing is below 0: every zero is below every other number."""
    n_features = rows.shape[1]
    ranks = np.zeros(rows.nnz)
    for start, end in zip(rows.indptr[:-1], rows.indptr[1:], strict=True):
        zeros = n_features - (end - start)
        ranks[start:end] = zeros + rankdata(rows.data[start:end], method="min") - 1
    return _with_data(rows, ranks / max(n_features - 1, 1))


def _quantile(values: np.ndarray) -> np.ndarray:
    """Quantiles of the standard normal distribution, by the rank within the sample."""
    ranks = rankdata(values, axis=1, nan_policy="omit")
    known = (~np.isnan(values)).sum(axis=1, keepdims=True)
    return norm.ppf((ranks - 0.5) / np.maximum(known, 1))


def _clr(values: np.ndarray) -> np.ndarray:
    """Centred log ratios (Aitchison 1982) with a pseudo-count of 1."""
    logarithms = np.log1p(values)
    known = (~np.isnan(values)).sum(axis=1, keepdims=True)
    return logarithms - np.nansum(logarithms, axis=1, keepdims=True) / np.maximum(known, 1)


def _unchanged(values):
    return values


def _with_data(rows: sparse.csr_array, data: np.ndarray) -> sparse.csr_array:
    return sparse.csr_array((data, rows.indices, rows.indptr), shape=rows.shape)


_THEN: dict[str, Callable] = {
    "log1p": _log1p,
    "log_cp10k": _log1p,
    "log_cpm": _log1p,
    "rank": _rank,
    "quantile": _quantile,
    "clr": _clr,
}
