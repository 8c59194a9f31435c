"""Tables of the evaluation: scores, predictions, curves and tests of the frozen models.

Curves, calibration and confusion are those of each model's first fit, a model as it would be
used; scores carry every fit, their mean and their ensemble.
"""

import numpy as np
import pandas as pd

from deeprules.data import Partition
from deeprules.evaluate import curves
from deeprules.fit.prediction_tables import prediction_table
from deeprules.statistics.bootstrap import BootstrappedScores
from deeprules.statistics.metrics import metrics_of
from deeprules.statistics.predictions import of_label
from deeprules.statistics.significance import TEST_COLUMNS, paired_tests


def score_table(
    scored: BootstrappedScores, kinds: dict[str, str], frozen: dict, task: str
) -> pd.DataFrame:
    """Scores of every fit, of their mean and of their ensemble, the last two with intervals."""
    rows = []
    for name, kind in kinds.items():
        seeds = frozen["models"][name]["seeds"]
        for metric in metrics_of(task):
            for seed, point in zip(seeds, scored.points[name], strict=True):
                rows.append([name, kind, str(seed), metric, point[metric], np.nan, np.nan])
            for summary in ("mean", "ensemble"):
                interval = scored.interval(name, metric, summary)
                numbers = [interval.value, interval.lower, interval.upper]
                rows.append([name, kind, summary, metric, *numbers])
    columns = ["model", "kind", "seed", "metric", "value", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns)


def all_predictions(test: Partition, predictions: dict[str, dict[str, np.ndarray]]) -> pd.DataFrame:
    """Predictions of every fit and of each model's ensemble, one row an example and fit."""
    tables = []
    for name, by_seed in predictions.items():
        ensemble = np.mean(list(by_seed.values()), axis=0)
        for seed, values in {**by_seed, "ensemble": ensemble}.items():
            table = prediction_table(test, values)
            table.insert(2, "model", name)
            table.insert(3, "seed", seed)
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def class_tables(test: Partition, fits: dict[str, list[np.ndarray]]) -> dict[str, pd.DataFrame]:
    """The tables of `curves` for each model's first fit; headers alone for values.

    Of several labels, each stands for a class, and there is no confusion between them.
    """
    if not (test.dataset.classes or test.dataset.are_classes.any()):
        return {
            name: pd.DataFrame(columns=["model", *columns])
            for name, columns in curves.COLUMNS.items()
        }
    stacked = {name: [] for name in curves.COLUMNS}
    for model, (first, *_) in fits.items():
        tables = _tables_of(test, first)
        for name, table in tables.items():
            table.insert(0, "model", model)
            stacked[name].append(table)
    return {name: pd.concat(tables, ignore_index=True) for name, tables in stacked.items()}


def _tables_of(test: Partition, predictions: np.ndarray) -> dict[str, pd.DataFrame]:
    """The tables of `curves` for one fit."""
    if not test.dataset.has_several_labels:
        return curves.class_tables(test.dataset.classes, test.labels, predictions)
    each = []
    for number in np.flatnonzero(test.dataset.are_classes):
        name = test.dataset.labels[number]
        _, truth, chances = of_label(test.dataset.task, test.labels, predictions, number)
        each.append(curves.class_tables(("", name), truth, chances))
    tables = {name: pd.concat([one[name] for one in each]) for name in curves.COLUMNS}
    return tables | {"confusion": tables["confusion"].iloc[:0]}


def model_tests(test: Partition, fits: dict, kinds: dict[str, str]) -> pd.DataFrame:
    """Tests between models, which are for two classes; the header alone for other tasks."""
    if test.dataset.task != "binary":
        return pd.DataFrame(columns=TEST_COLUMNS)
    return paired_tests(test.labels, fits, kinds)
