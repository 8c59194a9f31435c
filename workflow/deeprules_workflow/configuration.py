"""The configuration of a run: read, completed and checked before anything starts.

It imports nothing of the library but what reads text, so that a dry run takes a second.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from deeprules.strict_text import TextError, parse_json, read_text, read_yaml
from deeprules.tasks import task_of_each
from deeprules_workflow.checks import (
    data_faults,
    interpretation_faults,
    model_faults,
    objective_faults,
    split_faults,
    study_faults,
)
from deeprules_workflow.controls import control_faults, with_shadow_fits
from deeprules_workflow.ethics_register import NAME, read_register, register_faults
from deeprules_workflow.huggingface_checks import backend_faults
from deeprules_workflow.interval_checks import resolve_negatives
from deeprules_workflow.modules import Module, find_models, find_modules, floor_of
from deeprules_workflow.predictions import prediction_faults
from deeprules_workflow.pretrained_checks import pretrained_faults, pretrained_model_faults
from deeprules_workflow.private_networks import is_private, private_faults, private_terms
from deeprules_workflow.release_checks import release_faults
from deeprules_workflow.sample_addresses import open_addresses
from deeprules_workflow.schema import complete, load_schema, violations, without
from deeprules_workflow.several_labels import (
    is_several,
    label_faults,
    multilabel_faults,
    with_labels,
    with_twins,
)
from deeprules_workflow.source_checks import file_name, source_faults
from deeprules_workflow.space import fitting_space, space_faults
from deeprules_workflow.tenx_folders import open_folders
from deeprules_workflow.tool_checks import tool_faults

SIMULATED_ENDINGS = {"h5ad": "h5ad", "genome": "fa.gz", "bed": "narrowPeak.gz"}
DEFAULT_OBJECTIVE = {"binary": "auprc", "multiclass": "auprc", "regression": "r2"}
DEFAULT_OBJECTIVE |= {"mixed": "rank_score"}


class ConfigurationError(ValueError):
    """What is wrong with a configuration or a study, all of it in one message."""

    def __init__(self, what: str, faults: Iterable[str]):
        self.faults = tuple(faults)
        count = "1 problem" if len(self.faults) == 1 else f"{len(self.faults)} problems"
        super().__init__("\n  - ".join([f"{count} in {what}:", *self.faults]))


def resolve(config: Mapping, folder: str | Path, with_study: bool = True) -> dict:
    """The complete configuration: defaults filled in, the models that always run added.

    Resolving the result again changes nothing.

    Parameters
    ----------
    config : the configuration as the user wrote it
    folder : folder of the workflow, in which scripts/deeprules lies
    with_study : whether the study that it names is checked as well

    Raises
    ------
    ConfigurationError
        With everything that is wrong, in the configuration and in the study that it names.
    """
    schema = load_schema("config")
    if config.get("interpret") is True:
        config = {**config, "interpret": {}}
    completed = complete(open_addresses(open_folders(with_labels(config))), schema)
    broken = violations(completed, schema)
    sound = complete({"data": {}, "models": {}} | without(completed, broken), schema)
    sound["data"].setdefault("sources", {})
    models = find_models(folder)
    faults = [*broken.values(), *_contradictions(sound, models, folder)]
    faults += _study_faults(sound, folder) if with_study else []
    if faults:
        raise ConfigurationError("the configuration", faults)
    resolve_negatives(completed["data"], completed["seed"])
    ethics = load_ethics(completed, folder, not with_study)
    completed["data"]["sensitivity"] = ethics["sensitivity"]
    closed = ethics["sensitivity"] != "public" or is_private(completed)
    completed["controls"] = with_shadow_fits(completed["controls"], closed)
    task = completed["data"]["task"]
    if completed["tuning"]["objective"] == "auto":
        completed["tuning"]["objective"] = DEFAULT_OBJECTIVE[task_of_each(task)]
    for name in floor_of(models):
        if name not in completed["models"] and _applies(models[name], completed["data"]):
            completed["models"][name] = {"space": {}}
    if is_several(completed["data"]):
        completed["models"] = with_twins(completed["models"], models)
    for name, entry in completed["models"].items():
        entry.setdefault("module", name)
        entry["space"] = fitting_space(entry["space"], models[entry["module"]], folder)
    return completed


def read_config_files(paths: Iterable[str | Path], plain_numbers: bool = True) -> None:
    """Read configuration files for what Snakemake, which reads them too, says nothing about.

    Of two equal keys it takes the later one, and `010` it takes for 8, which is refused where
    `plain_numbers`. A file that is not there is left to it.

    Raises
    ------
    ConfigurationError
        With everything that is wrong in the first file that is not in order.
    """
    for path in map(Path, paths):
        if path.exists():
            try:
                if path.suffix == ".json":
                    parse_json(read_text(path), path)
                else:
                    read_yaml(path, plain_numbers)
            except TextError as error:
                raise ConfigurationError(str(path), error.faults) from None


def load_study(path: str | Path, folder: str | Path = ".", is_draft: bool = False) -> dict:
    """The complete content of a study.yaml, found as `find_study` says.

    Raises
    ------
    ConfigurationError
        With everything that is wrong with it; of a draft, what is right is returned.
    """
    study, faults = _read_study(find_study(path, folder))
    if faults and not is_draft:
        raise ConfigurationError(str(path), faults)
    return study


def load_ethics(config: Mapping, folder: str | Path, is_draft: bool = False) -> dict:
    """The ethics register of a run, empty where there is none.

    Returns
    -------
    The content of ethics.yaml with the name of its `file` (None without one), and `is_stated`:
    whether it says who may see the data. `sensitivity` is `public` where nothing says so.

    Raises
    ------
    ConfigurationError
        With everything that is wrong with it; of a draft, what is right is returned.
    """
    path = find_ethics(config, folder)
    register, faults = read_register(path)
    if faults and not is_draft:
        raise ConfigurationError(str(path), faults)
    return {
        "file": None if path is None else path.name,
        "is_stated": register["sensitivity"] is not None,
        **register,
        "sensitivity": register["sensitivity"] or "public",
    }


def find_ethics(config: Mapping, folder: str | Path) -> Path | None:
    """Where the ethics register lies: where the configuration says, else beside the study."""
    if config["ethics"] is not None:
        return find_study(config["ethics"], folder)
    beside = find_study(config["study"], folder).parent / NAME
    return beside if beside.exists() else None


def find_study(path: str | Path, folder: str | Path) -> Path:
    """Where the study lies: at `path` from the working directory, else from `folder`."""
    try:
        is_here = Path(path).exists()
    except OSError:  # a name too long, which its reader names
        is_here = False
    return Path(path) if is_here else Path(folder) / path


def study_sha256(study: Mapping) -> str:
    """SHA-256 of a study, whatever the order of its keys and its layout."""
    canonical = json.dumps(study, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def filename(source: Mapping) -> str:
    """Name under which a source's file is kept: that of its URL, or one for what is simulated."""
    if "simulate" in source:
        ending = SIMULATED_ENDINGS.get(source.get("format"), "tsv.gz")
        return f"{source['simulate']['kind']}.{ending}"
    return file_name(source["url"])


