"""What a finished run is applied to: the sections `predict` and `variants` of a configuration."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from deeprules.errors import InputError
from deeprules.source_roles import REFERENCES, helpers_of
from deeprules_workflow.checks import listed
from deeprules_workflow.local_contents import contents_of
from deeprules_workflow.modules import Module
from deeprules_workflow.schema import complete, load_schema, nearest
from deeprules_workflow.source_checks import faults_of_source, origin_faults
from deeprules_workflow.source_settings import APPLIED, NOT_BUILT

ONLY_HERE = ("run", "model", "overlap")
"""Settings of new examples that no other source has."""
FINISHED = ("results/frozen.json", "results/conclusion/verdict.json")
"""What a finished run has, and what is new of it when it was made anew."""


def prediction_faults(config: Mapping, formats: Mapping[str, Module]) -> Iterator[str]:
    """What is wrong with the sections `predict` and `variants`."""
    predict, variants, data = config["predict"], config["variants"], config["data"]
    for name in sorted({*predict} & {*variants}):
        yield f"variants.{name}: `predict` has this name too; choose another"
    label = dict.fromkeys(listed(data.get("label")), "")  # New examples need none.
    unlabelled = {name: {**one, "values": label | one["values"]} for name, one in predict.items()}
    mixed = {**data, "sources": {**data["sources"], **unlabelled}}
    if any(entry["run"] for entry in predict.values()):
        mixed["modality"] = None  # The other run has its own, which the job compares.
    helpers = helpers_of(mixed) | {entry["genome"] for entry in variants.values()}
    for name in predict:
        yield from faults_of_source(f"predict.{name}", name, mixed, formats, helpers)
    for name, entry in {**predict, **variants}.items():
        section = "predict" if name in predict else "variants"
        chosen = entry.get("model")
        if entry.get("run") is None and chosen and chosen not in config["models"]:
            known = nearest(chosen, config["models"])
            yield f"{section}.{name}.model: the run has no model `{chosen}`{known}"
    for name, entry in variants.items():
        yield from origin_faults(f"variants.{name}", entry)
        if "simulate" in entry and entry["format"] != "table":
            yield f"variants.{name}.format: simulated variants come as `table`, not `vcf`"
        genome = mixed["sources"].get(entry["genome"], {})
        if genome.get("format") != "genome":
            yield (
                f"variants.{name}.genome: `{entry['genome']}` is no source of format `genome`, in "
                "`predict` or in `data: sources`"
            )
        regions = mixed["sources"].get(entry["regions"], {})
        if entry["regions"] and regions.get("format") != "bed":
            yield (
                f"variants.{name}.regions: `{entry['regions']}` is no source of format `bed`, in "
                "`predict` or in `data: sources`"
            )
        if entry["columns"] and entry["format"] != "table":
            yield f"variants.{name}.columns: only a table has columns, no VCF"
        if entry["run"] is None and data.get("modality") == "tabular":
            yield f"variants.{name}: variants are of sequences, and the data are tabular"


def new_sources(config: Mapping) -> dict[str, dict]:
    """All sources of both sections, by name."""
    return {**config["predict"], **config["variants"]}


def as_sources(config: Mapping) -> dict:
    """The configuration with these sources in the place of those of the data."""
    return {**config, "data": {**config["data"], "sources": new_sources(config)}}


def place_of(config: Mapping, name: str) -> str:
    """Where the address of such a source stands in the configuration."""
    return f"{'predict' if name in config['predict'] else 'variants'}/{name}/url"


def predicted_names(config: Mapping) -> list[str]:
    """Names of the new examples: sources of `predict` that are no genome or sample table."""
    helpers = {entry[role] for entry in config["predict"].values() for role in REFERENCES}
    return [
        name
        for name, entry in config["predict"].items()
        if entry["format"] != "genome" and name not in helpers
    ]


def with_helpers(config: Mapping, name: str) -> dict[str, dict]:
    """Settings of a source of new examples or variants, and of those that it names, by name."""
    own = new_sources(config)
    known = {**config["data"]["sources"], **config["predict"]}
    found, waiting = {name: own[name]}, [name]
    while waiting:
        entry = found[waiting.pop()]
        new = [entry[role] for role in REFERENCES if entry.get(role) and entry[role] not in found]
        found |= {other: known[other] for other in new}
        waiting += new
    return {
        key: {one: entry[one] for one in entry if one not in (*NOT_BUILT, *ONLY_HERE)}
        for key, entry in found.items()
    }


def data_defaults() -> dict:
    """Settings of data with nothing set, for runs that were made before some of them were there."""
    completed = complete({"data": {"sources": {}}}, load_schema("config"))["data"]
    return {key: value for key, value in completed.items() if key != "sources"}


def reader_settings(formats: Iterable[str]) -> dict[str, dict]:
    """Settings of a source of each of these formats, with nothing set: rows are samples."""
    schema, found = load_schema("config"), {}
    for name in formats:
        source = {"format": name} | ({"orientation": "samples_in_rows"} if name == "matrix" else {})
        completed = complete({"data": {"sources": {"new": source}}}, schema)
        entry = completed["data"]["sources"]["new"]
        found[name] = {key: value for key, value in entry.items() if key not in NOT_BUILT}
    return found


def config_of_variants(config: Mapping, name: str) -> dict:
    """Settings of a source of variants that say how it is read and scored.

    Those that readers of tables ask for, and that variants are without, have their defaults.
    """
    schema, entry = load_schema("config"), config["variants"][name]
    source = complete({"data": {"sources": {"source": {}}}}, schema)["data"]["sources"]["source"]
    settings = {key: value for key, value in source.items() if key not in NOT_BUILT}
    own = ("format", "genome", "regions", "columns", "model", "shuffled")
    return settings | {key: entry[key] for key in own}


def packed_folder(run: str | Path) -> str | None:
    """The packed model that a folder is, or holds where it is a release; None for a run."""
    folders = (Path(run), Path(run, "model"))
    return next((str(one) for one in folders if (one / "model.json").is_file()), None)


def finished_contents(run: str | Path) -> dict[str, str]:
    """Content of what tells one finished run, or archive, from the next; the job misses the rest.

    Snakemake would show a traceback with what is raised here.
    """
    run = Path(run)
    return contents_of([run] if run.is_file() else [run / name for name in FINISHED])


def require_something(config: Mapping) -> None:
    """Check that there is something to predict.

    Raises
    ------
    InputError
        If both sections are empty.
    """
    if not predicted_names(config) and not config["variants"]:
        raise InputError(
            f"There is nothing to predict: the configuration has no section "
            f"{' and no section '.join(f'`{name}`' for name in APPLIED)}. Add one, such as "
            "`predict: {mine: {url: data/new.fa, format: fasta}}`."
        )
