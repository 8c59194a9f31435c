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
    """A copy of an estimator for each label, fitted on the examples of which that is known.

    Parameters
    ----------
    estimator : classifier of two classes or regressor, whose settings all labels share
    of_values : of labels of both kinds, the regressor of those that are values
    are_classes : with `of_values`, which labels are there or not
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        of_values: BaseEstimator | None = None,
        are_classes: tuple[bool, ...] = (),
    ):
        self.estimator, self.of_values, self.are_classes = estimator, of_values, are_classes

    def fit(self, inputs, labels: np.ndarray) -> "OneForEachLabel":
        """Fit on inputs (N, ...), a table or a tuple of them, and labels with NaN (N, T)."""
        self.estimators_ = []
        for number, values in enumerate(np.asarray(labels).T):
            is_class = not self.are_classes or self.are_classes[number]
            estimator = self.estimator if is_class else self.of_values
            kind, dummy = np.int64, DummyClassifier()
            if is_regressor(estimator):
                kind, dummy = np.float64, DummyRegressor()
            known = np.flatnonzero(np.isfinite(values))
            given = values[known].astype(kind)
            # A small share of train may hold one class of a label, or nothing that is known of it.
            estimator = estimator if len(np.unique(given)) > 1 else dummy
            if not len(known):
                known, given = np.zeros(1, dtype=np.intp), np.zeros(1, dtype=kind)
            self.estimators_.append(clone(estimator).fit(_rows(inputs, known), given))
        return self

    def predict(self, inputs) -> np.ndarray:
        """Probability (N, T) of each label, 0 or 1 for one that train holds no two classes of; or
        its value."""
        return np.column_stack([_predicted(fitted, inputs) for fitted in self.estimators_])

    predict_proba = predict


def _predicted(fitted: BaseEstimator, inputs) -> np.ndarray:
    """Probability that a label is there, or its value (N,)."""
    if is_regressor(fitted):
        return fitted.predict(inputs)
    found = dict(zip(fitted.classes_, fitted.predict_proba(inputs).T, strict=True))
    return found.get(1, 1 - found.get(0, 1.0))


def _rows(inputs, rows):
    """Some rows of an array, of a table, or of each of several."""
    if isinstance(inputs, tuple):
        return tuple(_rows(one, rows) for one in inputs)
    return inputs.iloc[rows] if isinstance(inputs, pd.DataFrame) else inputs[rows]


def one_for_each(build: Callable, train: Partition) -> OneForEachLabel:
    """Estimators of several labels, built for train with the scarcest label of each kind alone.

    What can be fitted to that, with folds say, can be fitted to each.
    """
    are_classes = train.dataset.are_classes
    kinds = [kind for kind in (True, False) if (are_classes == kind).any()]
    estimators = [build(train.of_label(_scarcest(train, are_classes == kind))) for kind in kinds]
    if len(kinds) == 1:
        return OneForEachLabel(*estimators)
    return OneForEachLabel(*estimators, tuple(are_classes.tolist()))


def _scarcest(train: Partition, chosen: np.ndarray) -> int:
    """The label, of those chosen (T,), with the fewest examples of its rarer class, or values."""
    each = np.isfinite(train.labels).sum(axis=0)
    both = np.stack([(train.labels == value).sum(axis=0) for value in (0, 1)]).min(axis=0)
    counts = np.where(train.dataset.are_classes, both, each)
    return int(np.where(chosen, counts, counts.max() + 1).argmin())


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
    joined = (
        keras.layers.Concatenate(name="labels", dtype="float64")(outputs)
        if len(outputs) > 1
        else outputs[0]
    )
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
