"""What the schema cannot say about pretrained models and the models that start from them."""

import re
from collections.abc import Iterator, Mapping

from deeprules_workflow.huggingface_checks import huggingface_faults, origin_faults, twin_faults
from deeprules_workflow.modules import Module
from deeprules_workflow.schema import complete, load_schema, nearest

ORIGINS = ("kipoi", "folder", "url", "huggingface", "pretrain")
NAMED = [f"`{origin}`" for origin in ORIGINS]
NEED = "pretrained"
WEIGHTS = (".keras", ".h5", ".hdf5")
GIT = re.compile(r"git\+(https?|ssh|file)://.+@[0-9a-f]{40}(#.+)?")
ONLY_SEQUENCES = ("length", "masked", "max_epochs", "steps", "sha256")
"""Settings of `pretrain` that only training on sequences alone has."""


def pretrained_faults(pretrained: Mapping, data: Mapping) -> Iterator[str]:
    """Each pretrained model by itself, and whether the data can use one."""
    if pretrained and data.get("modality") not in (None, "sequence"):
        yield f"pretrained: only sequence data can use a pretrained model, not {data['modality']}"
    for name, entry in pretrained.items():
        where = f"pretrained.{name}"
        yield from _origin_faults(where, entry)
        yield from huggingface_faults(where, entry)
        if "pretrain" in entry:
            yield from _pretrain_faults(f"{where}.pretrain", entry["pretrain"])
        channels = entry["input"]["channels"]
        if channels is not None and sorted(channels) != list("ACGT"):
            yield f"{where}.input.channels: `{channels}` must hold each of A, C, G and T once"
        if entry["trained_on"]["chromosomes"] and not _may_have_chromosomes(data):
            yield (
                f"{where}.trained_on.chromosomes: the data hold no chromosomes to compare with; "
                "take them from the FASTA headers (`header`), or give `ids`"
            )


def pretrained_model_faults(
    models: Mapping, known: Mapping[str, Module], pretrained: Mapping
) -> Iterator[str]:
    """Models that need a pretrained one and don't name it, or the other way round."""
    for name, entry in models.items():
        where, module = f"models.{name}.pretrained", entry.get("module", name)
        given = entry.get("pretrained")
        if given is not None and given not in pretrained:
            available = ", ".join(sorted(pretrained)) or "none"
            yield (
                f"{where}: there is no pretrained model `{given}`{nearest(given, pretrained)} "
                f"(available: {available})"
            )
        if module not in known:
            continue
        needs = known[module].needs == NEED
        if needs and given is None:
            yield f"{where}: is required for the module `{module}`; name an entry of `pretrained`"
        if given is not None and not needs:
            starting = sorted(other for other in known if known[other].needs == NEED)
            yield (
                f"{where}: the module `{module}` does not start from a pretrained model "
                f"(these do: {', '.join(starting) or 'none'})"
            )
        if needs and given in pretrained:
            yield from origin_faults(where, given, known[module], pretrained[given])
    yield from twin_faults(models, known)


def _origin_faults(where: str, entry: Mapping) -> Iterator[str]:
    given = [origin for origin in ORIGINS if origin in entry]
    if len(given) != 1:
        found = f", not {' and '.join(f'`{origin}`' for origin in given)}" if given else ""
        yield f"{where}: give exactly one of {', '.join(NAMED[:-1])} and {NAMED[-1]}{found}"
    if "url" not in entry:
        for key in ("architecture", "sha256"):
            if entry[key] is not None:
                yield f"{where}.{key}: only weights given as `url` have it"
    elif not entry["url"].lower().endswith(WEIGHTS):
        yield (
            f"{where}.url: must end in {', '.join(WEIGHTS)}; a model of another framework is given "
            "as `folder` in Kipoi format"
        )
    if entry["architecture_sha256"] is not None and entry["architecture"] is None:
        yield f"{where}.architecture_sha256: there is no `architecture`"
    folder = entry.get("folder", "")
    if folder.startswith("git+") and not GIT.fullmatch(folder):
        yield (
            f"{where}.folder: a repository is given as "
            "`git+https://<repository>@<commit>#<folder>`, with all 40 digits of the commit"
        )
    elif re.match(r"[a-z+]+://", folder) and not folder.startswith("git+"):
        yield f"{where}.folder: must be a path or a repository, `git+https://...`"


def _pretrain_faults(where: str, pretrain: Mapping) -> Iterator[str]:
    if ("config" in pretrain) == ("sequences" in pretrain):
        yield f"{where}: give either `config` or `sequences`"
    elif "config" in pretrain:
        for key in ONLY_SEQUENCES:
            if pretrain[key] != _pretrain_defaults()[key]:
                yield f"{where}.{key}: only training on `sequences` has it"


def _pretrain_defaults() -> dict:
    """The section `pretrain` with nothing set."""
    config = complete({"pretrained": {"name": {"pretrain": {}}}}, load_schema("config"))
    return config["pretrained"]["name"]["pretrain"]


def _may_have_chromosomes(data: Mapping) -> bool:
    """Whether any source can give the column `chromosome`, as far as the configuration tells."""
    return data["samples"] is not None or any(map(_has_chromosomes, data["sources"].values()))


def _has_chromosomes(source: Mapping) -> bool:
    if "simulate" in source:
        return source["simulate"].get("kind") == "peaks"
    return (
        source.get("format") != "fasta"
        or source["samples"] is not None
        or "(?P<chromosome>" in (source["header"] or "")
        or "chromosome" in {**source["columns"], **source["values"]}
    )
