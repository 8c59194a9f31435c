"""Principal components of a sample of examples."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler, normalize

from deeprules.errors import InputError
from deeprules.feature_store import SparseRows, is_sparse
from deeprules.fit.kmers import KmerCounts

NEGLIGIBLE = 1e-9
"""Share of the variance below which a component is rounding error."""


@dataclass(frozen=True)
class Components:
    """Scores of each example (N, K) and each component's share of the variance (K,)."""

    scores: np.ndarray
    shares: np.ndarray

    @property
    def names(self) -> list[str]:
        """PC1, PC2, ..."""
        return [f"PC{number}" for number in range(1, len(self.shares) + 1)]

    @property
    def scree(self) -> pd.DataFrame:
        """Share of variance of each component, and the running total."""
        return pd.DataFrame(
            {
                "component": self.names,
                "variance_share": self.shares,
                "cumulative": self.shares.cumsum(),
            }
        )


def principal_components(
    features: np.ndarray | SparseRows,
    modality: str,
    kmer: int,
    n_components: int,
    seed: int,
    both_strands: bool = True,
) -> Components:
    """Principal components of features (N, L) or (N, P).

    A sequence is described by the relative frequencies of its k-mers, both strands counted as
    one if `both_strands`; a row of a matrix by its standardised features, with the median for a
    missing value. Constant features and components without variance are left out.

    Raises
    ------
    InputError
        If the examples do not differ.
    """
    if modality == "sequence":
        profiles = _kmer_profiles(features, kmer, both_strands)
    else:
        profiles = _standardised(features)
    pca = PCA(
        min(n_components, min(profiles.shape) - 1) or 1,
        svd_solver="arpack" if sparse.issparse(profiles) else "auto",
        random_state=seed,
    )
    scores = pca.fit_transform(profiles)
    real = pca.explained_variance_ratio_ > NEGLIGIBLE
    return Components(scores[:, real].astype(np.float64), pca.explained_variance_ratio_[real])


def _kmer_profiles(codes: np.ndarray, k: int, fold_strands: bool) -> sparse.csr_matrix:
    """Relative frequencies of k-mers (N, K)."""
    counts = KmerCounts(min(k, codes.shape[1]), fold_strands).fit_transform(codes)
    profiles = normalize(counts.astype(np.float64), norm="l1", copy=False)
    try:
        return VarianceThreshold().fit_transform(profiles)
    except ValueError as error:
        raise _no_variance() from error


def _standardised(values: np.ndarray | SparseRows) -> np.ndarray | SparseRows:
    """Features with mean 0 and variance 1, without constant ones (N, P), in the same precision.

    Sparse ones keep their mean; the components are of differences from it.
    """
    if is_sparse(values):
        varying = (values.max(axis=0) - values.min(axis=0)).toarray().ravel() > 0
        if not varying.any():
            raise _no_variance()
        return StandardScaler(with_mean=False).fit_transform(values[:, np.flatnonzero(varying)])
    varying = np.fmax.reduce(values) > np.fmin.reduce(values)  # not where all values are missing
    if not varying.any():
        raise _no_variance()
    values = values[:, varying]  # the one copy: what follows works in place
    if np.isnan(values).any():
        values = SimpleImputer(strategy="median", copy=False).fit_transform(values)
    return StandardScaler(copy=False).fit_transform(values)


def _no_variance() -> InputError:
    return InputError(
        "All examples have the same features, so there are no principal components. Check the "
        "data sources."
    )
