"""What the schema cannot say: settings that contradict each other or name what does not exist.

Every check takes the completed configuration, from which whatever breaks the schema has been left
out, and yields one message for each fault.
"""

import functools
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from deeprules.tasks import task_of_each
from deeprules_workflow.interval_checks import helpers_of, interval_faults
from deeprules_workflow.modules import Module, facts_in, fitting
from deeprules_workflow.sample_addresses import address_faults
from deeprules_workflow.schema import complete, load_schema, nearest
from deeprules_workflow.selection_checks import selection_faults
from deeprules_workflow.several_labels import is_several
from deeprules_workflow.tenx_folders import folder_faults

ONE_MODALITY = {
    "strand": "sequence",
    "length": "sequence",
    "intervals": "sequence",
    "transform": "tabular",
    "highly_variable": "tabular",
    "batch_correction": "tabular",
    "features": "tabular",
    "missing": "tabular",
}
HELPERS = {"genome": "genome", "list": "list of names"}
"""Formats of sources that hold no examples, and what they are."""

NAMES = ("genes", "barcodes")
"""Settings of a source of 10x that name the sources with its names."""
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


def data_faults(data: Mapping, split: Mapping) -> Iterator[str]:
    """The task and the roles of columns."""
    task, positive = data.get("task"), data["positive"]
    if task == "binary" and positive is None:
        yield "data.positive: is required for a binary task; name the positive class"
    if task in ("multiclass", "regression") and positive is not None:
        yield f"data.positive: only a binary task has a positive class, not {task}"
    if task == "regression" and data["classes"]:
        yield "data.classes: a regression task has no classes"
    if data["batch_correction"] != "none" and data["batch"] is None:
        yield "data.batch_correction: needs `data.batch`, the column that tells batches apart"
    yield from selection_faults(data)
    renamed = data["classes"].get(positive)
    if renamed is not None and positive not in data["classes"].values():
        yield f"data.positive: `{positive}` is renamed by `classes`; write `{renamed}`"
    roles = [(role, data[role]) for role in ("group", "batch")]
    roles += [(key, name) for key in ("covariates", "subgroups") for name in data[key]]
    for role, column in roles:
        if column is not None and column in listed(data.get("label")):
            yield f"data.{role}: `{column}` is the label itself"
    if data["length"]["policy"] == "crop_or_pad" and data["length"]["bases"] is None:
        yield "data.length.bases: is required for `crop_or_pad`"
    yield from interval_faults(data, split, _defaults())
    for key, modality in ONE_MODALITY.items():
        if data.get("modality") not in (None, modality) and data[key] != _defaults()[key]:
            yield f"data.{key}: only {modality} data have it"


def listed(label: object) -> list[str]:
    """Columns of one or several labels."""
    return label if isinstance(label, list) else [label]


def source_faults(data: Mapping, formats: Mapping[str, Module]) -> Iterator[str]:
    """Each source by itself, the sources that it names, and all together."""
    sources, helpers = data["sources"], helpers_of(data)
    for name in sources:
        yield from faults_of_source(f"data.sources.{name}", name, data, formats, helpers)
    if data["samples"] is not None:
        yield from _sample_table_faults("data.samples", data["samples"], sources)
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
    defaults = _defaults()["sources"]["source"]
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
    if source["samples"] is not None:
        yield from _sample_table_faults(f"{where}.samples", source["samples"], sources)
    genome = source["genome"]
    if source.get("format") == "bed" and genome is None and not is_helper:
        yield f"{where}.genome: is required for format `bed`; name a source of format `genome`"
    if genome is not None and genome not in sources:
        yield f"{where}.genome: there is no source `{genome}`{nearest(genome, sources)}"
    elif genome is not None and sources[genome].get("format") != "genome":
        yield f"{where}.genome: source `{genome}` must have the format `genome`"
    for role in NAMES:
        name = source[role]
        if name is not None and name not in sources:
            yield f"{where}.{role}: there is no source `{name}`{nearest(name, sources)}"
        elif name is not None and sources[name].get("format") != "tenx":
            yield f"{where}.{role}: source `{name}` must have the format `tenx`"
    chosen = [key for key in ("layer", "raw", "obsm") if source[key]]
    if len(chosen) > 1:
        yield f"{where}: give only one of {', '.join(chosen)}; each names other numbers"


def _sample_table_faults(where: str, name: str, sources: Mapping) -> Iterator[str]:
    if name not in sources:
        yield f"{where}: there is no source `{name}`{nearest(name, sources)}"
    elif sources[name].get("format") != "table":
        yield f"{where}: source `{name}` must have the format `table`"


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


