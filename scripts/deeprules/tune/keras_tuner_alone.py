"""Keras Tuner without Keras, for jobs that train no network.

Its oracles and hyperparameters are plain Python, but importing them imports Keras and a backend:
several seconds and 700 MB for a search that may take one. While it is imported, what it asks of
Keras is stood in for by the few names that it needs; whoever imports Keras later gets the real one.
"""

import importlib
import sys
from types import ModuleType, SimpleNamespace


def _serialize(thing) -> dict:
    return {"class_name": type(thing).__name__, "config": thing.get_config()}


def _deserialize(config: dict, custom_objects=None, module_objects=None):
    return module_objects[config["class_name"]].from_config(config["config"])


def _module(name: str, **content) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(content)
    return module


def _stand_ins() -> dict[str, ModuleType]:
    """Modules by name: those of Keras, and Keras Tuner's own of networks for images."""
    ops, random = _module("keras.src.ops"), _module("keras.random")
    src = _module("keras.src", ops=ops)
    keras = _module(
        "keras",
        src=src,
        random=random,
        version=lambda: "3.0",
        # With this one it opens files as Python does.
        config=SimpleNamespace(backend=lambda: "numpy"),
        callbacks=SimpleNamespace(Callback=object),
        utils=SimpleNamespace(
            serialize_keras_object=_serialize, deserialize_keras_object=_deserialize
        ),
    )
    images = ("keras_tuner.applications", "keras_tuner.src.applications")
    found = {"keras": keras, "keras.src": src, "keras.src.ops": ops, "keras.random": random}
    return found | {name: _module(name) for name in images}


def import_keras_tuner() -> ModuleType:
    """The module `keras_tuner`, on Keras where that has been imported already."""
    if "keras" in sys.modules or "keras_tuner" in sys.modules:
        return importlib.import_module("keras_tuner")
    stand_ins = _stand_ins()
    sys.modules.update(stand_ins)
    try:
        return importlib.import_module("keras_tuner")
    finally:
        for name in stand_ins:
            del sys.modules[name]


keras_tuner = import_keras_tuner()
