"""Configuration, wildcard values and small helpers; no rules."""

import sys
from functools import cache
from pathlib import Path

FOLDER = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parents[1]
sys.path.insert(0, str(FOLDER / "workflow"))

from deeprules_workflow.backend import (
    arithmetic,
    choose_backend,
    kipoi_environment,
    train_environment,
)
from deeprules_workflow.configuration import (
    filename,
    load_ethics,
    load_study,
    model_entry,
    read_config_files,
    resolve,
    study_sha256,
)
from deeprules_workflow.fingerprint import library_fingerprint
from deeprules_workflow.hyperparameters import hyperparameters
from deeprules_workflow import interruptions, last_lines, preloading
from deeprules_workflow.controls import audited_models, wanted_controls
from deeprules_workflow.modules import facts_in, find_modules
from deeprules_workflow.plain_words import plain_words
from deeprules_workflow.private_networks import is_private
from deeprules_workflow.search_rounds import jobs_of_rounds
from deeprules_workflow.several_labels import is_several, predicts_values, require_one_label
from deeprules_workflow.tool_settings import described_tools, tool_description

# As a module, the workflow is given a configuration of files that hold more than its own.
IS_MODULE = workflow.modifier.skip_configfile
if workflow.is_main_process:
    with plain_words("reading the configuration"):
        read_config_files(workflow.configfiles or ["config/config.yaml"], not IS_MODULE)

# A configuration given with --configfile stands alone; only without one is the default read.
if not workflow.config_settings.configfiles:

    configfile: "config/config.yaml"


# The data may be looked at before the study is written; Snakemake names its targets too late.
IS_FIRST_LOOK = "check_data" in sys.argv and "all" not in sys.argv
# Jobs read what their run has checked.
NEEDS_STUDY = workflow.is_main_process and not IS_FIRST_LOOK

with plain_words("reading the configuration"):
    config.update(resolve(config, FOLDER, NEEDS_STUDY))
    STUDY = load_study(config["study"], FOLDER, not NEEDS_STUDY)
    ETHICS = load_ethics(config, FOLDER, not NEEDS_STUDY)

choose_backend(config["compute"], workflow)
interruptions.start(workflow)
last_lines.start(workflow)

SOURCES = config["data"]["sources"]
DOWNLOADED = [name for name, source in SOURCES.items() if "url" in source]
MODELS = {
    name: {**model_entry(name, config, FOLDER), "space": overrides["space"]}
    for name, overrides in config["models"].items()
}
SEEDS = list(range(1, config["fit"]["seeds"] + 1))
STRATEGY = facts_in("split/strategies")[config["split"]["strategy"]]
PARTITION_COLUMN = config["split"]["column"] if STRATEGY.get("READS_COLUMN") else None
NETWORKS = [name for name, entry in MODELS.items() if entry["kind"] == "network"]
BASELINES = [name for name in MODELS if name not in NETWORKS]
preloading.start(workflow, config["compute"], NETWORKS)
TRANSFER = {name: entry for name, entry in MODELS.items() if "pretrained" in entry}
PRETRAINED_USED = sorted({entry["pretrained"] for entry in TRANSFER.values()})
ON_ACTIVATIONS = [name for name, entry in TRANSFER.items() if "activations" in entry["inputs"]]
TOOLS = described_tools(config)
CHECKED_NETWORKS = [
    name for name in NETWORKS if name not in ON_ACTIVATIONS and not MODELS[name]["alone"]
]
"""Networks trained from their first layer on: they must be able to learn one batch by heart.

One that is trained for each label alone is of the same module as the one that is for all."""
ARITHMETIC = arithmetic(config["compute"])
FIT_TERMS = {
    "seed": config["seed"],
    "arithmetic": ARITHMETIC,
    "max_epochs": config["tuning"]["max_epochs"],
    "patience": config["tuning"]["patience"],
    "in_memory_mb": config["fit"]["in_memory_mb"],
}
"""What every fit outside of a search is made with, for `params`."""
TRAIN_ENVIRONMENT = train_environment(config["compute"], is_private(config))
KIPOI_ENVIRONMENT = kipoi_environment(config["compute"])
CONTROLS = wanted_controls(config, MODELS, find_modules(FOLDER, "controls"))
INTERPRETED = (
    config["interpret"] is not False and config["data"]["modality"] == "sequence" and NETWORKS != []
)
FEATURES_EXPLAINED = config["interpret"] is not False and config["data"]["modality"] == "tabular"
MODEL_PLUGINS = {
    name: f"{'networks' if name in NETWORKS else 'baselines'}.{entry['module']}"
    for name, entry in MODELS.items()
}


