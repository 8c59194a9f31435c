"""Pieces that networks share."""

import keras

from deeprules.data import Partition
from deeprules.fit.batch_directions import batch_steps
from deeprules.fit.highly_variable import highly_variable_steps
from deeprules.layers import (
    OneHotBases,
    RandomReverseComplement,
    RandomShift,
    ReverseComplement,
    TakeFeatures,
    WithoutDirections,
)

ACTIVATIONS = ["relu", "gelu", "silu"]
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
    """Last layer: probability of the positive class (1), of each class (C), or a value (1)."""
    if train.dataset.task == "binary":
        return keras.layers.Dense(1, activation="sigmoid", dtype="float32", **settings)
    if train.dataset.task == "multiclass":
        n_classes = len(train.dataset.classes)
        return keras.layers.Dense(n_classes, activation="softmax", dtype="float32", **settings)
    return keras.layers.Dense(1, dtype="float32", **settings)


def augmented_bases(hp, train: Partition, codes) -> tuple[keras.KerasTensor, bool]:
    """One-hot bases (batch, L, 4) of codes (batch, L), and whether both strands are averaged.

    While training, sequences move by up to `augment_shift` bases. With `strands: augment` half of
    them are turned round. Where the strand counts (`data: strand: given`) the other one is never
    looked at.
    """
    most = hp.Choice("augment_shift", [0, 3, 10])
    if most:
        codes = RandomShift(most)(codes)
    strands = "as_given"
    if train.dataset.both_strands:
        strands = hp.Choice("strands", ["average", "augment", "as_given"])
    if strands == "augment":
        codes = RandomReverseComplement()(codes)
    return OneHotBases()(codes), strands == "average"


def over_strands(body: keras.Model, bases, average: bool) -> keras.KerasTensor:
    """Outputs of `body` for bases (batch, L, 4), or their mean over both strands."""
    outputs = body(bases)
    if not average:
        return outputs
    return keras.layers.Average(name="average")([outputs, body(ReverseComplement()(bases))])


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
