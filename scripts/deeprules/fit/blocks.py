"""Pieces that networks share."""

from dataclasses import dataclass

import keras

from deeprules.data import Partition
from deeprules.fit.batch_directions import batch_steps
from deeprules.fit.highly_variable import highly_variable_steps
from deeprules.layers import (
    OneHeadEach,
    OneHotBases,
    RandomReverseComplement,
    RandomShift,
    ReverseComplement,
    TakeFeatures,
    WithoutDirections,
)
from deeprules.tasks import is_mixed

ACTIVATIONS = ["relu", "gelu", "silu"]
ACTIVATION_OF = {"binary": "sigmoid", "multiclass": "softmax", "multilabel": "sigmoid"}
"""Of the last layer; that of values is linear."""
INITIALISERS = ["glorot_uniform", "he_normal"]


def layer_settings(hp) -> dict:
    """Initialiser and L2 penalty of every trained layer, as hyperparameters."""
    return {
        "kernel_initializer": hp.Choice("initialiser", INITIALISERS),
        "kernel_regularizer": keras.regularizers.L2(
            hp.Float("l2", 1e-7, 1e-3, sampling="log", default=1e-5)
        ),
    }


def activated(hp, layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """A layer, batch normalisation where `batch_normalisation` says so, and the activation."""
    normalise = hp.Boolean("batch_normalisation", default=True)
    activation = keras.layers.Activation(hp.Choice("activation", ACTIVATIONS))
    if not normalise:
        return [layer, activation]
    # Keras's momentum of 0.99 needs hundreds of steps, more than the first epochs of a small set.
    return [layer, keras.layers.BatchNormalization(momentum=0.9), activation]


def output_layer(train: Partition, **settings) -> keras.layers.Layer:
    """Last layer: probability of the positive class (1), of each class (C), or a value (1).

    Of several labels, the probability or value of each (T).
    """
    task, outputs = train.dataset.task, train.dataset.outputs
    size = 1 if task in ("binary", "regression") else len(outputs)
    if is_mixed(task):
        return OneHeadEach(train.dataset.are_classes.tolist(), dtype="float32", **settings)
    return keras.layers.Dense(size, ACTIVATION_OF.get(task), dtype="float32", **settings)


def through(layers: list[keras.layers.Layer], hidden) -> keras.KerasTensor:
    """What comes out of one layer after the other."""
    for layer in layers:
        hidden = layer(hidden)
    return hidden


def convolved(hp, hidden, filters: int, width: int, settings: dict, step: int = 1):
    """Positions (batch, L, F) convolved to (batch, L, filters), and `activated`.

    `step` is the distance of the positions that are taken together.
    """
    layer = keras.layers.Conv1D(filters, width, padding="same", dilation_rate=step, **settings)
    return through(activated(hp, layer), hidden)


def pooled(size: int) -> keras.layers.Layer:
    """Maxima of `size` positions each, at the ends of fewer, so that none is left out."""
    return keras.layers.MaxPooling1D(size, padding="same")


@dataclass(frozen=True)
class SequenceInput:
    """What a network on sequences is given.

    Attributes
    ----------
    codes : input of the network, codes (batch, L), `uint8`
    bases : the one-hot bases (batch, L, 4) that it sees of them
    is_averaged : whether it predicts the mean over both strands
    """

    codes: keras.KerasTensor
    bases: keras.KerasTensor
    is_averaged: bool

    def network(self, body: keras.Model, name: str) -> keras.Model:
        """The network whose `body` takes one-hot bases (batch, L, 4) to the outputs."""
        outputs = body(self.bases)
        if self.is_averaged:
            other = body(ReverseComplement()(self.bases))
            outputs = keras.layers.Average(name="average")([outputs, other])
        return keras.Model(self.codes, outputs, name=name)


def sequence_input(hp, train: Partition) -> SequenceInput:
    """Codes, and the bases that a network sees of them.

    While training, sequences move by up to `augment_shift` bases. With `strands: average` the
    prediction is the mean over a sequence and its reverse complement; with `augment` half of the
    sequences are turned round in training. Where the strand counts (`data: strand: given`) the
    other one is never looked at.
    """
    codes = keras.Input((train.dataset.n_features,), dtype="uint8", name="codes")
    seen = codes
    most = hp.Choice("augment_shift", [0, 3, 10])
    if most:
        seen = RandomShift(most)(seen)
    strands = "as_given"
    if train.dataset.both_strands:
        strands = hp.Choice("strands", ["average", "augment", "as_given"])
    if strands == "augment":
        seen = RandomReverseComplement()(seen)
    return SequenceInput(codes, OneHotBases()(seen), strands == "average")


def prepared_rows(train: Partition, rows) -> tuple[keras.KerasTensor, object]:
    """Rows (batch, P) as the configuration wants them, and the training rows alike.

    All but the highly variable features are left out, and directions of the batches taken away,
    where it says so.
    """
    hidden, features = rows, train.features
    for step in highly_variable_steps(train.dataset):
        places = step.fit(features).places_
        hidden, features = TakeFeatures(places.tolist())(rows), features[:, places]
    for step in batch_steps(train, features):
        hidden = WithoutDirections(step.directions.axes.shape[1]).take(step.directions)(hidden)
        features = step.transform(features)
    return hidden, features
