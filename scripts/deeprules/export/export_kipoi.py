"""A trained network as a folder in Kipoi format that stands by itself.

`kipoi test <folder> --source dir` accepts it: the folder holds the weights, the layers of ours
that they need as source code, a reader for files of examples, a few made-up examples and what the
network predicts for them. Nothing of the test partition is in it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.addresses import public_url
from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.export.exported_files import (
    Covariates,
    dependencies,
    write_environment,
    write_expected,
    write_layers,
    write_reader,
)
from deeprules.files import read_json, whole_folder
from deeprules.fit.inputs import Inputs
from deeprules.fit.models import FittedNetwork, load_model
from deeprules.ingest.transforms import IN_WORDS
from deeprules.pretrained.kipoi_folder import KERAS_WEIGHTS, write_kipoi_folder
from deeprules.pretrained.pretrained import Pretrained
from deeprules.statistics.metrics import LOWER_IS_BETTER, METRIC_LABELS
from deeprules.tasks import is_mixed

DIGITS = 5
"""Significant digits to which predictions must agree."""

CODES_DOC = (
    "Bases as bytes: A 1, C 2, G 4, T 8, an ambiguous letter the sum of its bases, padding 0"
)


def best_fit(
    models: Sequence[str], score_files: Sequence[str], objective: str
) -> tuple[Path, float]:
    """Model file and score of the fit that has the best score on tune, the first of equals.

    Parameters
    ----------
    models, score_files : model file and `scores.json` of each fit, in one order
    objective : metric that chooses
    """
    sign = -1 if objective in LOWER_IS_BETTER else 1
    scores = [read_json(path)["tune"][objective] for path in score_files]
    best = max(range(len(scores)), key=lambda place: sign * scores[place])
    return Path(models[best]), scores[best]


def whole_network(
    path: str | Path, pretrained: Pretrained | None, n_features: int
) -> FittedNetwork:
    """The network of a fit, from codes or rows to predictions.

    The head of a pretrained model, which was trained on its activations, gets that model's layers
    put before it.

    Parameters
    ----------
    path : `.keras` file of the fit
    pretrained : the model whose activations the fit takes; None if it takes codes or rows
    n_features : bases of a sequence, or features of a row

    Raises
    ------
    InputError
        If the pretrained model is not one of Keras, which alone can be joined to the head.
    """
    fitted = load_model(path)
    if pretrained is None:
        return fitted
    framework = pretrained.contract["framework"]
    if framework != "keras":
        raise InputError(
            f"{path}: the pretrained model {pretrained.name} is one of {framework}; only Keras "
            "models can be exported together with the layers trained on them."
        )
    import keras

    from deeprules.pretrained.pretrained_body import activation_model, load_body

    head, body = fitted.model, load_body(pretrained.folder, pretrained.contract)
    first = activation_model(body, pretrained.contract, n_features)
    others = [keras.Input(one.shape[1:], name=one.name) for one in head.inputs[1:]]
    inputs = [first.input, *others] if others else first.input
    outputs = head([first.output, *others] if others else first.output)
    return replace(fitted, model=keras.Model(inputs, outputs, name=head.name))


def made_up_examples(features: np.ndarray, n: int, seed: int) -> np.ndarray:
    """`n` examples (n, P) each of whose columns comes from another example, drawn at random.

    They have the composition of the data and are nobody's. `features` may be an array of objects.
    """
    rng = np.random.default_rng(seed)
    columns = np.arange(features.shape[1])
    return np.stack(
        [features[rng.integers(len(features), size=len(columns)), columns] for _ in range(n)]
    )


def made_up_covariates(
    inputs: Inputs, examples: pd.DataFrame, n: int, seed: int
) -> Covariates | None:
    """Covariates of `n` made-up examples, in the same way; None for a model that takes none."""
    if inputs.encoding is None:
        return None
    known = examples[list(inputs.columns)]
    values = made_up_examples(known.to_numpy(dtype=object), n, seed)
    table = pd.DataFrame(values, columns=known.columns).astype(known.dtypes)
    return Covariates(table, inputs.encoding)


def export_kipoi(
    folder: str | Path,
    network: FittedNetwork,
    dataset: Dataset,
    examples: np.ndarray,
    feature_names: Sequence[str],
    info: Mapping,
    weights: Path | None = None,
    covariates: Covariates | None = None,
) -> None:
    """Write a network as a Kipoi folder, whole or not at all.

    Parameters
    ----------
    folder : folder to make; one that exists is replaced
    network : see `whole_network`
    examples : inputs (n, P) that go with it, with what it predicts for them
    feature_names : names of the P columns of a table; not used for sequences
    info : see `describe`
    weights : `.keras` file of the network, which is copied as it is; None saves it anew
    covariates : those of the examples, where the model takes them as well
    """
    schema = _schema(dataset, network.model, covariates)
    write_model(folder, network.model, schema, examples, feature_names, info, weights, covariates)


def write_model(
    folder: str | Path,
    model,
    schema: Mapping,
    examples: np.ndarray,
    feature_names: Sequence[str],
    info: Mapping,
    weights: Path | None = None,
    covariates: Covariates | None = None,
) -> None:
    """Write any `keras.Model` on codes or rows as a Kipoi folder, whole or not at all.

    `schema` is that of the model.yaml; the other parameters are those of `export_kipoi`.
    """
    inputs = examples
    if covariates is not None:
        inputs = dict(zip(schema["inputs"], (examples, covariates.numbers), strict=True))
    predictions = np.asarray(model.predict(inputs, verbose=0))
    packages = dependencies()
    with whole_folder(folder) as unfinished:
        if weights is None:
            model.save(unfinished / KERAS_WEIGHTS)
        files = (schema["inputs"], examples, feature_names, packages, covariates)
        write_reader(unfinished, *files)
        write_environment(unfinished, packages)
        expected = write_expected(unfinished, inputs, predictions)
        write_kipoi_folder(
            unfinished,
            weights or unfinished / KERAS_WEIGHTS,
            info=info,
            schema=schema,
            dataloader=None,
            dependencies=packages,
            test={"expect": expected, "precision_decimal": precision(predictions)},
            extra_args=write_layers(unfinished, model),
        )


def precision(predictions: np.ndarray) -> int:
    """Decimal places to which predictions must agree: `DIGITS` digits of the largest."""
    largest = float(np.abs(predictions).max())
    return DIGITS - max(math.ceil(math.log10(largest)), 0) if largest > 0 else DIGITS


def describe(
    model: str,
    study: Mapping,
    dataset: Dataset,
    sources: Mapping[str, Mapping],
    n_train: int,
    objective: str,
    score: float,
) -> dict:
    """Entry `info` of a model.yaml: what a network predicts and what it was trained on.

    Parameters
    ----------
    model : name of the network in the configuration
    study : the study description
    sources : `data: sources` of the configuration
    n_train : number of training examples
    objective, score : metric on tune that chose the fit, and its value
    """
    kind = "Labels" if dataset.labels else "Classes"
    classes = f" {kind}: {', '.join(dataset.outputs)}." if dataset.outputs else ""
    licences = sorted({_licence(source) for source in sources.values()})
    metric = METRIC_LABELS[objective]
    return {
        "authors": [{"name": "not stated"}],
        "doc": f"{study['title']}: {study['question']} Predicts: {study['endpoint']}{classes} "
        f"Unit: {study['unit']} Network `{model}`, {metric} {score:.3f} on the tuning examples "
        "that chose it, which is not a test result.",
        # Without a licence kipoi would state its own default.
        "license": f"not stated (training data: {'; '.join(licences)})",
        "trained_on": f"{n_train} training examples of "
        + "; ".join(_source_text(name, entry) for name, entry in sources.items()),
        "training_procedure": "Training stopped when the loss on the tuning examples no longer "
        f"fell; of several fits the one with the best {metric} on them.",
        "tags": [dataset.modality, dataset.task],
    }


def _source_text(name: str, source: Mapping) -> str:
    """A source in one line."""
    simulated = source.get("simulate")
    place = f"simulated {simulated['kind']}" if simulated else public_url(source["url"])
    stated = f"version {source['version']}, citation {source['citation']}"
    return f"{name} ({place}; licence {_licence(source)}, {stated})"


def _licence(source: Mapping) -> str:
    """Licence of a source; simulated data need none."""
    is_free = "simulate" in source and source["licence"] == "not stated"
    return "none needed (simulated)" if is_free else source["licence"]


def _schema(dataset: Dataset, model, covariates: Covariates | None) -> dict:
    """Entry `schema`: shapes without the batch, and what stands in each place."""
    rows = "Features in the order of features.txt; NaN where missing"
    if dataset.transform in IN_WORDS:
        rows += f". They are to be transformed before: {IN_WORDS[dataset.transform]}"
    doc = CODES_DOC if dataset.modality == "sequence" else rows
    target = "Probability" if dataset.is_classification else "The predicted value"
    target = "Probability or predicted value" if is_mixed(dataset.task) else target
    if dataset.task == "binary":
        target += f" of {dataset.classes[1]}"
    elif dataset.outputs:
        what = "label" if dataset.labels else "class"
        target += f" of each {what}, in the order {', '.join(dataset.outputs)}"
    # kipoi reads shapes as text.
    shape = {"shape": f"({dataset.n_features},)", "doc": doc}
    inputs = {"name": model.inputs[0].name, **shape}
    if covariates is not None:
        names = covariates.encoding.names
        beside = {"shape": f"({len(names)},)", "doc": f"Covariates: {', '.join(names)}"}
        inputs = dict(zip((one.name for one in model.inputs), (shape, beside), strict=True))
    return {
        "inputs": inputs,
        "targets": {"name": "prediction", "shape": f"({model.output.shape[-1]},)", "doc": target},
    }
