"""Which sources of a configuration hold no examples of their own, for other settings name them."""

from collections.abc import Mapping

from deeprules.tasks import is_several

NAMES = ("genes", "barcodes")
"""Settings of a source of 10x that name the sources with its names."""
REFERENCES = ("samples", "genome", "regions", *NAMES)
"""Settings of a source that name another source, one without examples of its own."""


def helpers_of(data: Mapping) -> set[str]:
    """Names of the sources that hold no examples: sample tables, genomes, lists, parts of others.

    Parameters
    ----------
    data : the section `data` of the completed configuration
    """
    negatives = data["negatives"]
    found = {data["samples"], data["blacklist"], negatives["peaks"], *negatives["exclude"]}
    found |= set(listed_in(data).values())
    for name, source in data["sources"].items():
        found |= {source[role] for role in REFERENCES}
        found |= {*source["files"].values()} - {name}
    found |= {name for _, *others in tracks_of(data) for name in others}
    return found - {None}


def tracks_of(data: Mapping) -> list[list[str]]:
    """Names of the tracks that are read together, a label each: of several labels, over the same
    regions. The first of them stands for all."""
    found: dict[str, list[str]] = {}
    for name, source in data["sources"].items() if is_several(data.get("task")) else ():
        if source.get("format") == "bigwig" and source["regions"]:
            found.setdefault(source["regions"], []).append(name)
    return list(found.values())


def listed_in(data: Mapping) -> dict[str, str]:
    """The sources that hold values to include or exclude, by the key that names them."""
    return {
        f"data.{key}.{column}.listed_in": wanted["listed_in"]
        for key in ("include", "exclude")
        for column, wanted in data[key].items()
        if isinstance(wanted, Mapping) and "listed_in" in wanted
    }
