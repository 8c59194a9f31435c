"""Fitted networks that start from a pretrained model, asked like every other model."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.command.tool import Tool, told_where
from deeprules.errors import InputError
from deeprules.fit.models import FittedNetwork, load_model
from deeprules.pretrained.activations import activations, activations_key, input_name
from deeprules.pretrained.keras_files import custom_objects
from deeprules.pretrained.pretrained import Pretrained

MAX_KEPT_BYTES = 2**28
"""Files of networks that a loader keeps in memory, so that each is read and traced once."""


@dataclass
class NetworkOnActivations:
    """A network on the activations of a pretrained model, together with that model.

    Attributes
    ----------
    network : fitted network from activations (N, D)
    extract : from codes (N, L) to activations
    """

    network: FittedNetwork
    extract: Callable[[np.ndarray], np.ndarray]

    def predict(self, features: np.ndarray, examples: pd.DataFrame | None = None) -> np.ndarray:
        """Probabilities (N, C) or values (N,) for codes (N, L) and their table of examples."""
        return self.network.predict(self.extract(features), examples)


@dataclass
class ModelLoader:
    """Loads fitted models by path; those that start from a pretrained model or run a tool get it.

    Activations are kept in memory, for the other fits on the same pretrained model, and nowhere
    else; so are networks, up to `MAX_KEPT_BYTES` of their files.

    Attributes
    ----------
    entries : by path, `pretrained` (its name), `inputs` and perhaps `random_weights` of the models
        that need one
    pretrained : pretrained models by name
    tools : by path, the user's tool of the models that run one
    """

    entries: dict[str, dict]
    pretrained: dict[str, Pretrained]
    tools: dict[str, Tool] = field(default_factory=dict)
    _extracted: dict[str, np.ndarray] = field(default_factory=dict)
    _kept: dict[str, object] = field(default_factory=dict)

    @classmethod
    def of_frozen(
        cls,
        frozen: dict,
        models: dict[str, dict],
        folders: Iterable,
        contracts: Iterable,
        descriptions: Iterable = (),
    ) -> "ModelLoader":
        """For the models of `frozen.json`, from the entries (by name) of those that need one.

        `folders` and `contracts` are those of the pretrained models, `descriptions` those of tools.
        """
        found = [Pretrained.load(*paths) for paths in zip(folders, contracts, strict=True)]
        described = {tool.name: tool for tool in map(Tool.load, descriptions)}
        entries, tools = (
            {
                path: one[name]
                for name, model in frozen["models"].items()
                for path in model["files"]
                if name in one
            }
            for one in (models, described)
        )
        return cls(entries, {one.name: one for one in found}, tools)

    def __call__(self, path: str) -> object:
        """The model in a file, with `predict(features, examples)`.

        Raises
        ------
        InputError if a network was fitted on the activations of another pretrained model, or a
        baseline with another tool.
        """
        if path in self._kept:
            return self._kept[path]
        model = self._read(path)
        size = sum(Path(one).stat().st_size for one in (*self._kept, path))
        if isinstance(model, FittedNetwork | NetworkOnActivations) and size <= MAX_KEPT_BYTES:
            self._kept[path] = model
        return model

    def _read(self, path):
        entry = self.entries.get(path)
        if entry is None:
            return told_where(load_model(path), self.tools.get(path), path)
        pretrained = self.pretrained[entry["pretrained"]]
        if entry.get("random_weights"):
            pretrained = pretrained.with_random_weights()
        network = load_network(path, pretrained)
        if "activations" not in entry["inputs"]:
            return network
        if network.model.inputs[0].name != input_name(pretrained):
            raise InputError(
                f"{path}: was fitted on other activations than those of the pretrained model "
                f"{pretrained.name} as it is now. Restore that model, or fit again."
            )
        return NetworkOnActivations(network, lambda codes: self._activations(pretrained, codes))

    def _activations(self, pretrained, codes):
        """Activations of codes, computed once."""
        key = activations_key(pretrained, codes)
        if key not in self._extracted:
            self._extracted[key] = activations(pretrained, codes, None)
        return self._extracted[key]


def load_network(path: str | Path, pretrained: Pretrained | None) -> FittedNetwork:
    """A network, perhaps one made from a pretrained model; a trusted one has layers of its own."""
    if pretrained is None or not pretrained.contract["trust"]:
        return load_model(path)
    import keras

    with keras.saving.custom_object_scope(custom_objects(pretrained.folder)):
        return load_model(path, trust=True)
