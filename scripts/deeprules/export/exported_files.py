"""The files of an exported model beside its weights and its model.yaml."""

import hashlib
import importlib.metadata
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import yaml

from deeprules import export
from deeprules.encoding import decode
from deeprules.errors import InputError
from deeprules.export.standalone_source import PACKAGE, standalone_source
from deeprules.files import write_json, write_table
from deeprules.fit.covariates import CovariateEncoding

EXPECTED = "downloaded/model_files/test.expect.h5"
"""Where kipoi looks for expected predictions before it would download them."""
KIPOI = "0.8.6"
NEEDED = ("attrs", "h5py", "keras", "numpy", "setuptools", "tensorflow", "tensorflow-cpu")
"""Packages whose version an exported model names, those of them that are installed."""


AROUND_OTHERS = ("TransformersBody",)
"""Layers of the library that run the code of a package which an exported model does not bring."""


@dataclass(frozen=True)
class Covariates:
    """The covariates of made-up examples: a table of n rows, and how they become numbers."""

    table: pd.DataFrame
    encoding: CovariateEncoding

    @property
    def numbers(self) -> np.ndarray:
        """As the model takes them: `float32` (n, K)."""
        return self.encoding.encode(self.table)


def write_reader(
    folder: Path,
    inputs: Mapping,
    examples: np.ndarray,
    feature_names: Sequence[str],
    packages: Mapping,
    covariates: Covariates | None = None,
) -> None:
    """Write dataloader.py, dataloader.yaml and the file of examples that it reads.

    Parameters
    ----------
    inputs : entry `inputs` of the schema
    examples : `uint8` codes (n, L) of sequences, or `float32` rows (n, P)
    feature_names : names of the P columns; not used for sequences
    packages : see `dependencies`
    covariates : those of the examples, where the model takes them as well
    """
    (folder / "example_files").mkdir()
    write = _write_sequences if examples.dtype == np.uint8 else _write_rows
    kind, reader, argument, path = write(folder, examples, feature_names)
    files, source = {argument: path}, Path(export.__path__[0])
    name = "dataloader.py" if covariates is None else "features_dataloader.py"
    shutil.copyfile(source / f"{kind}_dataloader.py", folder / name)
    if covariates is not None:
        files = {"features_file": path, "covariates_file": _write_covariates(folder, covariates)}
        shutil.copyfile(source / "covariates_dataloader.py", folder / "dataloader.py")
        reader = "WithCovariates"
    content = {
        "type": "SampleIterator",
        "defined_as": f"dataloader.py::{reader}",
        "args": {
            name: {"doc": "Plain or gzip-compressed", "example": path, "type": "str"}
            for name, path in files.items()
        },
        "info": {"authors": [{"name": "not stated"}], "doc": f"Reads the {kind} of a file"},
        "dependencies": dict(packages),
        "output_schema": {
            "inputs": dict(inputs),
            "metadata": {"id": {"doc": "Name of the example", "type": "str"}},
        },
    }
    _write_yaml(folder / "dataloader.yaml", content)


def _write_sequences(folder, examples, _):
    """Write a FASTA file; returns kind, class and argument of the reader, and the file."""
    path = "example_files/sequences.fa"
    records = [f">example_{i}\n{decode(codes)}\n" for i, codes in enumerate(examples, start=1)]
    (folder / path).write_text("".join(records))
    return "sequence", "Sequences", "fasta_file", path


def _write_rows(folder, examples, feature_names):
    """Write a table and the names of the features; returns the same as `_write_sequences`."""
    path = "example_files/rows.tsv"
    (folder / "features.txt").write_text("".join(f"{name}\n" for name in feature_names))
    rows = [["id", *feature_names]]
    rows += [[f"example_{i}", *map(_cell, row)] for i, row in enumerate(examples, start=1)]
    (folder / path).write_text("".join("\t".join(row) + "\n" for row in rows))
    return "table", "Rows", "table_file", path


def _write_covariates(folder, covariates):
    """Write a table and how it becomes numbers; returns the path of the table."""
    path = "example_files/covariates.tsv"
    write_table(folder / path, covariates.table)
    write_json(folder / "covariates.json", covariates.encoding.columns)
    return path


def _cell(value: np.floating) -> str:
    """A value of a table, exactly; nothing where it is missing."""
    return "" if np.isnan(value) else np.format_float_positional(value, unique=True, trim="-")


def write_expected(
    folder: Path, inputs: np.ndarray | Mapping[str, np.ndarray], predictions: np.ndarray
) -> dict:
    """Write `inputs`, of several by name, and `preds` as kipoi reads them back.

    Returns the entry `test: expect`.

    kipoi finds the file by its MD5 from any working directory; a plain path would be looked for
    in the working directory alone.
    """
    path = folder / EXPECTED
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w") as file:
        for name, values in inputs.items() if isinstance(inputs, Mapping) else ():
            file[f"inputs/{name}"] = values
        if not isinstance(inputs, Mapping):
            file["inputs"] = inputs
        file["preds"] = predictions
    md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return {"url": f"file:{EXPECTED}", "md5": md5}


def write_layers(folder: Path, model) -> dict:
    """Write the source of the library's own layers in a `keras.Model`, if it has any.

    Returns
    -------
    The arguments that tell kipoi of the file.

    Raises
    ------
    InputError
        If a layer is neither one of Keras nor of the library.
    """
    layers = model._flatten_layers(include_self=False)
    kinds = {(type(layer).__module__, type(layer).__name__) for layer in layers}
    foreign = sorted(
        name
        for module, name in kinds
        if module.split(".")[0] not in ("keras", PACKAGE) or name in AROUND_OTHERS
    )
    if foreign:
        raise InputError(
            f"The network holds layers of code that is not ours ({', '.join(foreign)}), so it "
            "cannot be exported by itself."
        )
    classes = sorted(kind for kind in kinds if kind[0].split(".")[0] == PACKAGE)
    if not classes:
        return {}
    names = "".join(f'    "{name}": {name},\n' for _, name in classes)
    heading = '"""Layers of the model, copied from the code that trained it."""\n\n'
    text = f"{heading}{standalone_source(classes)}\n\nOBJECTS = {{\n{names}}}\n"
    (folder / "custom_objects.py").write_text(text)
    return {"custom_objects": "custom_objects.py"}


def dependencies() -> dict:
    """Packages for a model.yaml, in the versions that are at work here."""
    installed = {
        one.metadata["Name"].lower().replace("_", "-"): one.version
        for one in importlib.metadata.distributions()
    }
    found = [f"{name}=={installed[name]}" for name in NEEDED if name in installed]
    return {
        "conda": [f"python={platform.python_version()}", "pip"],
        "pip": [f"kipoi=={KIPOI}", *found],
        "conda_channels": ["conda-forge"],
    }


def write_environment(folder: Path, packages: Mapping) -> None:
    """Write `packages` (see `dependencies`) as an environment file of conda."""
    content = {
        "channels": packages["conda_channels"],
        "dependencies": [*packages["conda"], {"pip": packages["pip"]}],
    }
    _write_yaml(folder / "environment.yaml", content)


def _write_yaml(path: Path, content: Mapping) -> None:
    path.write_text(yaml.safe_dump(dict(content), sort_keys=False), encoding="utf-8")
