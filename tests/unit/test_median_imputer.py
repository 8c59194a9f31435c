"""Missing values are filled as scikit-learn's imputer fills them, to the last bit."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer

from deeprules.fit import median_imputer
from deeprules.fit.median_imputer import MedianImputer


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 40, 41])
def test_it_fills_as_that_of_scikit_learn(n, dtype, order, monkeypatch):
    """With odd and even numbers of known values, whole numbers, and a feature without any.

    The rows stay as they are, also where they are stored column by column.
    """
    monkeypatch.setattr(median_imputer, "BLOCK_VALUES", 3 * n)
    rng = np.random.default_rng(1)
    rows, others = (rng.lognormal(size=(size, 20)).astype(dtype) for size in (n, 9))
    rows[:, 3], rows[:, 4] = rng.integers(4, size=n), 1e30
    for some in (rows, others):
        some[rng.random(some.shape) < 0.2] = np.nan
    rows[:, 7] = np.nan
    rows = np.array(rows, order=order)
    before = rows.copy()
    expected = SimpleImputer(strategy="median", keep_empty_features=True).fit(rows)
    found = MedianImputer().fit(rows)
    for some in (rows, others):
        filled = found.transform(some)
        assert filled.dtype == dtype
        assert filled.tobytes() == expected.transform(some).tobytes()
    np.testing.assert_array_equal(rows, before)


def test_rows_without_a_missing_value_are_not_copied():
    rows = np.arange(12.0).reshape(4, 3)
    assert np.shares_memory(MedianImputer().fit_transform(rows), rows)


def test_other_features_and_infinite_values_are_refused():
    with pytest.raises(NotFittedError):
        MedianImputer().transform(np.ones((2, 3)))
    with pytest.raises(ValueError, match="expecting 3 features"):
        MedianImputer().fit(np.ones((2, 3))).transform(np.ones((2, 4)))
    with pytest.raises(ValueError, match="infinity"):
        MedianImputer().fit(np.full((2, 3), np.inf))
