"""What the rules about pretrained models take from a resolved configuration."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "scripts"))

from snakemake.io import local

from configuration import filename, find_study
from deeprules.download.addresses import apply_mirrors, local_path

FETCHED = ("kipoi", "folder", "url")
"""Kinds of origin that a rule fetches from; the models of others are made by other rules."""

ABOUT_ORIGIN = (
    *FETCHED,
    *("architecture", "sha256", "architecture_sha256", "version", "licence", "citation", "trust"),
)
"""Settings that the fetched folder or its record depends on."""

ABOUT_USE = ("layer", "input", "lengths", "python", "trust")
"""Settings that the contract depends on."""


def fetched(config: Mapping) -> list[str]:
    """Names of the pretrained models that come from elsewhere."""
    return [name for name, entry in config["pretrained"].items() if set(FETCHED) & set(entry)]


def of_pretrained(config: Mapping, keys: tuple[str, ...]) -> Callable:
    """Settings of a pretrained model, for `params`: a job reruns only for those that it uses."""

    def settings(wildcards) -> dict:
        entry = config["pretrained"][wildcards.pretrained]
        return {key: entry[key] for key in keys if key in entry}

    return settings


def local_originals(config: Mapping) -> Callable:
    """Input function: files on this machine that a model is made of, so that an edit is noticed.

    There is none for other addresses, nor where nothing exists: the job then says so.
    """

    def originals(wildcards) -> list[str]:
        entry = config["pretrained"][wildcards.pretrained]
        given = [entry.get("url"), entry.get("folder"), entry["architecture"]]
        paths = [local_path(apply_mirrors(one, config["mirrors"])) for one in given if one]
        return [
            local(str(file))
            for file in sorted({file for path in paths if path for file in _files(path)})
        ]

    return originals


def declared_ids(config: Mapping) -> Callable:
    """Input function: the file with the ids of a model's training examples, if there is one."""

    def ids(wildcards) -> str | list:
        path = config["pretrained"][wildcards.pretrained]["trained_on"]["ids"]
        return local(path) if path else []

    return ids


def _files(path: Path) -> list[Path]:
    """A file, or all files of a folder."""
    if path.is_file():
        return [path]
    return [file for file in path.rglob("*") if file.is_file()]


def other_config(config: Mapping, folder: str | Path) -> Callable:
    """Input function: the configuration on whose data a model is pretrained."""

    def path(wildcards) -> str:
        pretrain = config["pretrained"][wildcards.pretrained]["pretrain"]
        return local(str(find_study(pretrain["config"], folder)))

    return path


def unlabelled(config: Mapping) -> Callable:
    """Settings of a file of unlabelled sequences as those of a source, for `params`."""

    def settings(wildcards) -> dict:
        entry = config["pretrained"][wildcards.pretrained]
        pretrain = entry["pretrain"]
        return {
            "url": pretrain["sequences"],
            "version": entry["version"],
            "sha256": pretrain["sha256"],
        }

    return settings


def unlabelled_original(config: Mapping) -> Callable:
    """Input function: the file on this machine that unlabelled sequences come from, if any."""

    def original(wildcards) -> str | list:
        url = unlabelled(config)(wildcards)["url"]
        path = local_path(apply_mirrors(url, config["mirrors"]))
        return local(str(path)) if path is not None and path.is_file() else []

    return original


def unlabelled_file(config: Mapping) -> Callable:
    """Input function: where unlabelled sequences lie once they were fetched."""

    def path(wildcards) -> str:
        name = filename({"url": unlabelled(config)(wildcards)["url"]})
        return f"resources/pretraining/{wildcards.pretrained}/{name}"

    return path


def contents_seen(config: Mapping) -> Callable:
    """Input function: hashes of all that a model was trained on here, on another's data."""

    def path(wildcards) -> str | list:
        entry = config["pretrained"][wildcards.pretrained]
        if "config" not in entry.get("pretrain", {}):
            return []
        return f"resources/pretraining/{wildcards.pretrained}/contents.parquet"

    return path