wildcard_constraints:
    source="[A-Za-z0-9_]+",
    filename="[^/]+",
    model="|".join(MODELS),
    labels="real",
    round="[0-9]+",
    worker="[0-9]+",
    job="[0-9]+",
    seed="[0-9]+",


@cache
def library(script, *plugins):
    """Fingerprint of the library code that a script uses, for `params`."""
    with plain_words(f"reading the library behind {script}"):
        return library_fingerprint(FOLDER / "scripts", script, *plugins)


def in_run(path):
    """A path that a script is given in `params`, under the prefix of a module as outputs are."""
    return workflow.modifier.path_modifier.replace_prefix(path)


def one_of(names):
    """Wildcard constraint that lets through the given names only."""
    return "|".join(names) or "(?!)"


def source_file(source):
    """Where a source lies once it was downloaded or simulated."""
    return f"resources/downloads/{source}/{filename(SOURCES[source])}"


def source_record(source):
    """Where the record of a download lies."""
    return f"resources/records/{source}/{filename(SOURCES[source])}.json"


def source_provenance(source):
    """Where the provenance record of a source lies."""
    return f"results/provenance/{source}/{filename(SOURCES[source])}.json"


def model_library(script):
    """`library` where there is a wildcard `model`, whose own module is part of the code."""

    def fingerprint(wildcards):
        return library(script, MODEL_PLUGINS[wildcards.model])

    return fingerprint


def memory(wildcards, attempt):
    """Memory of a job in MB: that of the configuration, and as much again at each retry."""
    return config["compute"]["mem_mb"] * attempt


def time_limit(wildcards, attempt):
    """Longest run of a job in minutes: that of the configuration, as much again at each retry."""
    return config["compute"]["runtime"] * attempt


def gpus(wildcards):
    """GPUs of a job that trains: those of the configuration for a network, else none."""
    return config["compute"]["gpu"] if wildcards.model in NETWORKS else 0


def one_label(wildcards):
    """No file; a target that there is not for several labels ends here."""
    with plain_words("reading the configuration"):
        require_one_label(config["data"])
    return {}


def development():
    """Files of the development partitions, by name."""
    return {
        f"{part}_{name}": f"results/split/{part}/{name}.{suffix}"
        for part in ("train", "tune")
        for name, suffix in (("examples", "parquet"), ("features", "npy"))
    }


def gpu_check():
    """The check that GPUs are there, which whatever trains a network first waits for.

    A GPU that was looked for again is no reason to train again.
    """
    return {"gpu": ancient("results/checks/gpu.json")} if config["compute"]["gpu"] else {}


def splits_of_development():
    """Other splits of the development data, by name, where a control needs them."""
    if not any("splits" in control.needs for control in CONTROLS.values()):
        return {}
    files = {"splits": "splits.parquet", "nearest": "nearest.parquet", "split_facts": "splits.json"}
    return {name: f"results/split/stringency/{file}" for name, file in files.items()}


def clusters_of_sequences(wildcards=None):
    """Clusters of similar sequences, by name; none for other data."""
    if config["data"]["modality"] != "sequence":
        return {}
    return {"clusters": "results/homology/clusters.parquet"}


def clusters_to_split(wildcards):
    """The clusters where they are the units of the split."""
    return clusters_of_sequences() if STRATEGY.get("USES_CLUSTERS") else {}


onsuccess:
    last_lines.tell_success(workflow)


onerror:
    last_lines.tell_failure(workflow)