def model_entry(name: str, config: Mapping, folder: str | Path) -> dict:
    """A model's `module` and what that says of itself, its `kind` and `inputs` among it.

    Where its module starts from a pretrained model, `pretrained` is the name of that entry. One
    that is trained with differential privacy has the terms of that as `private`.
    `config` is resolved.
    """
    settings = config["models"][name]
    facts = dataclasses.asdict(find_models(folder)[settings["module"]])
    entry = {"module": facts.pop("name"), **facts, "alone": settings.get("alone", False)}
    needs, *_ = (entry.pop(key) for key in ("needs", "floor", "fault"))
    entry |= {"private": private_terms(config)} if settings.get("private") else {}
    return entry | ({"pretrained": settings["pretrained"]} if needs == "pretrained" else {})


def _contradictions(
    config: Mapping, models: Mapping[str, Module], folder: str | Path
) -> Iterator[str]:
    data = config["data"]
    yield from data_faults(data, config["split"])
    yield from label_faults(data)
    yield from multilabel_faults(config, models)
    yield from source_faults(data, find_modules(folder, "datasets"))
    yield from split_faults(data, config["split"])
    yield from objective_faults(data, config["tuning"])
    yield from model_faults(config["models"], models, data)
    yield from pretrained_faults(config["pretrained"], data)
    yield from pretrained_model_faults(config["models"], models, config["pretrained"])
    yield from backend_faults(config["models"], models, config["compute"])
    yield from space_faults(config["models"], models, folder)
    yield from tool_faults(config["models"], models, data, folder)
    known = {**config["models"], **dict.fromkeys(floor_of(models))}
    yield from prediction_faults({**config, "models": known}, find_modules(folder, "datasets"))
    yield from control_faults(config["controls"], find_modules(folder, "controls"), known)
    yield from private_faults(config, models)
    yield from interpretation_faults(config["interpret"])
    yield from release_faults(config["release"], known)


def _study_faults(config: Mapping, folder: str | Path) -> Iterator[str]:
    if "study" in config:
        study, faults = _read_study(find_study(config["study"], folder))
        yield from (f"{config['study']}: {fault}" for fault in faults)
        yield from study_faults(config["data"], study)
        path = find_ethics(config, folder)
        register, faults = read_register(path)
        yield from (f"{path}: {fault}" for fault in faults)
        yield from register_faults(path, register, config)


def _read_study(path: Path) -> tuple[dict, list[str]]:
    """A study without what is wrong in it, and what is wrong in it."""
    schema = load_schema("study")
    try:
        study = complete(read_yaml(path), schema)
    except TextError as error:
        return complete({}, schema), list(error.faults)
    broken = violations(study, schema)
    return complete(without(study, broken), schema), list(broken.values())


def _applies(module: Module, data: Mapping) -> bool:
    """Whether a model that always runs has something to work on."""
    has_metadata = data["batch"] or data["covariates"]
    if "metadata" in module.inputs and not has_metadata:
        return False
    return data["modality"] in module.modalities and module.is_for(data["task"])
