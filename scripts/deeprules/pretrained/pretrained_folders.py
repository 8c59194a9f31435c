"""Take a model in Kipoi format over into a folder of our own."""

import hashlib
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from deeprules.addresses import local_path, public_url
from deeprules.errors import InputError
from deeprules.paths import is_inside, path_part
from deeprules.pretrained.kipoi_folder import (
    KERAS_WEIGHTS,
    MODEL_FILES,
    expected_file,
    framework_of,
    write_kipoi_folder,
    write_model_yaml,
)
from deeprules.pretrained.open_keras import open_model
from deeprules.pretrained.pretrained_fetch import Fetch
from deeprules.pretrained.pretrained_origins import ARCHIVED, Origin

CODE_OF = {
    "custom": "its `type` is Python code",
    "pytorch": "PyTorch weights are pickles, and its module is Python code",
    "sklearn": "its estimator is a pickle",
    "tensorflow": "a TensorFlow graph can read and write files",
}
"""Why a model of each framework runs code when it is opened; Keras files do not."""

DATA_OF_KERAS = ("weights", "arch", "backend")
"""Arguments of a Keras model that are data."""

EXAMPLE = "example.h5"
"""Where the example of a Keras model is kept."""


def take_folder(fetch: Fetch, origin: Origin, folder: Path, scratch: Path) -> None:
    """Take a Kipoi folder over, with the files that it names and, if trusted, its code.

    Parameters
    ----------
    fetch : the model and what may be done with it
    origin : where it lies
    folder : empty folder to fill
    scratch : folder for downloads

    Raises
    ------
    InputError
        If a file is missing or damaged, or the model brings code and is not trusted.
    """
    content = dict(origin.content)
    if not fetch.trust:
        # Code is never run. Layers that are neither Keras's nor ours are refused when the model is
        # opened.
        named = content["args"].items()
        content["args"] = {key: value for key, value in named if key in DATA_OF_KERAS}
    framework = framework_of(content)
    refuse_untrusted(content, framework, fetch)
    args = {
        key: _argument(fetch, origin, key, value, scratch) for key, value in content["args"].items()
    }
    if fetch.trust:
        _copy_tree(fetch, origin, folder)
    if framework == "keras":
        _take_keras(fetch, origin, {**content, "args": args}, folder)
    else:
        content["args"] = {key: _kept(value, key, folder, origin) for key, value in args.items()}
        write_model_yaml(folder, content)


def refuse_untrusted(content: Mapping, framework: str, fetch: Fetch) -> None:
    """Refuse a folder whose model runs code when it is opened, unless it is trusted.

    Raises
    ------
    InputError
        With what the code is.
    """
    reason = CODE_OF.get(framework)
    if reason and not fetch.trust:
        raise InputError(
            f"pretrained.{fetch.name}: this model brings code of its own, which was not run: "
            f"{reason}. If you know where it comes from and trust it, set `trust: true` for it."
        )


def _take_keras(fetch: Fetch, origin: Origin, content: Mapping, folder: Path) -> None:
    """Store the Keras model of a folder as a Keras 3 file, and its example beside it."""
    args = content["args"]
    if not isinstance(args.get("weights"), Path):
        raise InputError(
            f"pretrained.{fetch.name}: `args.weights` of its model.yaml names no file. Correct it."
        )
    custom = args.get("custom_objects")
    model, fetch.converted_from = open_model(
        args["weights"], args.get("arch"), fetch.trust, args.get("backend"), custom
    )
    model.save(folder / KERAS_WEIGHTS)
    test, expected = dict(content.get("test") or {}), expected_file(content)
    if expected is None:
        test.pop("expect", None)  # a file to download, for kipoi's own tests
    else:
        # A name of ours: by one of its own it could take the place of the checked weights.
        shutil.copyfile(_taken(fetch, origin, expected, "test.expect"), folder / EXAMPLE)
        test["expect"] = EXAMPLE
    write_kipoi_folder(
        folder,
        folder / KERAS_WEIGHTS,
        info=content["info"],
        schema=content["schema"],
        dataloader=content.get("default_dataloader"),
        dependencies=content.get("dependencies") or {},
        test=test or None,
        extra_args=custom and {"custom_objects": _kept(custom, "custom_objects", folder, origin)},
    )


def _argument(fetch: Fetch, origin: Origin, key: str, value: object, scratch: Path) -> object:
    """A model's argument, as a Path where it is a file; files elsewhere are downloaded."""
    key = str(key)
    if isinstance(value, Mapping) and "url" in value:
        if local_path(str(value["url"])) is not None:
            raise InputError(
                f"{origin.given}: model.yaml wants a file of this machine as `{key}`; a model may "
                "only name addresses and files of its own folder. Correct its model.yaml."
            )
        return _downloaded(fetch, key, value, scratch)
    names_file = key in ("weights", "arch", "custom_objects", "pkl_file", "module_file", "file")
    return _taken(fetch, origin, value, key) if names_file and isinstance(value, str) else value


def _downloaded(fetch: Fetch, key: str, remote: Mapping, scratch: Path) -> Path:
    """A file that model.yaml gives as `url` and `md5`."""
    try:
        path = fetch.download(str(remote["url"]), scratch, key)
    except InputError as error:
        raise InputError(
            f"{error} {ARCHIVED}" if "kipoi" in fetch.settings else str(error)
        ) from None
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()
    if remote.get("md5") not in (None, "", found):
        raise InputError(
            f"pretrained.{fetch.name}: {public_url(str(remote['url']))} is not the file that "
            f"model.yaml expects; it was not kept. Its MD5: {found}; in model.yaml: "
            f"{remote['md5']}. Look for the right file, and name its place under `mirrors`."
        )
    return path


def _taken(fetch: Fetch, origin: Origin, name: str, key: str) -> Path:
    """The file that model.yaml names; it is put into the record."""
    path = inside(origin, name, key)
    fetch.note(path, name)
    return path


def inside(origin: Origin, name: str, key: str) -> Path:
    """The file that model.yaml names.

    Raises
    ------
    InputError
        If it is missing, or lies outside of the model's folder or repository.
    """
    path = origin.folder / name
    try:
        is_outside, is_missing = not is_inside(path, origin.root), not path.is_file()
    except (OSError, ValueError):  # a name too long, a zero byte, a circle of links
        is_outside, is_missing = False, True
    if is_outside:
        raise InputError(f"{origin.given}: `{key}: {name}` lies outside of the model's folder.")
    if is_missing:
        raise InputError(
            f"{origin.given}: model.yaml names `{key}: {name}`, but there is no such file. Add it, "
            "or correct model.yaml."
        )
    return path


def _copy_tree(fetch: Fetch, origin: Origin, folder: Path) -> None:
    """Copy every file of a trusted folder; links are followed, but not out of the repository."""
    for path in sorted(origin.folder.rglob("*")):
        name = path.relative_to(origin.folder)
        if path.is_file() and ".git" not in name.parts and path.name not in MODEL_FILES:
            _taken(fetch, origin, name.as_posix(), "file")
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)


def _kept(value: object, key: str, folder: Path, origin: Origin) -> object:
    """An argument as model.yaml states it: a file by its path in the folder."""
    if not isinstance(value, Path):
        return value
    if is_inside(value, origin.folder):
        return value.resolve().relative_to(origin.folder.resolve()).as_posix()
    place = f"{path_part(key)}/{path_part(value.name)}"
    (folder / place).parent.mkdir(exist_ok=True)
    shutil.copyfile(value, folder / place)
    return place
