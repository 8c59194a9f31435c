"""Activations of a pretrained model, chunk by chunk, in an environment that has its framework.

Run as a program, `python -m deeprules.pretrained.activation_program request.json`, it needs Python
3.9, numpy and the framework (through keras, kipoi or transformers), nothing else of what the
workflow uses.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from deeprules.errors import InputError
from deeprules.pretrained.kipoi_inputs import model_inputs

CHUNK = 20_000
"""Sequences that Keras predicts at a time."""
BATCH = 512
"""Sequences in a batch."""


def activation_chunks(folder: str | Path, contract: dict, codes: np.ndarray) -> Iterator:
    """Activations of byte codes (N, L), `float32` (n, D) for some sequences at a time.

    Raises
    ------
    InputError if an activation is not finite, or the model has not the layer.
    """
    start = 0
    for chunk in _predict(contract["framework"])(folder, contract, codes):
        activations = np.asarray(chunk, dtype=np.float32)
        broken = np.flatnonzero(~np.isfinite(activations).all(axis=1))
        if len(broken):
            raise InputError(
                f"Activations of the pretrained model {contract['name']} are not finite for "
                f"{len(broken)} of {len(activations)} sequences, first for that in row "
                f"{start + broken[0]}. Choose another `layer`, or see what `input` it expects."
            )
        start += len(activations)
        yield activations


def save_chunks(path: str | Path, chunks: Iterator, n: int) -> None:
    """Write chunks of rows, N in all, to one `.npy` file without holding them in memory."""
    first = next(chunks)
    array = np.lib.format.open_memmap(path, "w+", np.float32, (n, first.shape[1]))
    start = 0
    for chunk in chain([first], chunks):
        array[start : start + len(chunk)] = chunk
        start += len(chunk)
    array.flush()


def pool(activations: np.ndarray, channels_first: bool) -> np.ndarray:
    """The maximum over the axes between examples and channels: (N, D) from (N, ..., D)."""
    if activations.ndim < 3:
        return activations.reshape(len(activations), -1)
    moved = np.moveaxis(activations, 1, -1) if channels_first else activations
    return moved.max(axis=tuple(range(1, moved.ndim - 1)))


def _predict(framework):
    """What gives the activations of a framework's models, chunk by chunk."""
    if framework == "transformers":
        from deeprules.pretrained.transformers_program import transformer_chunks

        return transformer_chunks
    return _keras_predict if framework == "keras" else _kipoi_predict


def _keras_predict(folder, contract, codes):
    """Chunks from a Keras model; the one-hot bases are made within it."""
    from deeprules.pretrained.pretrained_body import activation_model, load_body

    model = activation_model(load_body(folder, contract), contract, codes.shape[1])
    for start in range(0, len(codes), CHUNK):
        yield model.predict(np.asarray(codes[start : start + CHUNK]), BATCH, verbose=0)


def _kipoi_predict(folder, contract, codes):
    """Chunks from a model of another framework, read by Kipoi."""
    import kipoi

    model = kipoi.get_model(str(folder), source="dir", with_dataloader=False)
    schema, layer = model.schema.inputs, contract["layer"]
    if layer is not None and not hasattr(model, "predict_activation_on_batch"):
        raise InputError(
            f"pretrained.{contract['name']}.layer: Kipoi gives no activations of layers for "
            f"{contract['framework']}; leave the key out to use the output of the model."
        )
    for start in range(0, len(codes), BATCH):
        part = codes[start : start + BATCH]
        x = model_inputs(part, contract)
        x = {next(iter(schema)): x} if isinstance(schema, dict) else x
        x = [x] if isinstance(schema, list) else x
        outputs = (
            model.predict_on_batch(x)
            if layer is None
            else model.predict_activation_on_batch(x, layer)
        )
        pooled = pool(_only(outputs, contract["name"]), contract["framework"] == "pytorch")
        yield pooled.reshape(len(part), -1, pooled.shape[1]).mean(axis=1)


def _only(outputs, name):
    """The one array in what Kipoi returns: an array, or nested lists or dictionaries of one."""
    while isinstance(outputs, (list, tuple, dict)):
        if len(outputs) != 1:
            raise InputError(
                f"The pretrained model {name} has {len(outputs)} outputs; name a `layer` instead."
            )
        outputs = next(iter(outputs.values())) if isinstance(outputs, dict) else outputs[0]
    return np.asarray(outputs)


def main(path: str) -> None:
    """Fulfil a request: a JSON file with `folder`, `contract`, `codes` and `output` (`.npy`)."""
    request = json.loads(Path(path).read_text(encoding="utf-8"))
    codes = np.load(request["codes"], mmap_mode="r")
    chunks = activation_chunks(request["folder"], request["contract"], codes)
    try:
        save_chunks(request["output"], chunks, len(codes))
    except InputError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1])
