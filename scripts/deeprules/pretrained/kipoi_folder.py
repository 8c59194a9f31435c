"""Model folders in the format of Kipoi: a model.yaml beside the files that it names.

The format is that of kipoi 0.8.6 (https://kipoi.org/docs/contributing/02_Writing_model.yaml/).
Only YAML is read and written here: nothing of a folder is run.
"""

import ast
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from deeprules.errors import InputError
from deeprules.strict_text import read_yaml

MODEL_FILES = ("model.yaml", "model.yml")
KERAS_WEIGHTS = "model.keras"
FRAMEWORKS = {
    "keras": "keras",
    "pytorch": "pytorch",
    "tensorflow": "tensorflow",
    "tensorflow2": "tensorflow",
    "sklearn": "sklearn",
    "kipoi.model.KerasModel": "keras",
    "kipoi.model.PyTorchModel": "pytorch",
    "kipoi.model.TensorFlowModel": "tensorflow",
    "kipoi.model.TensorFlow2Model": "tensorflow",
    "kipoi.model.SklearnModel": "sklearn",
}
"""Framework of each `type` or `defined_as` that kipoi itself brings; any other is custom code."""

NOT_OF_THE_MODEL = (".snakemake_timestamp", "__pycache__")
"""What running leaves in the folder of a model."""


def files_of(folder: str | Path) -> list[Path]:
    """The model's own files in a folder, in the order of their names."""
    return [
        path
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not set(path.parts) & set(NOT_OF_THE_MODEL)
    ]


def write_kipoi_folder(
    folder: str | Path,
    weights: str | Path,
    *,
    info: Mapping,
    schema: Mapping,
    dataloader: str | Mapping | None,
    dependencies: Mapping,
    test: Mapping | None,
    extra_args: Mapping | None = None,
) -> None:
    """Write model.yaml for a Keras model, with its weights as `model.keras` beside it.

    Parameters
    ----------
    folder : existing or new folder; other files that the arguments name are put there by the caller
    weights : a `.keras` file; copied into the folder unless it lies there already
    info : authors (list of {name, github, email}), doc, version, license, cite_as, trained_on
    schema : `inputs` and `targets`, each {shape, doc, name, special_type}; shapes without the batch
    dataloader : class such as `kipoiseq.dataloaders.SeqIntervalDl`, or the whole entry
        `default_dataloader`; None for a model that is given arrays
    dependencies : `conda` and `pip`, lists of packages
    test : `expect` (HDF5 file with `inputs` and `preds`) and `precision_decimal`
    extra_args : further arguments of kipoi's KerasModel, such as `custom_objects`
    """
    folder, weights = Path(folder), Path(weights)
    folder.mkdir(parents=True, exist_ok=True)
    if weights.resolve() != (folder / KERAS_WEIGHTS).resolve():
        shutil.copyfile(weights, folder / KERAS_WEIGHTS)
    is_class = isinstance(dataloader, str) and dataloader != "."
    content = {
        "type": "keras",
        "args": {"weights": KERAS_WEIGHTS, **(extra_args or {})},
        "default_dataloader": {"defined_as": dataloader} if is_class else dataloader or ".",
        "info": dict(info),
        "dependencies": dict(dependencies),
        "schema": dict(schema),
    }
    write_model_yaml(folder, content if test is None else {**content, "test": dict(test)})


def write_model_yaml(folder: str | Path, content: Mapping) -> None:
    """Write the model.yaml of a folder: plain values alone, shapes as the text that kipoi reads.

    Raises
    ------
    InputError
        If a shape is not one.
    """
    path = Path(folder) / MODEL_FILES[0]
    plain = {**content, "schema": _with_plain_shapes(content["schema"])}
    path.write_text(yaml.safe_dump(plain, sort_keys=False), encoding="utf-8")


def read_shape(shape: object) -> tuple[int | None, ...]:
    """A shape of a model.yaml: `(500, 4)`, `[500, 4]`, `(None, 4)`; the batch is not in it.

    kipoi evaluates the text as Python; here it must be a literal.

    Raises
    ------
    InputError
        If it is no shape.
    """
    try:
        value = ast.literal_eval(shape) if isinstance(shape, str) else shape
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # the last two: nested too deep
        value = None
    if isinstance(value, int) and not isinstance(value, bool):
        value = (value,)
    is_list = isinstance(value, list | tuple)
    sizes = tuple(None if size == "None" else size for size in value) if is_list else ()
    if not is_list or not all(size is None or type(size) is int for size in sizes):
        raise InputError(f"model.yaml: {str(shape)[:60]!r} is not a shape such as (500, 4).")
    return sizes


def expected_file(content: Mapping) -> str | None:
    """Path, in the folder, of the file with inputs and expected predictions; None if elsewhere."""
    expect = (content.get("test") or {}).get("expect")
    if isinstance(expect, Mapping):
        url = str(expect.get("url", ""))
        expect = url.removeprefix("file:") if url.startswith("file:") else None
    is_outside = expect is not None and (expect.startswith("/") or ".." in Path(expect).parts)
    return None if is_outside else expect


def read_model_yaml(folder: str | Path) -> dict:
    """The content of a folder's model.yaml (or model.yml).

    Raises
    ------
    InputError
        If there is none, or it is not what kipoi reads.
    """
    paths = [Path(folder) / name for name in MODEL_FILES if (Path(folder) / name).is_file()]
    if not paths:
        raise InputError(
            f"{folder}: there is no model.yaml, so this is not a Kipoi folder. Name the folder "
            "that holds it (in a repository: `...@<commit>#path/of/the/folder`), or give bare "
            "weights as `url`."
        )
    content = read_yaml(paths[0], plain_numbers=False)
    return checked_model_yaml(content, paths[0])


def checked_model_yaml(content: object, path: str | Path) -> dict:
    """`content` of a model.yaml if it has the keys that kipoi needs.

    Raises
    ------
    InputError
        With all that is missing.
    """
    if not isinstance(content, dict):
        raise InputError(f"{path}: is not a mapping with `args` and `schema`, as kipoi needs it.")
    faults = [
        f"`{key}` must be a mapping"
        for key in ("args", "schema", "info")
        if not isinstance(content.get(key), dict)
    ]
    faults += [
        f"`{key}` must be a mapping"
        for key in ("test", "dependencies")
        if not isinstance(content.get(key) or {}, dict)
    ]
    kind = content.get("type") or content.get("defined_as")
    if not kind or not isinstance(kind, str):
        faults.append("`type` or `defined_as` must name the kind of model")
    test = content.get("test")
    if isinstance(test, dict) and not isinstance(test.get("expect") or "", str | dict):
        faults.append("`test.expect` must name a file")
    if faults:
        raise InputError(f"{path}: {'; '.join(faults)}. Correct it as kipoi's documentation says.")
    return content


def framework_of(content: Mapping) -> str:
    """Framework of a model.yaml: keras, pytorch, tensorflow, sklearn, or custom Python code."""
    kind = content.get("type") or content.get("defined_as")
    return FRAMEWORKS.get(kind if kind in FRAMEWORKS else str(kind).lower(), "custom")


def _with_plain_shapes(schema: object) -> object:
    """A schema whose shapes are text, at any depth."""
    if isinstance(schema, Mapping):
        return {
            key: str(read_shape(value)) if key == "shape" else _with_plain_shapes(value)
            for key, value in schema.items()
        }
    return [_with_plain_shapes(part) for part in schema] if isinstance(schema, list) else schema
