"""What the rules about sources take from a resolved configuration."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from deeprules.addresses import (
    apply_mirrors,
    local_files,
    local_path,
    marked_url,
    public_config,
    public_mirrors,
    public_origin,
)
from deeprules_workflow.local_contents import contents_of

AUDITED = ("duplicates", "conflicts", "sensitivity")
"""Settings of the data that change nothing of the data set that is built."""

APPLIED = ("predict", "variants")
"""Sections of what a finished run is applied to."""

AFTERWARDS = (*APPLIED, "release")
"""Sections that change nothing of a run."""

NOT_BUILT = ("url", "simulate", "version", "licence", "citation", "sha256")
"""Settings of a source that say nothing of how its file is read."""


def local_content(config: Mapping) -> Callable:
    """Content of the file, or files, on this machine that a source names, for `params`.

    There is none for other addresses, nor where it does not exist: the job then says so.
    """

    def content(wildcards) -> list[str]:
        url = config["data"]["sources"][wildcards.source]["url"]
        address = apply_mirrors(url, config["mirrors"])
        files = local_files(address)
        if files:  # A file that is renamed is another sample.
            return [" ".join([*Path(f).parts[-2:], sha]) for f, sha in contents_of(files).items()]
        path = local_path(address)
        return [] if path is None else list(contents_of([path]).values())

    return content


def hidden_files(config: Mapping, folders: Iterable[str]) -> list[str]:
    """Folders of a run, and the files of this machine that its sources name.

    Paths stay as they are given: a project that was moved has changed nothing.
    """
    urls = [source["url"] for source in config["data"]["sources"].values() if "url" in source]
    places = [apply_mirrors(url, config["mirrors"]) for url in urls]
    files = [file for place in places for file in local_files(place) or [local_path(place)]]
    return [str(path) for path in [*folders, *filter(None, files)]]


def of_source(config: Mapping, *keys: str) -> Callable:
    """Settings of a source, for `params`: a job reruns only for those that it uses.

    Snakemake prints and keeps parameters, so nothing secret of an address is in them: a job takes
    the address itself from the configuration.
    """

    def settings(wildcards) -> dict:
        source = public_origin(config["data"]["sources"][wildcards.source], marked_url)
        return {key: source[key] for key in keys}

    return settings


def marked_mirrors(config: Mapping) -> dict:
    """The mirrors, with nothing secret of their addresses."""
    return public_mirrors(config["mirrors"], marked_url)


def shown_config(config: Mapping) -> dict:
    """The configuration of a run, with nothing secret of its addresses.

    What a finished run is applied to is no part of it: a run does not change by that.
    """
    return public_config({name: config[name] for name in config if name not in AFTERWARDS})


def build_settings(data: Mapping) -> dict:
    """The section `data` without what does not change the data set."""
    sources = {
        name: {key: source[key] for key in source if key not in NOT_BUILT}
        for name, source in data["sources"].items()
    }
    return {**{key: data[key] for key in data if key not in AUDITED}, "sources": sources}
