"""The targets of a regression in standard units, as every model that is fitted sees them.

Penalties, tolerances and learning rates mean the same for labels of any size and offset.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deeprules.data import Partition


@dataclass(frozen=True)
class TargetScale:
    """What is subtracted from a label, and what the rest is divided by; of several, of each.

    A label that is there or not stays as it is.
    """

    location: float | tuple[float, ...] = 0.0
    scale: float | tuple[float, ...] = 1.0

    @classmethod
    def of(cls, labels: np.ndarray, are_classes: Sequence[bool] = ()) -> "TargetScale":
        """Mean and standard deviation of labels (N,); of equal labels, a scale of 1.

        Of several labels (N, T), those of each, where it is known; `are_classes` (T) stay as they
        are.
        """
        if labels.ndim == 2:
            known = [one[np.isfinite(one)] for one in labels.T]
            stay = are_classes if len(are_classes) else [False] * len(known)
            each = [
                cls() if stays or not len(one) else cls.of(one)
                for one, stays in zip(known, stay, strict=True)
            ]
            return cls(tuple(one.location for one in each), tuple(one.scale for one in each))
        lowest, span = float(labels.min()), float(np.ptp(labels)) or 1.0
        shares = (labels - lowest) / span  # Squares of very small or large labels leave 64 bits.
        return cls(lowest + span * float(shares.mean()), span * float(shares.std()) or 1.0)

    def of_label(self, number: int) -> "TargetScale":
        """That of one of several labels."""
        if not isinstance(self.location, tuple):
            return self
        return TargetScale(self.location[number], self.scale[number])

    def standardise(self, values: np.ndarray) -> np.ndarray:
        """Values (N,) or (N, T) in standard units."""
        return (values - np.asarray(self.location)) / np.asarray(self.scale)

    def restore(self, values: np.ndarray) -> np.ndarray:
        """Standard units (N,) or (N, T) as values, in `float64`."""
        values = np.asarray(values, dtype=np.float64)
        return values * np.asarray(self.scale) + np.asarray(self.location)

    def standardised(self, part: Partition) -> Partition:
        """A partition whose labels are in standard units."""
        return part.with_labels(self.standardise(part.labels))
