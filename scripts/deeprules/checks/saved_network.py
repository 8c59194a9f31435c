"""Can a network be saved, and loaded by another process, and does it then predict the same?

A layer of one's own that forgets what it was made with would otherwise be found after the search.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np

from deeprules.arithmetic import start_fit
from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.feature_store import dense
from deeprules.fit.candidates import Candidate
from deeprules.fit.models import FittedNetwork
from deeprules.fit.training import compile_network
from deeprules.pretrained.pretrained import Pretrained

EXAMPLES = 8
READERS = {"Embedding", "CategoryEncoding", "IntegerLookup", "OneHot", "Equal", "Take", "GetItem"}
"""Layers and operations of Keras that tell one code from another."""
CLOSE = 1e-4
"""Largest difference between predictions, as a share of the largest of them."""
ADVICE = (
    "A class or function of your own must stand at the top level of its file; a layer's "
    "`get_config` must return all that its `__init__` takes, what it learns from data must be a "
    "weight, and a Lambda layer cannot be used"
)


def require_loadable(
    candidate: Candidate,
    hp,
    train: Partition,
    seed: int,
    load: Callable[[str | Path], FittedNetwork],
) -> None:
    """Stop the run if a network cannot be saved and loaded, before it is trained.

    Parameters
    ----------
    hp : hyperparameters; a `keras_tuner.HyperParameters` gives every default
    load : reads a saved network

    Raises
    ------
    InputError
        With what Keras says.
    """
    start_fit(seed)
    built, _ = compile_network(candidate, hp, train)
    model, name = candidate.name, candidate.source
    whole = keras.Model(built.input, built.output, name=train.dataset.task)
    network = FittedNetwork(whole, name, candidate.inputs(train))
    if train.dataset.modality == "sequence" and not isinstance(candidate.needed, Pretrained):
        require_one_hot(model, built)
    some = (dense(train.features[:EXAMPLES]), train.examples[:EXAMPLES])
    expected = network.predict(*some)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        try:
            network.save(path)
            with _as_in_a_new_process():
                found = load(path).predict(*some)
        except Exception as error:
            reason = (str(error).strip().splitlines() or [""])[0].split(" Full object config")[0]
            raise InputError(
                f"The network {model} ({name}) cannot be saved and loaded again, so "
                f"that no other process could use it: {type(error).__name__}: {reason} {ADVICE}."
            ) from error
    if not np.allclose(found, expected, rtol=0, atol=CLOSE * max(1, np.abs(expected).max())):
        raise InputError(
            f"The network {model} ({name}) predicts otherwise once it was saved and "
            f"loaded: by up to {np.abs(found - expected).max():.3g}. {ADVICE}."
        )


def require_one_hot(model: str, network: keras.Model) -> None:
    """Stop the run if a network on sequences reads the codes of bases as if they were amounts.

    A layer that is not one of Keras is taken to know what it reads.

    Raises
    ------
    InputError
        If no layer turns codes into vectors.
    """
    kinds = {type(operation) for operation in _operations(network)}
    if any(not kind.__module__.startswith("keras.") or kind.__name__ in READERS for kind in kinds):
        return
    raise InputError(
        f"The network {model} reads the codes of bases (A 1, C 2, G 4, T 8) as if T were eight "
        "times A: none of its layers tells them apart. Begin with `OneHotBases()` of "
        "deeprules.layers, as networks/cnn.py does."
    )


def _operations(model: keras.Model) -> Iterator:
    """Operations of a network and of the networks within it."""
    # A Sequential model within another has layers alone.
    for operation in getattr(model, "operations", model.layers):
        yield operation
        if isinstance(operation, keras.Model):
            yield from _operations(operation)


@contextlib.contextmanager
def _as_in_a_new_process() -> Iterator[None]:
    """Without the classes and functions that imports have registered with Keras so far."""
    table = keras.saving.get_custom_objects()
    kept = dict(table)
    table.clear()
    try:
        yield
    finally:
        table.update(kept)
