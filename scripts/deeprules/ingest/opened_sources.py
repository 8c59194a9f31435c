"""The sources of a configuration as readers get them, and which of them hold examples."""

import importlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from deeprules.ingest.sources import Source
from deeprules.source_roles import NAMES, helpers_of, tracks_of


def open_sources(
    data: Mapping,
    files: Mapping[str, str | Path],
    given: Mapping[str, str],
    shared: Mapping,
) -> dict[str, Source]:
    """Each source by name.

    Parameters
    ----------
    data : the section `data` of the config
    files : the downloaded file of each
    given : path of the file of each source that is a copy of one on this machine
    shared : what is the same for all, such as `problems`
    """
    sources, settings = {}, data["sources"]
    for name, one in settings.items():
        names = {role: Path(files[one[role]]) for role in NAMES if one[role]}
        genome = Path(files[one["genome"]]) if one["genome"] else None
        samples = {sample: Path(files[part]) for sample, part in one["files"].items()}
        more = {
            "genome": genome,
            "names": names,
            "files": samples,
            "given": given.get(name),
            **shared,
        }
        sources[name] = Source(name=name, path=Path(files[name]), settings=one, **more)
    for name, one in settings.items():
        if one["regions"]:
            sources[name] = replace(sources[name], regions=sources[one["regions"]])
    for first, *others in tracks_of(data):
        together = tuple(sources[name] for name in (first, *others))
        sources[first] = replace(sources[first], tracks=together)
    return sources


def reader_of(source: Source) -> ModuleType:
    """The module that reads a source's format."""
    return importlib.import_module(f"deeprules.datasets.{source.settings['format']}")


def example_sources(data: Mapping) -> list[str]:
    """Names of the sources that hold examples, in order."""
    helpers = helpers_of(data)
    return [name for name in data["sources"] if name not in helpers]
