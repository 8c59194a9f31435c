"""What the rules about pretrained models take from a resolved configuration."""

from collections.abc import Callable, Mapping
from pathlib import Path

from snakemake.io import local

from deeprules.addresses import apply_mirrors, local_path, marked_url, public_origin
from deeprules_workflow.configuration import filename, find_study
from deeprules_workflow.local_contents import contents_of

FETCHED = ("kipoi", "folder", "url", "huggingface")
"""Kinds of origin that a rule fetches from; the models of others are made by other rules."""

ABOUT_ORIGIN = (
    *(*FETCHED, "revision"),
    *("architecture", "sha256", "architecture_sha256", "version", "licence", "citation", "trust"),
)
"""Settings that the fetched folder or its record depends on."""

ABOUT_USE = ("layer", "pooling", "input", "lengths", "python", "trust")
"""Settings that the contract depends on."""


def fetched(config: Mapping) -> list[str]:
    """Names of the pretrained models that come from elsewhere."""
    return [name for name, entry in config["pretrained"].items() if set(FETCHED) & set(entry)]


def without_interpreter(config: Mapping, used: list[str]) -> list[str]:
    """Which of these models are of Hugging Face and name no interpreter to run in."""
    entries = config["pretrained"]
    return [name for name in used if "huggingface" in entries[name] and not entries[name]["python"]]


def of_pretrained(config: Mapping, keys: tuple[str, ...]) -> Callable:
    """Settings of a pretrained model, for `params`: a job reruns only for those that it uses.

    Nothing secret of an address is in them; see `source_settings.of_source`.
    """

    def settings(wildcards) -> dict:
        entry = public_origin(config["pretrained"][wildcards.pretrained], marked_url)
        return {key: entry[key] for key in keys if key in entry}

    return settings


def original_contents(config: Mapping) -> Callable:
    """Contents of the files on this machine that a model is made of, for `params`.

    There is none for other addresses, nor where nothing exists: the job then says so.
    """

    def contents(wildcards) -> dict[str, str]:
        entry = config["pretrained"][wildcards.pretrained]
        given = [entry.get("url"), entry.get("folder"), entry["architecture"]]
        paths = [local_path(apply_mirrors(one, config["mirrors"])) for one in given if one]
        return contents_of(path for path in paths if path)

    return contents


def declared_ids(config: Mapping) -> Callable:
    """Input function: the file with the ids of a model's training examples, if there is one."""

    def ids(wildcards) -> str | list:
        path = config["pretrained"][wildcards.pretrained]["trained_on"]["ids"]
        return local(path) if path else []

    return ids


def declared_content(config: Mapping) -> Callable:
    """Content of that file, for `params`."""

    def content(wildcards) -> list[str]:
        path = config["pretrained"][wildcards.pretrained]["trained_on"]["ids"]
        return list(contents_of([path] if path else []).values())

    return content


def other_config(config: Mapping, folder: str | Path) -> Callable:
    """Input function: the configuration on whose data a model is pretrained."""

    def path(wildcards) -> str:
        pretrain = config["pretrained"][wildcards.pretrained]["pretrain"]
        return local(str(find_study(pretrain["config"], folder)))

    return path


def other_content(config: Mapping, folder: str | Path) -> Callable:
    """Content of that configuration, for `params`."""

    def content(wildcards) -> list[str]:
        pretrain = config["pretrained"][wildcards.pretrained]["pretrain"]
        return list(contents_of([find_study(pretrain["config"], folder)]).values())

    return content


def unlabelled(config: Mapping) -> Callable:
    """Settings of a file of unlabelled sequences as those of a source, for `params`."""

    def settings(wildcards) -> dict:
        entry = config["pretrained"][wildcards.pretrained]
        pretrain = entry["pretrain"]
        return {
            "url": marked_url(pretrain["sequences"]),
            "version": entry["version"],
            "sha256": pretrain["sha256"],
        }

    return settings


def unlabelled_content(config: Mapping) -> Callable:
    """Content of the file on this machine that unlabelled sequences come from, for `params`."""

    def content(wildcards) -> list[str]:
        url = config["pretrained"][wildcards.pretrained]["pretrain"]["sequences"]
        path = local_path(apply_mirrors(url, config["mirrors"]))
        return list(contents_of([path] if path and path.is_file() else []).values())

    return content


def unlabelled_record(config: Mapping) -> Callable:
    """Input function: the record of where unlabelled sequences came from."""

    def path(wildcards) -> str:
        name = Path(unlabelled_file(config)(wildcards)).name
        return f"resources/records/pretraining/{wildcards.pretrained}/{name}.json"

    return path


def unlabelled_file(config: Mapping) -> Callable:
    """Input function: where unlabelled sequences lie once they were fetched."""

    def path(wildcards) -> str:
        url = config["pretrained"][wildcards.pretrained]["pretrain"]["sequences"]
        name = filename({"url": url})
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
