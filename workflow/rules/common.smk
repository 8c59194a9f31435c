"""Configuration, wildcard values and small helpers; no rules."""

import json
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

FOLDER = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parents[1]
sys.path.insert(0, str(FOLDER / "workflow" / "support"))

from backend import arithmetic, choose_backend, kipoi_environment, train_environment
from configuration import (
    ConfigurationError,
    filename,
    load_study,
    model_entry,
    resolve,
    study_sha256,
)
from fingerprint import library_fingerprint
import interruptions
from learning_curve_settings import learning_curve_models
from tool_settings import described_tools, tool_description

# A configuration given with --configfile stands alone; only without one is the default read.
if not workflow.config_settings.configfiles:

    configfile: "config/config.yaml"


try:
    config.update(resolve(config, FOLDER))
    STUDY = load_study(config["study"], FOLDER)
except ConfigurationError as error:
    raise WorkflowError(str(error)) from None

choose_backend(config["compute"], workflow)
interruptions.start(workflow)

SOURCES = config["data"]["sources"]
MODELS = {
    name: {**model_entry(name, config, FOLDER), "space": overrides["space"]}
    for name, overrides in config["models"].items()
}
SEEDS = list(range(1, config["fit"]["seeds"] + 1))
PARTITION_COLUMN = (
    config["split"]["column"] if config["split"]["strategy"] == "predefined" else None
)
NETWORKS = [name for name, entry in MODELS.items() if entry["kind"] == "network"]
BASELINES = [name for name in MODELS if name not in NETWORKS]
TRANSFER = {name: entry for name, entry in MODELS.items() if "pretrained" in entry}
PRETRAINED_USED = sorted({entry["pretrained"] for entry in TRANSFER.values()})
ON_ACTIVATIONS = [name for name, entry in TRANSFER.items() if entry["inputs"] == "activations"]
TOOLS = described_tools(config)
CHECKED_NETWORKS = [name for name in NETWORKS if name not in ON_ACTIVATIONS]
"""Networks trained from their first layer on: they must be able to learn one batch by heart."""
ARITHMETIC = arithmetic(config["compute"])
TRAIN_ENVIRONMENT = train_environment(config["compute"])
KIPOI_ENVIRONMENT = kipoi_environment(config["compute"])
MODEL_PLUGINS = {
    name: f"{'networks' if name in NETWORKS else 'baselines'}.{entry['module']}"
    for name, entry in MODELS.items()
}


wildcard_constraints:
    source="[A-Za-z0-9_]+",
    filename="[^/]+",
    model="|".join(MODELS),
    labels="real",
    seed="[0-9]+",
    repeats="[0-9]+",


def library(script, *plugins):
    """Fingerprint of the library code that a script uses, for `params`."""
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


def source_provenance(source):
    """Where the provenance record of a source lies."""
    return f"results/provenance/{source}/{filename(SOURCES[source])}.json"


def model_library(script):
    """`library` where there is a wildcard `model`, whose own module is part of the code."""

    def fingerprint(wildcards):
        return library(script, MODEL_PLUGINS[wildcards.model])

    return fingerprint


def model_file(model):
    """Name of the file that a fitted model is saved to."""
    return "model.keras" if model in NETWORKS else "model.joblib"


def fit_outputs(file):
    """Files of a final fit, by name; `file` is the one of the model."""
    names = {
        "model": file,
        "settings": "settings.yaml",
        "history": "history.tsv",
        "scores": "scores.json",
        "predictions": "predictions.parquet",
    }
    return {
        key: f"results/fit/{{model}}/{{labels}}/seed{{seed}}/{name}" for key, name in names.items()
    }


def finalists():
    """Every fit that goes to the test: its entry, model file and other files, in one order."""
    entries = [
        {"model": model, "kind": MODELS[model]["kind"], "seed": seed}
        for model in MODELS
        for seed in SEEDS
    ]
    files = {"models": [], "scores": [], "histories": [], "settings": []}
    for entry in entries:
        outputs = final_fit(entry["model"], entry["seed"])
        for key, name in zip(files, ("model", "scores", "history", "settings")):
            files[key].append(outputs[name])
    return {"entries": entries, **files}


def memory(wildcards, attempt):
    """Memory of a job in MB: that of the configuration, and as much again at each retry."""
    return config["compute"]["mem_mb"] * attempt


def time_limit(wildcards, attempt):
    """Longest run of a job in minutes: that of the configuration, as much again at each retry."""
    return config["compute"]["runtime"] * attempt


def search_memory(wildcards, attempt):
    """Memory of all workers of a search in MB."""
    return memory(wildcards, attempt) * config["tuning"]["workers"]


def search_terms():
    """The terms of a search; how many workers it has changes nothing in them."""
    return {key: value for key, value in config["tuning"].items() if key != "workers"}


