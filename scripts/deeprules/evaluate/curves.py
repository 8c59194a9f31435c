"""Tables behind the figures of an evaluation: curves, calibration, confusion, scores per class."""

import numpy as np
import pandas as pd
from sklearn import metrics as sk

from deeprules.statistics.predictions import checked

POINTS = 400
BINS = 10

COLUMNS = {
    "per_class": ["class", "metric", "value"],
    "pr_curve": ["class", "recall", "precision"],
    "roc_curve": ["class", "fpr", "tpr"],
    "calibration": ["class", "bin", "mean_predicted", "observed", "n"],
    "confusion": ["true", "predicted", "n"],
}


def class_tables(
    classes: tuple[str, ...], labels: np.ndarray, probabilities: np.ndarray
) -> dict[str, pd.DataFrame]:
    """Tables of one set of predictions, by name, with the columns of `COLUMNS`.

    Parameters
    ----------
    classes : names of the C classes
    labels : class indices (N,)
    probabilities : (N, C)

    Returns
    -------
    per_class (empty for two classes), pr_curve, roc_curve and calibration (the positive class of
    two, each of many against the rest; only classes with and without examples) and confusion.
    """
    task = "binary" if len(classes) == 2 else "multiclass"
    labels, probabilities = checked(task, labels, probabilities)
    rows = {name: [] for name in COLUMNS}
    for index in range(1 if task == "binary" else 0, len(classes)):
        is_class, probability = labels == index, probabilities[:, index]
        if is_class.all() or not is_class.any():
            continue
        tables = {
            "pr_curve": _pr_curve(is_class, probability),
            "roc_curve": _roc_curve(is_class, probability),
            "calibration": calibration(is_class, probability),
        }
        if task == "multiclass":
            decided = probabilities.argmax(axis=1) == index
            tables["per_class"] = _class_metrics(is_class, probability, decided)
        for name, table in tables.items():
            rows[name].append(table.assign(**{"class": classes[index]}))
    rows["confusion"].append(confusion(classes, labels, probabilities.argmax(axis=1)))
    return {name: _stack(rows[name], COLUMNS[name]) for name in COLUMNS}


def calibration(is_class: np.ndarray, probability: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """Predicted against observed share of a class in bins of (nearly) equal size.

    Parameters
    ----------
    is_class : bool (N,)
    probability : (N,)
    bins : number of quantile bins; equal probabilities stay together, so there may be fewer

    Returns
    -------
    One row a bin: bin (1..), mean_predicted, observed, n.
    """
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)))
    binned = pd.DataFrame(
        {
            "bin": np.searchsorted(edges[1:-1], probability, side="left"),
            "mean_predicted": probability,
            "observed": is_class.astype(float),
        }
    ).groupby("bin")
    table = binned.mean().assign(n=binned.size()).reset_index()
    return table.assign(bin=np.arange(1, len(table) + 1))


def confusion(classes: tuple[str, ...], labels: np.ndarray, decided: np.ndarray) -> pd.DataFrame:
    """Number of examples for each pair of true and predicted class, zeros included."""
    counts = sk.confusion_matrix(labels, decided, labels=range(len(classes)))
    return pd.DataFrame(
        {
            "true": np.repeat(classes, len(classes)),
            "predicted": np.tile(classes, len(classes)),
            "n": counts.ravel(),
        }
    )


def _pr_curve(is_class: np.ndarray, probability: np.ndarray) -> pd.DataFrame:
    """Precision against recall, from the lowest threshold to the highest."""
    precision, recall, _ = sk.precision_recall_curve(is_class, probability)
    return _thin(pd.DataFrame({"recall": recall, "precision": precision}))


def _roc_curve(is_class: np.ndarray, probability: np.ndarray) -> pd.DataFrame:
    """True against false positive rate, from the highest threshold to the lowest."""
    fpr, tpr, _ = sk.roc_curve(is_class, probability)
    return _thin(pd.DataFrame({"fpr": fpr, "tpr": tpr}))


def _class_metrics(
    is_class: np.ndarray, probability: np.ndarray, decided: np.ndarray
) -> pd.DataFrame:
    """Scores of one class against the rest."""
    values = {
        "auprc": sk.average_precision_score(is_class, probability),
        "auroc": sk.roc_auc_score(is_class, probability),
        "f1": sk.f1_score(is_class, decided, zero_division=0),
        "precision": sk.precision_score(is_class, decided, zero_division=0),
        "recall": sk.recall_score(is_class, decided, zero_division=0),
    }
    return pd.DataFrame({"metric": list(values), "value": list(values.values())})


def _thin(points: pd.DataFrame) -> pd.DataFrame:
    """At most `POINTS` of the points, evenly spaced, both ends included."""
    kept = np.unique(np.linspace(0, len(points) - 1, POINTS).round().astype(int))
    return points.iloc[kept]


def _stack(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Tables one below the other, columns in order; a header alone if there is none."""
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True)[columns]
