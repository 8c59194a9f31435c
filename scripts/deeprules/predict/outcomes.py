"""What is predicted of new examples: a class and how sure it is, or which of several labels."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from deeprules.data import Dataset
from deeprules.ingest.several_labels import in_words

BINS = 10
ONE_HALF = 0.5


class OneLabel:
    """The class with the largest probability; of values, nothing."""

    def __init__(self, dataset: Dataset):
        self.dataset, self.names = dataset, np.array(dataset.classes, dtype=object)
        self.counted: Counter[str] = Counter()
        self.histogram = np.zeros(BINS, dtype=np.int64)

    def columns(self, ensemble: np.ndarray, calibrated: np.ndarray) -> dict[str, np.ndarray]:
        """Columns of the table of predictions, from probabilities (N, C)."""
        chosen = ensemble.argmax(axis=1)
        # Calibration may put another class first: the confidence is that of the one predicted.
        confidence = calibrated[np.arange(len(chosen)), chosen]
        return {"predicted": self.names[chosen], "confidence": confidence}

    def count(self, table: pd.DataFrame, ensemble: np.ndarray) -> None:
        """Count some examples, from their rows of the table and their predictions."""
        if self.dataset.is_classification:
            self.counted.update(table["predicted"])
            edges = np.linspace(0, 1, BINS + 1)
            self.histogram += np.histogram(table["confidence"], edges)[0]

    def facts(self) -> Mapping:
        """What the summary says: examples predicted of each class, and of each confidence."""
        return {
            "predicted": {name: self.counted[name] for name in self.names},
            "several": False,
            "confidence": self.histogram.tolist() if self.dataset.classes else [],
        }


class SeveralLabels(OneLabel):
    """All labels of which the probability is more than one half; values are not predicted so."""

    def __init__(self, dataset: Dataset):
        super().__init__(dataset)
        self.names = np.array(dataset.labels, dtype=object)[dataset.are_classes]

    def columns(self, ensemble: np.ndarray, calibrated: np.ndarray) -> dict[str, np.ndarray]:
        """Columns of the table of predictions, from probabilities or values (N, T)."""
        words = [in_words(self.names[row]) for row in self._is_held(ensemble)]
        return {"predicted": np.array(words, dtype=object)}

    def count(self, table: pd.DataFrame, ensemble: np.ndarray) -> None:
        """Count the examples of which each label is predicted."""
        held = self._is_held(ensemble).sum(axis=0)
        self.counted.update(dict(zip(self.names, map(int, held), strict=True)))

    def facts(self) -> Mapping:
        """What the summary says: examples predicted of each label."""
        return {**super().facts(), "several": True}

    def _is_held(self, ensemble: np.ndarray) -> np.ndarray:
        return ensemble[:, self.dataset.are_classes] > ONE_HALF


def outcome_of(dataset: Dataset) -> OneLabel:
    """What is predicted of a data set."""
    return (SeveralLabels if dataset.has_several_labels else OneLabel)(dataset)
