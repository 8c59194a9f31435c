"""What the schema cannot say: settings that contradict each other or name what does not exist.

Every check takes the completed configuration, from which whatever breaks the schema has been left
out, and yields one message for each fault.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from deeprules.tasks import task_of_each
from deeprules_workflow.interval_checks import interval_faults
from deeprules_workflow.modules import Module, facts_in, fitting
from deeprules_workflow.schema import data_defaults, nearest
from deeprules_workflow.selection_checks import selection_faults

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
    yield from interval_faults(data, split, data_defaults())
    for key, modality in ONE_MODALITY.items():
        if data.get("modality") not in (None, modality) and data[key] != data_defaults()[key]:
            yield f"data.{key}: only {modality} data have it"


def listed(label: object) -> list[str]:
    """Columns of one or several labels."""
    return label if isinstance(label, list) else [label]


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
        elif task and not module.is_for(task):
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


def study_faults(data: Mapping, study: Mapping) -> Iterator[str]:
    """Where study.yaml and config.yaml speak of the same thing."""
    meant, used = study["positive_class"], data["positive"]
    is_missing = data.get("task") == "binary" and used is None
    if meant not in (None, used) and not is_missing:
        yield f"data.positive: is `{used}`, but the study names `{meant}` as its positive_class"
