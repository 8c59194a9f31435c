"""What contradicts itself in a source of a configuration, in what it names, and in all of them."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from deeprules.source_roles import NAMES, helpers_of
from deeprules_workflow.modules import Module, facts_in
from deeprules_workflow.named_sources import named_faults
from deeprules_workflow.sample_addresses import address_faults
from deeprules_workflow.schema import data_defaults
from deeprules_workflow.several_labels import is_several
from deeprules_workflow.tenx_folders import folder_faults

HELPERS = {"genome": "genome", "list": "list of names"}
"""Formats of sources that hold no examples, and what they are."""

SIMULATED_FORMATS = {
    "sequences": ("table",),
    "expression": ("matrix", "h5ad"),
    "labels": ("table",),
    "peaks": ("bed",),
    "genome": ("genome",),
}
SIMULATED_METADATA = ("label", "group", "batch")

LONGEST_NAME = 120
"""Letters of a file name; a disk takes 255, and other endings are put to it."""


def file_name(url: str) -> str:
    """The last part of a URL's path, percent-decoded, with only letters, digits and `._-`.

    Where the query names a `file`, as addresses of GEO do, it is that. Of a name that is too long
    for a disk the end is kept, after a hash of the whole. It is empty where there is none.
    """
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query).get("file", [""])[0] if parts.netloc else ""
        name = PurePosixPath(asked or unquote(parts.path)).name
    except ValueError:  # brackets that hold no address
        return ""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".")
    if len(plain) <= LONGEST_NAME:
        return plain
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]}_{plain[-LONGEST_NAME:]}"


def source_faults(data: Mapping, formats: Mapping[str, Module]) -> Iterator[str]:
    """Each source by itself, the sources that it names, and all together."""
    sources, helpers = data["sources"], helpers_of(data)
    for name in sources:
        yield from faults_of_source(f"data.sources.{name}", name, data, formats, helpers)
    yield from named_faults("data.samples", data["samples"], sources, "table")
    if sources and not set(sources) - helpers:
        yield "data.sources: none of them holds examples, only sample tables, genomes and lists"


def faults_of_source(
    where: str,
    name: str,
    data: Mapping,
    formats: Mapping[str, Module],
    helpers: Collection[str],
) -> Iterator[str]:
    """One source of `data`, which stands at `where`; `helpers` are those without examples."""
    source, is_helper = data["sources"][name], name in helpers
    yield from origin_faults(where, source)
    yield from folder_faults(where, source)
    yield from address_faults(where, source, data["sources"])
    yield from _format_faults(where, source, data.get("modality"), formats, is_helper)
    yield from _reference_faults(where, source, data["sources"], is_helper)
    yield from _header_faults(where, source, data, is_helper)


def origin_faults(where: str, source: Mapping) -> Iterator[str]:
    """What is wrong with where a source, which stands at `where`, comes from."""
    if "urls" in source:
        return
    if ("url" in source) == ("simulate" in source):
        yield f"{where}: give either `url` or `simulate`"
    if "url" in source and not file_name(source["url"]):
        # Without the address, which may hold a password.
        yield f"{where}.url: does not end in the name of a file"


def _format_faults(
    where: str, source: Mapping, modality: str, formats: Mapping[str, Module], is_helper: bool
) -> Iterator[str]:
    name = source.get("format")
    if name is None:
        return
    if name in formats and formats[name].fault:
        yield f"{where}.format: the reader `{name}` cannot be read: {formats[name].fault}"
    if name in HELPERS and not is_helper:
        yield f"{where}: nothing names this {HELPERS[name]}"
    fitting = formats[name].modalities if name in formats else ()
    if not is_helper and modality and fitting and modality not in fitting:
        yield f"{where}.format: `{name}` reads {' or '.join(fitting)} data, not {modality}"
    defaults = data_defaults()["sources"]["source"]
    having: dict[str, list[str]] = {}
    for reader, facts in facts_in("datasets").items():
        for key in facts.get("SETTINGS", ()):
            having.setdefault(key, []).append(reader)
    for key, readers in having.items():
        if name not in readers and source[key] != defaults[key]:
            only = " or ".join(f"`{reader}`" for reader in readers)
            yield f"{where}.{key}: only a source of format {only} has one, not `{name}`"
    decimal, thousands = source["decimal"] or ".", source["thousands"]
    if decimal == thousands:
        yield f"{where}.thousands: `{thousands}` is the decimal mark; set `decimal` as well"
    yield from _simulation_faults(where, source, name)


def _simulation_faults(where: str, source: Mapping, name: str) -> Iterator[str]:
    kind = source.get("simulate", {}).get("kind")
    if kind is None:
        return
    formats = SIMULATED_FORMATS[kind]
    if name not in formats:
        known = " or ".join(f"`{one}`" for one in formats)
        yield f"{where}.format: simulated {kind} come as {known}, not `{name}`"
    missing = [column for column in SIMULATED_METADATA if column not in source["metadata"]]
    if name == "matrix" and missing:
        yield f"{where}.metadata: must list {', '.join(missing)}, which are no genes"


def _reference_faults(
    where: str, source: Mapping, sources: Mapping, is_helper: bool
) -> Iterator[str]:
    yield from named_faults(f"{where}.samples", source["samples"], sources, "table")
    genome = source["genome"]
    if source.get("format") == "bed" and genome is None and not is_helper:
        yield f"{where}.genome: is required for format `bed`; name a source of format `genome`"
    yield from named_faults(f"{where}.genome", genome, sources, "genome")
    for role in NAMES:
        yield from named_faults(f"{where}.{role}", source[role], sources, "tenx")
    chosen = [key for key in ("layer", "raw", "obsm") if source[key]]
    if len(chosen) > 1:
        yield f"{where}: give only one of {', '.join(chosen)}; each names other numbers"


def _header_faults(where: str, source: Mapping, data: Mapping, is_helper: bool) -> Iterator[str]:
    """The regular expression of a FASTA source, and whether the label comes from anywhere."""
    groups = set()
    if source["id_pattern"] is not None:
        try:
            named = re.compile(source["id_pattern"]).groupindex
        except (re.error, OverflowError, RecursionError) as error:
            yield f"{where}.id_pattern: is not a regular expression ({error})"
        else:
            if "id" not in named:
                yield f"{where}.id_pattern: has no group of the name id, (?P<id>...)"
    if source["header"] is not None:
        try:
            groups = set(re.compile(source["header"]).groupindex)
        except (re.error, OverflowError, RecursionError) as error:
            yield f"{where}.header: is not a regular expression ({error})"
            return
        if not groups:
            yield f"{where}.header: has no named group such as (?P<id>[^ ]+)"
    label = data.get("label")
    if is_several(data) and isinstance(label, list):
        label = next((one for one in label if one in groups | source["values"].keys()), label[0])
    has_samples = source["samples"] is not None or data["samples"] is not None
    if source.get("format") != "fasta" or is_helper or has_samples or label is None:
        return
    if label not in groups | source["values"].keys() | source["columns"].keys():
        yield (
            f"{where}: nothing gives the column `{label}` (data.label); "
            "use `values`, a group of `header` or a sample table"
        )
