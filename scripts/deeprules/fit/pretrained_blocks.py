"""Pieces that networks on pretrained models share."""

import keras
import numpy as np

from deeprules.data import Partition
from deeprules.fit.blocks import activated, layer_settings, output_layer
from deeprules.layers import Standardise
from deeprules.pretrained.activations import input_name
from deeprules.pretrained.pretrained import Pretrained
from deeprules.pretrained.pretrained_body import activation_model, load_body

BODY = "pretrained_body"
"""Name of the pretrained layers within a network."""
SCALED_ROWS = 20_000
"""Rows, at most, that the scale of activations is learnt from."""


def head(hp, train: Partition) -> list[keras.layers.Layer]:
    """Layers from scaled activations (batch, D) to the outputs of the task."""
    settings = layer_settings(hp)
    dropout = hp.Float("dropout", 0.0, 0.6, step=0.1, default=0.3)
    layers = [keras.layers.Dropout(dropout)]
    units = hp.Choice("units", [0, 32, 128])
    with hp.conditional_scope("units", [32, 128]):
        if units:
            layers += activated(hp, keras.layers.Dense(units, **settings))
            layers.append(keras.layers.Dropout(dropout))
    return [*layers, output_layer(train, **settings)]


def standardised(activations: np.ndarray) -> Standardise:
    """A layer that centres and scales activations (N, D) as in at most `SCALED_ROWS` of them."""
    step = -(-len(activations) // SCALED_ROWS)
    return Standardise().adapt(activations[::step])


def network_on_activations(hp, train: Partition, pretrained: Pretrained) -> keras.Model:
    """Network from the activations (batch, D), `float32`, of a pretrained model through a head."""
    width, name = train.features.shape[1], input_name(pretrained)
    activations = keras.Input((width,), dtype="float32", name=name)
    hidden = standardised(train.features)(activations)
    for layer in head(hp, train):
        hidden = layer(hidden)
    return keras.Model(activations, hidden, name="on_activations")


def network_on_body(hp, train: Partition, pretrained: Pretrained, body: keras.Layer) -> keras.Model:
    """Network from codes (batch, L), `uint8`, through a Keras body and a head to the outputs."""
    model = activation_model(body, pretrained.contract, train.dataset.n_features)
    return _with_head(hp, train, model.input, model.output)


def network_on_transformer(hp, train: Partition, body: keras.Layer) -> keras.Model:
    """Network from codes (batch, L), `uint8`, through a body that reads them and a head."""
    codes = keras.Input((train.dataset.n_features,), dtype="uint8", name="codes")
    return _with_head(hp, train, codes, body(codes))


def _with_head(hp, train, codes, hidden):
    """Batch normalisation before the head makes up for activations of any scale."""
    hidden = keras.layers.BatchNormalization(momentum=0.9)(hidden)
    for layer in head(hp, train):
        hidden = layer(hidden)
    return keras.Model(codes, hidden)


def fresh_body(hp, pretrained: Pretrained, *, pretrained_weights: bool) -> keras.Model:
    """A new copy of the pretrained model up to its layer, with the L2 penalty of the head.

    Its weights are those of the pretrained model, or else drawn anew by its own initialisers.
    """
    body = load_body(pretrained.folder, pretrained.contract)
    penalty = keras.regularizers.serialize(layer_settings(hp)["kernel_regularizer"])

    def copy(layer):
        config = layer.get_config()
        if "kernel_regularizer" in config:
            config["kernel_regularizer"] = penalty
        return type(layer).from_config(config)

    fresh = keras.models.clone_model(body, clone_function=copy, recursive=True)
    if pretrained_weights:
        fresh.set_weights(body.get_weights())
    return keras.Model(fresh.inputs, fresh.outputs[0], name=BODY)


def layers_with_weights(model: keras.Model) -> list[keras.layers.Layer]:
    """Layers of a model and of the models within it that have weights, from the input up."""
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += layers_with_weights(layer)
        elif layer.weights:
            found.append(layer)
    return found