def split_faults(data: Mapping, split: Mapping) -> Iterator[str]:
    """The strategy and what it needs."""
    strategy, shares = split["strategy"], split["shares"]
    known = facts_in("split/strategies")
    facts, modality = known.get(strategy, {}), data.get("modality")
    modalities = facts.get("MODALITIES", (modality,))
    if modality not in (None, *modalities):
        yield f"split.strategy: `{strategy}` is for {' or '.join(modalities)} data, not {modality}"
    if facts.get("NEEDS") and data[facts["NEEDS"]] is None:
        yield f"data.{facts['NEEDS']}: is required for `split.strategy: {strategy}`"
    total = sum(shares.values())
    if abs(total - 1) > 1e-6:
        parts = ", ".join(f"{name} {share:g}" for name, share in shares.items())
        yield f"split.shares: must add up to 1, but {parts} make {total:g}"
    if split["block_size"] is not None and not facts.get("HAS_BLOCKS"):
        having = ", ".join(name for name in known if known[name].get("HAS_BLOCKS"))
        yield f"split.block_size: only `strategy: {having}` has blocks, not `{strategy}`"
    for partition in ("test", "tune"):
        if split[partition] and not facts.get("UNITS_HAVE_NAMES"):
            named = ", ".join(name for name in known if known[name].get("UNITS_HAVE_NAMES"))
            yield (f"split.{partition}: `strategy: {strategy}` has no units to name; {named} have")
    both = [unit for unit in split["test"] if unit in split["tune"]]
    if both:
        yield f"split.tune: {', '.join(both)} stands in split.test as well"


def interpretation_faults(interpret: Mapping | bool) -> Iterator[str]:
    """A file of known motifs that is not there."""
    path = interpret and interpret["motifs"]
    if path is True:
        yield "interpret.motifs: give a MEME file, null for JASPAR, or `false` for none"
    elif path and not Path(path).is_file():
        yield (
            f"interpret.motifs: there is no file `{path}`, seen from the working directory; give "
            "the path of a MEME file, or leave it out for JASPAR"
        )


def objective_faults(data: Mapping, tuning: Mapping) -> Iterator[str]:
    """The score that is maximised."""
    task, objective = data.get("task"), tuning["objective"]
    facts = facts_in("statistics/metrics")
    objectives = ["auto"] + [
        name
        for name, fact in facts.items()
        if task_of_each(task) in fact["TASKS"] and fact.get("CAN_BE_OBJECTIVE")
    ]
    if task and objective not in objectives:
        yield (
            f"tuning.objective: `{objective}` does not score a {task} task; "
            f"use {', '.join(objectives)}"
        )


def model_faults(models: Mapping, known: Mapping[str, Module], data: Mapping) -> Iterator[str]:
    """Models that don't exist or don't fit."""
    modality, task = data.get("modality"), data.get("task")
    available = f"(available: {', '.join(fitting(known, modality, task))})"
    for name, entry in models.items():
        if name in known and known[name].floor:
            yield from _floor_faults(name, entry)
        if data["strand"] == "given":
            yield from _strand_faults(name, entry["space"])
        where = f"models.{name}.module" if "module" in entry else f"models.{name}"
        wanted = entry.get("module", name)
        if wanted not in known:
            yield f"{where}: there is no model `{wanted}`{nearest(wanted, known)} {available}"
            continue
        module = known[wanted]
        if module.fault:
            yield f"{where}: the file of the module `{wanted}` cannot be read: {module.fault}"
        elif not (module.modalities and module.tasks):
            yield f"{where}: the module `{wanted}` does not declare MODALITIES and TASKS"
        elif modality and modality not in module.modalities:
            others = " or ".join(module.modalities)
            yield f"{where}: `{wanted}` is for {others} data, not {modality} {available}"
        elif task and task_of_each(task) not in module.tasks:
            others = " or ".join(module.tasks)
            yield f"{where}: `{wanted}` is for {others} tasks, not {task} {available}"
        elif "metadata" in module.inputs and not (data["batch"] or data["covariates"]):
            yield f"{where}: `{wanted}` needs data.batch or data.covariates"
        elif "covariates" in module.inputs and not data["covariates"]:
            yield f"{where}: `{wanted}` takes covariates; name their columns in data.covariates"


def _strand_faults(name: str, space: Mapping) -> Iterator[str]:
    """Hyperparameters that would read the other strand of sequences that have but one."""
    for key, only in (("strands", "as_given"), ("fold_strands", False)):
        values = space.get(key, only)
        if any(value != only for value in (values if isinstance(values, list) else [values])):
            yield f"models.{name}.space.{key}: the other strand is no data with data.strand: given"


def _floor_faults(name: str, entry: Mapping) -> Iterator[str]:
    """Settings that would put something weaker in the place of a model that always runs."""
    reason = (
        f"`{name}` is a floor that every verdict rests on, the same in every project; leave this "
        "out, and give a version of your own another name"
    )
    if entry.get("module", name) != name:
        yield f"models.{name}.module: {reason}"
    if entry["space"]:
        yield f"models.{name}.space: {reason}"


@functools.cache
def _defaults() -> dict:
    """The section `data` with nothing set, and in it one source with nothing set."""
    config = complete({"data": {"sources": {"source": {}}}}, load_schema("config"))
    return config["data"]


def study_faults(data: Mapping, study: Mapping) -> Iterator[str]:
    """Where study.yaml and config.yaml speak of the same thing."""
    meant, used = study["positive_class"], data["positive"]
    is_missing = data.get("task") == "binary" and used is None
    if meant not in (None, used) and not is_missing:
        yield f"data.positive: is `{used}`, but the study names `{meant}` as its positive_class"
