"""What a study of several labels needs, and what it cannot have yet."""

from collections.abc import Iterator, Mapping

from deeprules.errors import InputError
from deeprules.tasks import LABEL_WEIGHTS, MIXED, predicts_values
from deeprules.tasks import is_several as _of_several
from deeprules_workflow.modules import Module

ONE_BY_ONE = "run one label at a time for that"
TWIN = "_alone"
"""Ending of the name of a network that is trained for each label alone, beside the joint one."""


def is_several(data: Mapping) -> bool:
    """Whether the task is one of several labels."""
    return _of_several(data.get("task"))


def require_one_label(data: Mapping) -> None:
    """Stop a target that there is not for several labels.

    Raises
    ------
    InputError
        If there are several.
    """
    if is_several(data):
        raise InputError(
            f"Paper kit, model card and release are made of a study of one label: {ONE_BY_ONE}. "
            "`snakemake archive_run` packs this one, `predict` applies its models, and "
            "`snakemake results/export/<network>` exports a network of all labels."
        )


def label_faults(data: Mapping) -> Iterator[str]:
    """Labels that do not fit the task, and settings that do not fit several labels."""
    label, separator = data.get("label"), data["separator"]
    yield from _faults_of_each(data)
    if not is_several(data):
        if isinstance(label, list):
            yield (
                "data.label: several labels are `task: multilabel` (each is there or not), "
                "`multiregression` (values) or `mixed`; of classes, "
                f"{ONE_BY_ONE.removesuffix(' for that')}"
            )
        if separator is not None:
            yield "data.separator: only `task: multilabel` has cells with several values"
        return
    if predicts_values(data["task"]):
        for key in ("positive", "separator", "classes"):
            if data[key]:
                yield f"data.{key}: several values have none; leave it out"
    repeated = sorted({one for one in label if label.count(one) > 1}) if _is_list(label) else []
    if repeated:
        yield f"data.label: {', '.join(repeated)} stands in the list twice; leave one away"
    if isinstance(label, str) and separator is None and not set(label) & set("*?["):
        yield (
            f"data.label: `task: {data['task']}` takes a list of columns, a pattern of them such "
            f"as `{label}_*`, or of labels that hold a `separator` between them in each cell, not "
            f"`{label}` alone"
        )
    if data["positive"] is None and separator is None and not predicts_values(data["task"]):
        yield "data.positive: is required; name the value of a column that says that a label holds"
    if data["positive"] is not None and separator is not None:
        yield "data.positive: the values of a cell are the labels that hold; leave it out"
    for key, is_given in _without_support(data):
        if is_given:
            yield f"data.{key}: a study of several labels does not have it; leave it out"


def with_labels(config: Mapping) -> Mapping:
    """The configuration with the labels that `data.tasks` names, where `data.label` does not."""
    data = config.get("data")
    if not isinstance(data, Mapping) or "label" in data or not isinstance(data.get("tasks"), dict):
        return config
    return {**config, "data": {**data, "label": list(data["tasks"])}}


def _faults_of_each(data: Mapping) -> Iterator[str]:
    """Labels that have a task of their own where all have one, or lack it where each has one."""
    tasks, labels = data["tasks"], data.get("label")
    if data.get("task") != MIXED:
        if tasks:
            yield "data.tasks: only `task: mixed` has a task for each label; leave it out"
        return
    if not isinstance(labels, list) or set(labels) != set(tasks):
        yield (
            "data.tasks: `task: mixed` needs the task of each label, `tasks: {name: binary, other: "
            "regression}`, and no other `label` than these"
        )
    if tasks and len(set(tasks.values())) < 2:
        kind = "multilabel" if "binary" in tasks.values() else "multiregression"
        yield f"data.tasks: they are all the same; write `task: {kind}` and `label` instead"
    if data["separator"] is not None:
        yield "data.separator: labels of `task: mixed` are columns; leave it out"


def _is_list(label: object) -> bool:
    return isinstance(label, list)


def _without_support(data: Mapping) -> Iterator[tuple[str, bool]]:
    """Settings that several labels do not have, and whether they are given."""
    yield "min_class_size", data["min_class_size"] is not None
    yield "classes", None in data["classes"].values()
    yield "negatives", data["negatives"]["from"] is not None


def multilabel_faults(config: Mapping, known: Mapping[str, Module]) -> Iterator[str]:
    """Parts of a run that say nothing of several labels yet, and twins of what is no network."""
    several = is_several(config["data"])
    for name, entry in config["models"].items():
        module = known.get(entry.get("module", name))
        if LABEL_WEIGHTS in entry["space"] and (not several or entry.get("alone")):
            where = f"models.{name}.space.{LABEL_WEIGHTS}"
            yield f"{where}: only a network of several labels weighs them"
        for key in {"alone", "twin"} & entry.keys():
            if not several:
                yield f"models.{name}.{key}: only a study of several labels has it"
            elif module and module.kind != "network":
                yield f"models.{name}.{key}: a baseline is always one for each label; leave it out"
        if several and module and module.needs:
            what = "pretrained model" if module.needs == "pretrained" else "tool"
            yield f"models.{name}: one with a {what} cannot take several labels; {ONE_BY_ONE}"
        if several and entry.get("private"):
            yield f"models.{name}.private: a network of several labels cannot be; {ONE_BY_ONE}"
    if not several:
        return
    if config["interpret"] is not False:
        yield (
            "interpret: what models of several labels respond to is not told; write "
            f"`interpret: false`, and {ONE_BY_ONE}"
        )


def with_twins(models: Mapping[str, Mapping], known: Mapping[str, Module]) -> dict:
    """Models of several labels, with a twin beside each network that predicts all of them.

    The twin is the same module with the same space, one network for each label, where there is
    nothing to weigh.
    """
    found = {}
    for name, entry in models.items():
        found[name] = entry
        is_network = known[entry.get("module", name)].kind == "network"
        is_joint = is_network and not entry.get("alone") and entry.get("twin", True)
        space = {key: value for key, value in entry["space"].items() if key != LABEL_WEIGHTS}
        twin = {"module": entry.get("module", name), "space": space, "alone": True}
        if is_joint and name + TWIN not in models:
            found[name + TWIN] = twin
    return found
