"""Missing values of dense rows, filled with the median of each feature in train."""

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import FLOAT_DTYPES, check_is_fitted, validate_data

from deeprules.feature_store import BLOCK_VALUES


class MedianImputer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Fills missing values with the median of their feature; with 0 where train has none at all.

    The medians are those of scikit-learn's `SimpleImputer`, which sorts copies of the whole table
    for them: here some features are sorted at a time. Rows without a missing value are not copied.
    """

    def fit(self, rows, labels=None):
        """Learn the medians of rows (N, P)."""
        rows = self._checked(rows, reset=True)
        step = max(1, BLOCK_VALUES // len(rows))
        parts = [rows[:, start : start + step].T for start in range(0, rows.shape[1], step)]
        self.medians_ = np.concatenate([_medians(part) for part in parts])
        return self

    def transform(self, rows):
        """The rows (N, P), filled."""
        check_is_fitted(self)
        rows = self._checked(rows, reset=False)
        missing = np.isnan(rows)
        return np.where(missing, self.medians_, rows) if missing.any() else rows

    def _checked(self, rows, reset):
        """Rows as numbers of 32 or 64 bits; ValueError if some are infinite."""
        terms = {"dtype": FLOAT_DTYPES, "ensure_all_finite": "allow-nan"}
        return validate_data(self, rows, reset=reset, **terms)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _medians(columns: np.ndarray) -> np.ndarray:
    """Medians (P,) of what is known of columns (P, N); 0 where nothing is."""
    # Always a copy, as it is sorted: those of rows that are stored column by column are contiguous.
    medians = np.median(np.array(columns, order="C"), axis=1, overwrite_input=True)
    for place in np.flatnonzero(np.isnan(medians)):
        known = columns[place][~np.isnan(columns[place])]
        medians[place] = np.median(known) if len(known) else 0
    return medians
