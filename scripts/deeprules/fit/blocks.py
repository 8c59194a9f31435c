"""Pieces that networks share."""

import keras

from deeprules.data import Partition

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
