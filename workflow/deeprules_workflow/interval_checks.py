"""What contradicts itself in the settings of intervals, their labels and their negatives."""

from collections.abc import Iterator, Mapping

from deeprules.source_roles import helpers_of, tracks_of
from deeprules_workflow.named_sources import named_faults

INTERVALS = ("bed", "bigwig")
"""Formats whose examples are intervals."""
OF_REGIONS = ("columns", "values", "samples", "id_prefix", "id_pattern")
"""Settings of a track that say something of its regions."""
NEGATIVES = "negatives"
"""The source that drawn negatives belong to."""
PAIR = "drawn_from"
"""Column with the positive that a shuffle was made of, where no other group is named."""


def resolve_negatives(data: dict, seed: int) -> None:
    """Fill in what negatives take from the rest of a complete configuration.

    A shuffle and its positive are one group: it is one locus, and they must not be parted.
    """
    negatives = data["negatives"]
    if negatives["from"] is None:
        return
    if negatives["seed"] is None:
        negatives["seed"] = seed
    if negatives["from"] == "dinucleotide_shuffle" and data["group"] is None:
        data["group"] = PAIR


def interval_faults(data: Mapping, split: Mapping, defaults: Mapping) -> Iterator[str]:
    """Windows, blacklist, regions of tracks, and negatives.

    `defaults` is a section `data` with nothing set.
    """
    width, bases = data["intervals"]["width"], data["length"]["bases"]
    formats = [source.get("format") for source in data["sources"].values()]
    for key in ("intervals", "contigs", "blacklist"):
        if data[key] != defaults[key] and not set(INTERVALS) & set(formats):
            yield f"data.{key}: only sources of format `bed` hold intervals"
    examples = set(formats) - {"genome", "list"}
    if data["length"]["anchor"] != "center" and examples and examples <= set(INTERVALS):
        yield "data.length.anchor: what stays of an interval is set by data.intervals.centre"
    if None not in (width, bases) and width != bases:
        yield f"data.intervals.width: is {width}, but data.length.bases is {bases}; give only one"
    yield from named_faults("data.blacklist", data["blacklist"], data["sources"], "bed")
    for name, source in data["sources"].items():
        yield from _region_faults(f"data.sources.{name}", source, data)
    yield from _track_faults(data, defaults)
    if data["negatives"]["from"] is not None:
        yield from _negative_faults(data, split)
    elif data["negatives"] != defaults["negatives"]:
        yield "data.negatives.from: is required; say where negatives are taken from"


def _track_faults(data: Mapping, defaults: Mapping) -> Iterator[str]:
    """Settings of regions at a track that is read together with another one, which has them."""
    for first, *others in tracks_of(data):
        for name in others:
            for key in OF_REGIONS:
                if data["sources"][name][key] != defaults["sources"]["source"][key]:
                    yield (
                        f"data.sources.{name}.{key}: its regions are read once, with the track "
                        f"`{first}`; put it there"
                    )


def _region_faults(where: str, source: Mapping, data: Mapping) -> Iterator[str]:
    if source.get("format") != "bigwig":
        return
    if source["regions"] is None:
        yield f"{where}.regions: is required for format `bigwig`; name a source of format `bed`"
    else:
        yield from named_faults(f"{where}.regions", source["regions"], data["sources"], "bed")
        regions = data["sources"].get(source["regions"], {})
        if regions.get("format") == "bed" and regions["genome"] is None:
            yield (
                f"data.sources.{source['regions']}.genome: is required for regions; name a source "
                "of format `genome`"
            )


def _negative_faults(data: Mapping, split: Mapping) -> Iterator[str]:
    settings, where = data["negatives"], "data.negatives"
    is_shuffle = settings["from"] == "dinucleotide_shuffle"
    if data.get("task") not in (None, "binary"):
        yield f"{where}: only a binary task has negatives, not {data['task']}"
    if data.get("modality") not in (None, "sequence"):
        yield f"{where}: only sequence data have them"
    if settings["class"] == data["positive"]:
        yield f"{where}.class: `{settings['class']}` is the positive class; give another name"
    if NEGATIVES in data["sources"]:
        yield f"data.sources.{NEGATIVES}: drawn negatives are called so; give it another name"
    if (settings["peaks"] is None) == (settings["from"] == "other_peaks"):
        yield (
            f"{where}.peaks: with `from: other_peaks`, and only then, name the source they are "
            "drawn from"
        )
    for key, names in (("peaks", [settings["peaks"]]), ("exclude", settings["exclude"])):
        for name in filter(None, names):
            yield from named_faults(f"{where}.{key}", name, data["sources"], "bed")
    if is_shuffle and split["block_size"]:
        yield (
            f"{where}.from: shuffles have no place, so that split.block_size cannot share them "
            "out; leave it out"
        )
    examples = set(data["sources"]) - helpers_of(data)
    others = [name for name in examples if data["sources"][name].get("format") != "bed"]
    if others and not is_shuffle:
        yield (
            f"{where}.from: `{settings['from']}` is for sources of format `bed`, which "
            f"{', '.join(sorted(others))} is not; take `dinucleotide_shuffle`"
        )


def _named_by_negatives(settings: Mapping) -> set[str]:
    return {settings["peaks"], *settings["exclude"]}