def gpus(wildcards):
    """GPUs of a job that trains: those of the configuration for a network, else none."""
    return config["compute"]["gpu"] if wildcards.model in NETWORKS else 0


def development():
    """Files of the development partitions, by name."""
    return {
        f"{part}_{name}": f"results/split/{part}/{name}.{suffix}"
        for part in ("train", "tune")
        for name, suffix in (("examples", "parquet"), ("features", "npy"))
    }


def pretrained_folder(name):
    """Where the files of a pretrained model lie."""
    return f"resources/pretrained/{name}"


def pretrained_contract(name):
    """Where the contract of a pretrained model lies."""
    return f"results/pretrained/{name}/contract.json"


def activation_files(name):
    """Activations of a pretrained model for the development partitions, by partition."""
    return {part: f"results/pretrained/{name}/activations/{part}.npy" for part in ("train", "tune")}


def pretrained_inputs(wildcards):
    """Files of the pretrained model that a model starts from, by name; none for other models."""
    return pretrained_files(wildcards.model)


def pretrained_files(model):
    """`pretrained_inputs` of a model known by name."""
    if model not in TRANSFER:
        return {}
    name = TRANSFER[model]["pretrained"]
    files = {"pretrained": pretrained_folder(name), "contract": pretrained_contract(name)}
    if model in ON_ACTIVATIONS:
        files |= {f"{part}_activations": path for part, path in activation_files(name).items()}
    return files


def gpu_check():
    """The check that GPUs are there, which whatever trains a network first waits for.

    A GPU that was looked for again is no reason to train again.
    """
    return {"gpu": ancient("results/checks/gpu.json")} if config["compute"]["gpu"] else {}


def model_files(model):
    """Files that a model needs besides the data, by name: those above, or its tool's description."""
    return {"tool": tool_description(model)} if model in TOOLS else pretrained_files(model)


def model_inputs(wildcards):
    """`model_files` of the model of a job."""
    return model_files(wildcards.model)


def network_check(wildcards):
    """The check that a network can learn at all, which its search waits for."""
    if wildcards.model not in CHECKED_NETWORKS:
        return {}
    return {"check": f"results/checks/networks/{wildcards.model}.json"}


def transfer_outputs():
    """What is written about pretrained models, where models start from one."""
    return {"transfer": "results/evaluation/transfer.json"} if TRANSFER else {}


def chosen():
    """The chosen model of each kind, None where there is none, once they are chosen."""
    with open(checkpoints.freeze_models.get().output.frozen) as file:
        return json.load(file)["chosen"]


def chosen_models():
    """The chosen network and the chosen baseline, as far as there are any."""
    found = chosen()
    return [found[kind] for kind in ("network", "baseline") if found[kind]]


def planned_repeats(control):
    """How often each chosen model repeats a control, by model, once that is planned."""
    with open(checkpoints.plan_controls.get().output.plan) as file:
        rows = json.load(file)["controls"]
    return {row["model"]: row["repeats"] for row in rows if row["control"] == control}


def planned(control, path):
    """Input function: a file of each chosen model, named by how often it repeats a control."""

    def files(wildcards):
        found = planned_repeats(control).items()
        return [path.format(model=model, repeats=repeats) for model, repeats in found]

    return files


def curve_seeds():
    """Seeds of each model that is refitted on shares of train, by model.

    Models that the configuration names have all that it asks for.
    """
    names = learning_curve_models(config, MODELS)
    if names is None:
        return planned_repeats("learning_curve")
    return dict.fromkeys(names, config["learning_curve"]["seeds"])


def curve_kinds(wildcards):
    """Kind of each model that is refitted on shares of train, by name."""
    return {name: MODELS[name]["kind"] for name in curve_seeds()}


def curve_predictions(wildcards):
    """Predictions of the models that are refitted on shares of train."""
    path = "results/learning_curve/{model}/{repeats}_seeds/predictions.parquet"
    return [path.format(model=model, repeats=seeds) for model, seeds in curve_seeds().items()]


def final_fit(model, seed):
    """Files of a model's final fit under one seed, by name."""
    outputs = fit_outputs(model_file(model))
    return {
        name: path.format(model=model, labels="real", seed=seed) for name, path in outputs.items()
    }


def final_fits(wildcards):
    """Predictions of the final fits under the seeds that the learning curve has as well."""
    seeds = SEEDS[: int(wildcards.repeats)]
    return [final_fit(wildcards.model, seed)["predictions"] for seed in seeds]


def fit_to_repeat(wildcards):
    """First final fit of the chosen network, else of the best other model, and what it needs."""
    model = [*chosen_models(), chosen()["nuisance"]][0]
    fit = {name: final_fit(model, SEEDS[0])[name] for name in ("model", "predictions", "scores")}
    return {**fit, "best": f"results/tune/{model}/best.yaml", **model_files(model)}


