"""One estimator, or one network, for each of several labels, joined to one model."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone, is_regressor
from sklearn.dummy import DummyClassifier, DummyRegressor

from deeprules.data import Development, Partition

PART = "label_"
"""What the name of a network for one label begins with, within the one that they are joined to."""


class OneForEachLabel(BaseEstimator):
    """A copy of one estimator for each label, fitted on the examples of which that is known.

    Parameters
    ----------
    estimator : classifier of two classes or regressor, whose settings all labels share
    """

    def __init__(self, estimator: BaseEstimator):
        self.estimator = estimator

    def fit(self, inputs, labels: np.ndarray) -> "OneForEachLabel":
        """Fit on inputs (N, ...), a table or a tuple of them, and labels with NaN (N, T)."""
        self.estimators_ = []
        kind, dummy = np.int64, DummyClassifier()
        if is_regressor(self.estimator):
            kind, dummy = np.float64, DummyRegressor()
        for values in np.asarray(labels).T:
            known = np.flatnonzero(np.isfinite(values))
            given = values[known].astype(kind)
            # A small share of train may hold one class of a label, or nothing that is known of it.
            estimator = self.estimator if len(np.unique(given)) > 1 else dummy
            if not len(known):
                known, given = np.zeros(1, dtype=np.intp), np.zeros(1, dtype=kind)
            self.estimators_.append(clone(estimator).fit(_rows(inputs, known), given))
        return self

    def predict(self, inputs) -> np.ndarray:
        """Value (N, T) of each label."""
        return np.column_stack([fitted.predict(inputs) for fitted in self.estimators_])

    def predict_proba(self, inputs) -> np.ndarray:
        """Probability (N, T) of each label; 0 or 1 for one that train holds no two classes of."""
        columns = []
        for fitted in self.estimators_:
            found = dict(zip(fitted.classes_, fitted.predict_proba(inputs).T, strict=True))
            columns.append(found.get(1, 1 - found.get(0, 1.0)))
        return np.column_stack(columns)


def _rows(inputs, rows):
    """Some rows of an array, of a table, or of each of several."""
    if isinstance(inputs, tuple):
        return tuple(_rows(one, rows) for one in inputs)
    return inputs.iloc[rows] if isinstance(inputs, pd.DataFrame) else inputs[rows]


def with_scarcest_label(train: Partition) -> Partition:
    """Train with the one label that has the fewest examples of its rarer class, or fewest values.

    What can be fitted to it, with folds say, can be fitted to each.
    """
    if not train.dataset.is_classification:
        return train.of_label(int(np.isfinite(train.labels).sum(axis=0).argmin()))
    both = np.stack([(train.labels == value).sum(axis=0) for value in (0, 1)])
    return train.of_label(int(both.min(axis=0).argmin()))


def known_of_each(labels: np.ndarray) -> float:
    """Labels (N, T) that are known of an example, in the mean; 1 of single ones (N,).

    It is also how many epochs a network of all labels has for what one epoch of a network for each
    label costs: with so many times the epochs, both may see as many examples in all.
    """
    return float(np.isfinite(labels).reshape(len(labels), -1).sum(axis=1).mean())


def train_label_by_label(train_one: Callable, development: Development):
    """Train one network for each label, and join them to one that predicts all.

    Parameters
    ----------
    train_one : from the development data of one label and its number to what
        `deeprules.fit.training.train_network` returns

    Returns
    -------
    As `train_network` does. A row of the history is the mean over labels; the networks of those
    that have stopped stand at their last epoch.
    """
    networks, histories, settings = [], [], []
    for number in range(len(development.train.dataset.labels)):
        parts = Development(*(part.of_label(number) for part in development))
        network, history, used = train_one(parts, number)
        # The next one may be trained in the same compiled network.
        networks.append(_copied(network.model, f"{PART}{number}"))
        histories.append(history)
        settings.append(used)
    network.model = _joined(networks, development.train.dataset.task)
    used = {**settings[0], "class_weights": None, "networks": len(networks)}
    used["epochs_by_label"] = [len(history) for history in histories]
    used["parameters"] = sum(one["parameters"] for one in settings)
    return network, _mean_history(histories), used


def _copied(model, name: str):
    """A network of the same layers and weights under another name."""
    copy = type(model).from_config({**model.get_config(), "name": name})
    copy.set_weights(model.get_weights())
    return copy


def _joined(networks: list, name: str):
    """One network whose outputs are those of several with the same inputs, beside each other."""
    import keras

    inputs = [
        keras.Input(batch_shape=one.shape, dtype=one.dtype, name=one.name)
        for one in networks[0].inputs
    ]
    given = inputs[0] if len(inputs) == 1 else inputs
    outputs = [network(given) for network in networks]
    joined = keras.layers.Concatenate(name="labels")(outputs) if len(outputs) > 1 else outputs[0]
    return keras.Model(given, joined, name=name)


def _mean_history(histories: list[pd.DataFrame]) -> pd.DataFrame:
    """The mean of several histories, each at its last epoch once it has ended."""
    last = max(map(len, histories))
    numbers = [
        one[["loss", "val_loss"]].reindex(range(last)).ffill().to_numpy() for one in histories
    ]
    table = pd.DataFrame(np.mean(numbers, axis=0), columns=["loss", "val_loss"])
    table.insert(0, "epoch", np.arange(1, last + 1))
    return table
