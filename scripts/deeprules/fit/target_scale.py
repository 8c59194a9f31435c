"""The targets of a regression in standard units, as every model that is fitted sees them.

Penalties, tolerances and learning rates mean the same for labels of any size and offset.
"""

from dataclasses import dataclass

import numpy as np

from deeprules.data import Partition


@dataclass(frozen=True)
class TargetScale:
    """What is subtracted from a label, and what the rest is divided by."""

    location: float = 0.0
    scale: float = 1.0

    @classmethod
    def of(cls, labels: np.ndarray) -> "TargetScale":
        """Mean and standard deviation of labels (N,); of equal labels, a scale of 1."""
        lowest, span = float(labels.min()), float(np.ptp(labels)) or 1.0
        shares = (labels - lowest) / span  # Squares of very small or large labels leave 64 bits.
        return cls(lowest + span * float(shares.mean()), span * float(shares.std()) or 1.0)

    def standardise(self, values: np.ndarray) -> np.ndarray:
        """Values (N,) in standard units."""
        return (values - self.location) / self.scale

    def restore(self, values: np.ndarray) -> np.ndarray:
        """Standard units (N,) as values, in `float64`."""
        return np.asarray(values, dtype=np.float64) * self.scale + self.location

    def standardised(self, part: Partition) -> Partition:
        """A partition whose labels are in standard units."""
        return part.with_labels(self.standardise(part.labels))