def chosen_network(wildcards):
    """First final fit of the chosen network."""
    return final_fit(chosen()["network"], SEEDS[0])["model"]


def of_chosen(path):
    """Input function: a file of the chosen network and one of the chosen baseline."""

    def files(wildcards):
        return expand(path, model=chosen_models())

    return files


def rungs_of_ladder():
    """The rungs of the leakage ladder, by name; none where there is no ladder."""
    return {"rungs": "results/controls/rungs/rungs.json"} if config["controls"]["ladder"] else {}


def clusters_of_sequences(wildcards=None):
    """Clusters of similar sequences, by name; none for other data."""
    if config["data"]["modality"] != "sequence":
        return {}
    return {"clusters": "results/homology/clusters.parquet"}


def clusters_to_split(wildcards):
    """The clusters where they are the units of the split."""
    return clusters_of_sequences() if config["split"]["strategy"] == "homology" else {}


def fits_of(name):
    """Input function: the named file of every fit of a network."""

    def files(wildcards):
        path = fit_outputs("model.keras")[name]
        return expand(path, model=wildcards.model, labels="real", seed=SEEDS)

    return files


def joined_pretrained(wildcards):
    """The pretrained model that an exported head is joined to, if it was trained without it."""
    if wildcards.model not in ON_ACTIVATIONS:
        return {}
    name = TRANSFER[wildcards.model]["pretrained"]
    return {"pretrained": pretrained_folder(name), "contract": pretrained_contract(name)}


def optional_stages():
    """Files of the stages that a run may be without, under the names the report knows them by."""
    files = {}
    if learning_curve_models(config, MODELS) != []:
        files["curve"] = "results/learning_curve/curve.tsv"
        files["curve_summary"] = "results/learning_curve/summary.json"
    if config["controls"]["shuffles"]:
        files["controls"] = "results/controls/controls.json"
    if config["controls"]["ladder"]:
        files["ladder"] = "results/controls/ladder.json"
        files["ladder_scores"] = "results/controls/ladder.tsv"
        files["identity"] = "results/controls/identity.tsv"
    if config["controls"]["left_out_batches"] and config["data"]["batch"]:
        files["left_out"] = "results/controls/left_out_batches.json"
        files["left_out_scores"] = "results/controls/left_out_batches.tsv"
    if clusters_of_sequences():
        files["homology"] = "results/homology/clusters.json"
        files["homologs"] = "results/homology/partitions.tsv"
    if config["controls"]["determinism"]:
        files["determinism"] = "results/controls/determinism.json"
    if NETWORKS:
        files["probes"] = "results/controls/probes.tsv"
    if config["data"]["task"] != "regression" and NETWORKS:
        files["pipeline"] = "results/checks/pipeline.json"
    if PRETRAINED_USED:
        files["transfer"] = "results/evaluation/transfer.json"
        files["pretrained_records"] = expand(
            "resources/records/pretrained/{name}.json", name=PRETRAINED_USED
        )
        files["contracts"] = [pretrained_contract(name) for name in PRETRAINED_USED]
        files["overlaps"] = expand("results/pretrained/{name}/overlap.json", name=PRETRAINED_USED)
    return files


FINALISTS = finalists()

REPORTED = {
    "config": "results/config.yaml",
    "study": "results/study.json",
    "dataset": "results/dataset/dataset.json",
    "frozen": "results/frozen.json",
    "plan": "results/controls/plan.json",
    "trials": "results/tune/trials.tsv",
    "run": "results/run/run.json",
    "split": "results/split/split.json",
    "pca": "results/explore/scores.parquet",
    "explore": "results/explore/explore.json",
    **{
        name: f"results/audit/{name}.tsv"
        for name in ("problems", "duplicates", "classes", "batches")
    },
    "audit": "results/audit/audit.json",
    **{
        name: f"results/explore/{name}.tsv" for name in ("scree", "association", "batch_prediction")
    },
    **{
        name: f"results/evaluation/{name}.tsv"
        for name in (
            "scores",
            "per_class",
            "pr_curve",
            "roc_curve",
            "calibration",
            "confusion",
            "tests",
            "comparison",
            "slices",
            "confidence",
            "risk_coverage",
        )
    },
    "predictions": "results/evaluation/predictions.parquet",
    "slice_summary": "results/evaluation/slices.json",
    "suitability": "results/checks/suitability.json",
    "verdict": "results/conclusion/verdict.json",
    "costs": "results/conclusion/costs.tsv",
    "opening": "results/evaluation/opening.json",
}
"""Files that the report shows, under the names it knows them by."""
