"""What is done to the numbers of a matrix, sample by sample."""

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import norm

from deeprules.ingest.transforms import IN_WORDS, transformed

COUNTS = np.array([[0, 1, 3, 0, 0, 6], [2, 2, 0, 0, 0, 1]], dtype=np.float64)


def test_each_by_hand():
    assert transformed("none", COUNTS) is COUNTS
    assert np.allclose(transformed("log1p", COUNTS), np.log(1 + COUNTS))
    assert np.allclose(transformed("cpm", COUNTS)[0], [0, 1e5, 3e5, 0, 0, 6e5])
    assert np.allclose(transformed("log_cpm", COUNTS)[1, 0], np.log(1 + 4e5))
    assert np.allclose(transformed("log_cp10k", COUNTS)[1, 0], np.log(1 + 4e3))
    assert np.allclose(transformed("rank", COUNTS)[0], [0, 3 / 5, 4 / 5, 0, 0, 1])
    # Zeros share the ranks 1 to 3: (2 - 0.5) / 6.
    quantiles = norm.ppf([0.25, 3.5 / 6, 4.5 / 6, 0.25, 0.25, 5.5 / 6])
    assert np.allclose(transformed("quantile", COUNTS)[0], quantiles)
    logarithms = np.log([1, 2, 4, 1, 1, 7])
    assert np.allclose(transformed("clr", COUNTS)[0], logarithms - logarithms.mean())


@pytest.mark.parametrize("name", IN_WORDS)
def test_sparse_rows_become_the_same(name):
    found = transformed(name, sparse.csr_array(COUNTS))
    keeps_zeros = name not in ("quantile", "clr")
    assert sparse.issparse(found) == keeps_zeros
    found = found.toarray() if keeps_zeros else found
    assert np.allclose(found, transformed(name, COUNTS), rtol=1e-12)


def test_a_rank_among_negative_numbers_is_the_same_sparse():
    values = COUNTS - 2 * (COUNTS == 1)
    found = transformed("rank", sparse.csr_array(values))
    assert not sparse.issparse(found) and np.allclose(found, transformed("rank", values))


@pytest.mark.parametrize("name", IN_WORDS)
def test_a_sample_alone_is_the_same_and_missing_values_stay_missing(name):
    assert np.allclose(transformed(name, COUNTS)[[1]], transformed(name, COUNTS[[1]]))
    values = COUNTS.copy()
    values[0, 0] = np.nan
    found = transformed(name, values)
    assert np.isnan(found[0, 0]) and np.isnan(found).sum() == 1
    known = transformed(name, values[[0], 1:])
    assert np.allclose(found[0, 1:], known[0])


@pytest.mark.parametrize("name", ["rank", "quantile", "cpm"])
def test_depth_of_a_sample_plays_no_part(name):
    assert np.allclose(transformed(name, COUNTS * [[1], [7]]), transformed(name, COUNTS))
