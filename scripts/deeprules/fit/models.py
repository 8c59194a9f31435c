"""Networks and baselines as one kind of thing: built by name, saved, loaded, asked to predict."""

import importlib
import importlib.util
import pickle
import zipfile
import zlib
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import joblib
import numpy as np
import pandas as pd

from deeprules.feature_store import dense, rows_at_a_time
from deeprules.files import refusing_damage, whole_file
from deeprules.fit.inputs import Inputs
from deeprules.fit.own_objects import own_objects, read_origin, write_origin
from deeprules.fit.target_scale import TargetScale
from deeprules.tasks import is_several

CHUNK = 20_000
BATCH = 512
FILE_NAMES = {"network": "model.keras", "baseline": "model.joblib", "nuisance": "model.joblib"}


def find_module(kind: str, name: str) -> ModuleType:
    """The module of a network or baseline, by kind (`network`, `baseline`, `nuisance`) and name."""
    return importlib.import_module(f"deeprules.{kind if kind == 'network' else 'baseline'}s.{name}")


class ChosenHyperparameters:
    """Hyperparameters with their values settled; `build` functions ask it as they ask a tuner."""

    def __init__(self, values: dict):
        self.values = dict(values)

    def get(self, name: str, *_, **__):
        """The value chosen for `name`; KeyError if the search had no such hyperparameter."""
        return self.values[name]

    Int = Float = Choice = Boolean = Fixed = get

    def conditional_scope(self, *_):
        """No effect: only what is asked for is looked up."""
        return nullcontext()


@dataclass
class FittedBaseline:
    """A fitted scikit-learn estimator and the inputs that it reads.

    Attributes
    ----------
    estimator : fitted estimator
    is_classification : whether predictions are probabilities
    target : the scale of the labels that the estimator was fitted on
    """

    estimator: object
    inputs: Inputs
    is_classification: bool
    target: TargetScale = field(default_factory=TargetScale)

    def predict(self, features: np.ndarray, examples: pd.DataFrame) -> np.ndarray:
        """Probabilities (N, C) or values (N,) for features (N, ...) and their table of examples."""
        ask = self.estimator.predict_proba if self.is_classification else self.estimator.predict
        chunks = self.inputs.chunks(features, examples, CHUNK)
        outputs = np.concatenate([ask(chunk) for chunk in chunks])
        return outputs if self.is_classification else self.target.restore(outputs)

    def save(self, path: str | Path) -> None:
        """Write the model to a `.joblib` file."""
        with whole_file(path) as unfinished:
            joblib.dump(self, unfinished, compress=3)


@dataclass
class FittedNetwork:
    """A trained network.

    Attributes
    ----------
    model : `keras.Model` from its inputs to probabilities or values, named after its task
    module : module of the library that built it, by its full name
    inputs : what it takes of an example
    cut : by the name of a layer, the part of the network up to it, which is traced once
    """

    model: object
    module: str = ""
    inputs: Inputs = Inputs()  # noqa: RUF009 (it is frozen)
    cut: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    def predict(self, features: np.ndarray, examples: pd.DataFrame | None = None) -> np.ndarray:
        """Probabilities (N, C) or values (N,) for features (N, ...) and their table of examples.

        Of several labels, the probability or value of each (N, T).
        """
        outputs = np.concatenate(list(self.outputs(self.model, features, examples)))
        outputs = outputs.astype(np.float64)
        if self.model.name == "binary":
            return np.hstack([1 - outputs, outputs])
        return (
            outputs
            if self.model.name == "multiclass" or is_several(self.model.name)
            else outputs[:, 0]
        )

    def outputs(self, model, features: np.ndarray, examples: pd.DataFrame | None):
        """Outputs of a `keras.Model` with the same inputs, a batch at a time.

        They are those of `model.predict`, which makes a pipeline of data for each call: that takes
        longer than to predict some hundred examples.
        """
        for batch in self.inputs.chunks(features, examples, rows_at_a_time(features, BATCH)):
            yield model.predict_on_batch(in_memory(batch))

    def save(self, path: str | Path) -> None:
        """Write the model to a `.keras` file."""
        with whole_file(path) as unfinished:
            self.model.save(unfinished)
            write_origin(unfinished, self.module, self.inputs.record())


def load_model(path: str | Path, trust: bool = False) -> FittedBaseline | FittedNetwork:
    """Read a model written by `save`; the suffix tells which kind it is.

    `trust` lets a network run code that came with the pretrained model it was made from. An empty
    or damaged file is an InputError.
    """
    if Path(path).suffix == ".joblib":
        with refusing_damage(path, pickle.UnpicklingError, zlib.error, KeyError):
            return joblib.load(path)
    with refusing_damage(path, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        if (name := archive.testzip()) is not None:
            raise ValueError(f"the checksum of {name} in it is wrong")
    import keras

    import deeprules.layers
    import deeprules.pretrained.pretrained_layers  # noqa: F401  (both register layers)

    model = keras.saving.load_model(path, own_objects(path), compile=False, safe_mode=not trust)
    return FittedNetwork(model, inputs=Inputs.of_record(read_origin(path)))


def in_memory(inputs):
    """What `Inputs.read` gave, with memory maps read and sparse rows dense: as Keras takes it."""
    return tuple(map(dense, inputs)) if isinstance(inputs, tuple) else dense(inputs)
