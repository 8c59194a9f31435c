"""Compiled networks that are trained again, so that only an architecture's first fit is traced.

To trace the steps of training and prediction takes seconds, more than many a fit. A network that a
process has compiled is kept; when the next one is the same but for its weights, that of before is
given them, the state of its random numbers and of its optimizer, and trained instead. The fit is
the same to the last bit. Only the networks of one architecture are kept, and none is taken back
while someone holds what it was fitted to.
"""

import json
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field

import keras

from deeprules.arithmetic import forget_kernels
from deeprules.fit.models import FittedNetwork

KNOWN_LAYERS = ("keras.", "deeprules.layers", "deeprules.pretrained.pretrained_layers")
"""Modules of layers whose configuration and weights are all that they compute with.

Layers from elsewhere may draw random numbers, or hold constants, that a trace has taken up.
"""
OF_ANY_CODE = ("Lambda", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "TFSMLayer")
"""Layers of Keras that run what their configuration does not tell.

So do those that learn by `adapt`: their means or words are constants of what was traced.
"""


@dataclass
class CompiledNetwork:
    """A compiled network and its state.

    Attributes
    ----------
    model : the network that is trained
    key : what it is but for its variables; empty for one that is used once
    whole : by what was made of its outputs, the network that predicts
    holder : returns the fitted network that it serves, or None once nobody has that any more
    """

    model: keras.Model
    key: str
    whole: dict = field(default_factory=dict)
    holder: Callable[[], FittedNetwork | None] = lambda: None

    def begin_as(self, fresh: keras.Model) -> None:
        """Take the weights, the random state and the optimizer's state of a network just built."""
        for model in (self.model, fresh):
            if not model.optimizer.built:
                model.optimizer.build(model.trainable_variables)
        for mine, new in zip(_variables(self.model), _variables(fresh), strict=True):
            mine.assign(new)

    def fitted(
        self, of: object, make: Callable[[], keras.Model], source: str, inputs
    ) -> FittedNetwork:
        """The network that predicts; `make` builds it, unless one was made of the same, `of`."""
        if of not in self.whole:
            self.whole = {of: make()}
        network = FittedNetwork(self.whole[of], source, inputs)
        self.holder = weakref.ref(network)
        return network


_kept: list[CompiledNetwork] = []


def any_kept() -> bool:
    """Whether a network is kept, so that the next fit may be of its architecture."""
    return bool(_kept)


def compiled(fresh: keras.Model, once: bool = False) -> CompiledNetwork:
    """A compiled network in the state of `fresh`: itself, or one that was traced before.

    Parameters
    ----------
    fresh : network that was just built and compiled, and not trained
    once : whether it will be changed in training, so that it cannot serve again
    """
    key = "" if once else _key(fresh)
    if any(one.key != key for one in _kept):
        forget_kernels()
    _kept[:] = [one for one in _kept if one.key == key]
    for one in _kept:
        if one.holder() is None:
            one.begin_as(fresh)
            return one
    found = CompiledNetwork(fresh, key)
    if key:
        _kept.append(found)
    return found


def _variables(model: keras.Model) -> list:
    """All that a fit changes: weights, states of random numbers, the optimizer's variables."""
    return [*model.variables, *model.optimizer.variables]


def _key(model: keras.Model) -> str:
    """What a compiled network is but for its variables; empty where that cannot be told."""
    network = model.get_config()
    is_known = all(_is_known(type(layer)) for layer in model._flatten_layers())
    if not is_known or _names_functions(network):
        return ""
    optimizer = keras.saving.serialize_keras_object(model.optimizer)
    for config in (optimizer["config"], optimizer["config"].get("inner_optimizer", {})):
        config.pop("learning_rate", None)  # it is a variable
    terms = [network, optimizer, model.loss, model.jit_compile]
    return json.dumps(
        [*terms, keras.config.dtype_policy().name], default=keras.saving.serialize_keras_object
    )


def _is_known(kind: type) -> bool:
    """Whether the configuration and the weights of a layer or network are all of it."""
    learns = kind.__module__.startswith("keras.") and hasattr(kind, "adapt")
    is_open = learns or kind.__name__ in OF_ANY_CODE
    return kind.__module__.startswith(KNOWN_LAYERS) and not is_open


def _names_functions(config: object) -> bool:
    """Whether a configuration holds functions, of which it tells no more than the name.

    Those of Keras are not among them: they are text.
    """
    if isinstance(config, dict):
        is_function = config.get("class_name") == "function"
        return is_function or any(map(_names_functions, config.values()))
    return isinstance(config, list | tuple) and any(map(_names_functions, config))
