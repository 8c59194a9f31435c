"""Fetch a pretrained model into a local folder, whole or not at all, with a record.

Keras models are stored as Keras 3 files, whatever they came as, in a folder of Kipoi's format;
models of Hugging Face as they are. A model is data: one that brings code is refused unless it is
trusted.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from deeprules.download.download import DEFAULT_RETRIES, VERSION
from deeprules.download.watching import DEFAULT_LIMITS, Limits, RetryPolicy
from deeprules.files import scratch_folder, whole_folder, write_json
from deeprules.pretrained.huggingface_files import take_huggingface
from deeprules.pretrained.kipoi_folder import KERAS_WEIGHTS, write_kipoi_folder
from deeprules.pretrained.open_keras import keras_schema, open_model
from deeprules.pretrained.pretrained_fetch import Fetch
from deeprules.pretrained.pretrained_folders import take_folder
from deeprules.pretrained.pretrained_origins import open_folder, open_zoo


def fetch_pretrained(
    name: str,
    settings: Mapping,
    folder: str | Path,
    record_path: str | Path,
    *,
    pins: str | Path,
    mirrors: Mapping[str, str],
    was_opened: bool = True,
    retries: RetryPolicy = DEFAULT_RETRIES,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Fetch a model as its entry of the configuration says; write its folder and its record.

    Parameters
    ----------
    settings : the entry `pretrained.<name>`, with one of `kipoi`, `folder`, `url` and `huggingface`
    folder : new folder
    record_path : where the model came from, as JSON
    pins : folder of the pins
    was_opened : whether the test set was opened; until then files of this machine may change

    Raises
    ------
    InputError
        If it cannot be had, is not the pinned one, is damaged, or brings code and is not trusted.
    """
    fetch = Fetch(name, settings, Path(pins), mirrors, was_opened, retries, limits)
    folder = Path(folder)
    scratch_path = folder.with_name(f".fetching-{name}")
    with scratch_folder(scratch_path) as scratch, whole_folder(folder) as unfinished:
        origin = TAKE[_source(settings)](fetch, unfinished, scratch)
    write_json(record_path, _record(fetch, origin))


def _source(settings: Mapping) -> str:
    """Which of the kinds of origin an entry names."""
    return next(kind for kind in TAKE if kind in settings)


def _record(fetch: Fetch, origin: Mapping) -> dict:
    settings = fetch.settings
    return {
        "name": fetch.name,
        "source": _source(settings),
        **{key: settings[key] for key in ("version", "licence", "citation", "trust")},
        **origin,
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": fetch.files,
        "converted_from": fetch.converted_from,
        "tools": {"deeprules": VERSION},
    }


def _take_zoo(fetch: Fetch, folder: Path, scratch: Path) -> dict:
    """A model of the Kipoi zoo; returns where it came from."""
    origin = open_zoo(fetch.settings["kipoi"])
    take_folder(fetch, origin, folder, scratch)
    return origin.facts


def _take_given(fetch: Fetch, folder: Path, scratch: Path) -> dict:
    """A folder in Kipoi format; returns where it came from."""
    origin = open_folder(fetch.settings["folder"], scratch / "repository", fetch.mirrors)
    take_folder(fetch, origin, folder, scratch)
    return origin.facts


def _take_weights(fetch: Fetch, folder: Path, scratch: Path) -> dict:
    """Bare Keras weights, wrapped into a folder; returns where they came from."""
    settings = fetch.settings
    weights = fetch.download(settings["url"], scratch, sha256=settings["sha256"])
    architecture = settings["architecture"] and fetch.download(
        settings["architecture"], scratch, "architecture", settings["architecture_sha256"]
    )
    model, fetch.converted_from = open_model(weights, architecture, fetch.trust)
    model.save(folder / KERAS_WEIGHTS)
    write_kipoi_folder(
        folder,
        folder / KERAS_WEIGHTS,
        info={"doc": f"Weights from {fetch.files[0]['given_url']}", "license": settings["licence"]},
        schema=keras_schema(model),
        dataloader=None,
        dependencies={"pip": ["keras", "tensorflow"]},
        test=None,
    )
    weights = fetch.files[0]
    return {"given": weights["given_url"], "final": weights["final_url"], "commit": None}


TAKE = {
    "kipoi": _take_zoo,
    "folder": _take_given,
    "url": _take_weights,
    "huggingface": take_huggingface,
}
"""What takes a model over, by the key of the configuration that says where it is."""
