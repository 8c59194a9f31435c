"""The calibration of a packed model: of its classes together, or of each of several labels."""

from collections.abc import Mapping

import numpy as np

from deeprules.data import Dataset
from deeprules.evaluate.confidence import Calibration
from deeprules.statistics.predictions import of_label


def fit_calibration(dataset: Dataset, labels: np.ndarray, ensemble: np.ndarray) -> dict:
    """What `model.json` keeps: `scale`, `shifts` and `n`, or these of each of several labels.

    A label of values has None.

    Parameters
    ----------
    labels : class indices (N,); of several labels 0, 1 and NaN (N, T)
    ensemble : probabilities (N, C) or (N, T)
    """
    if not dataset.has_several_labels:
        return _facts(labels, ensemble)
    found = [
        _facts(*of_label(dataset.task, labels, ensemble, number)[1:]) if is_class else None
        for number, is_class in enumerate(dataset.are_classes)
    ]
    return {"labels": found}


def _facts(labels: np.ndarray, probabilities: np.ndarray) -> dict:
    found = Calibration.fit(labels, probabilities)
    return {"scale": found.scale, "shifts": found.shifts.tolist(), "n": len(labels)}


def apply_calibration(facts: Mapping, ensemble: np.ndarray) -> np.ndarray:
    """Calibrated probabilities (N, C), or (N, T) of several labels."""
    if "labels" not in facts:
        return Calibration(facts["scale"], np.array(facts["shifts"])).apply(ensemble)
    columns = [
        present
        if one is None
        else apply_calibration(one, np.column_stack([1 - present, present]))[:, 1]
        for one, present in zip(facts["labels"], ensemble.T, strict=True)
    ]
    return np.column_stack(columns)
