"""Files that the jobs of a model read and write; no rules.

Which models are chosen, and how often controls are repeated, is known after a checkpoint.
"""

import json


def model_file(model):
    """Name of the file that a fitted model is saved to."""
    return "model.keras" if model in NETWORKS else "model.joblib"


def entry_of_model(wildcards):
    """Entry of a model in the configuration; `lookup` takes ten times as long, for every job."""
    return MODELS[wildcards.model]


SEARCH_TERMS = {
    "model": "{model}",
    "entry": entry_of_model,
    "tuning": config["tuning"],
    "seed": config["seed"],
    "arithmetic": ARITHMETIC,
    "in_memory_mb": config["fit"]["in_memory_mb"],
    "state": in_run("results/tune/{model}/ended"),
    "code": model_library("run_trials"),
}
"""What a search is made with, for `params`, whichever job runs its trials."""


@cache
def rounds_of_search(model):
    """Jobs of each round of a model's search; no round where one job runs all trials.

    That is also so where a model has nothing to choose and therefore one trial.
    """
    entry = MODELS[model]
    if "private" in entry:
        return []
    found = hyperparameters(FOLDER, entry["kind"], entry["module"])
    is_fixed = found.is_complete and not found.known
    return [] if is_fixed else jobs_of_rounds(config["tuning"])


def workers_of_round(wildcards):
    """Jobs that share out the trials of a round."""
    return rounds_of_search(wildcards.model)[int(wildcards.round) - 1]


def ended_rounds(wildcards):
    """Trials of the rounds before that of a job, or of all rounds for a job without one."""
    rounds = rounds_of_search(wildcards.model)
    before = rounds[: int(wildcards.round) - 1] if "round" in wildcards.keys() else rounds
    return [
        f"results/tune/{wildcards.model}/rounds/{number}/{worker}.json"
        for number, jobs in enumerate(before, 1)
        for worker in range(1, jobs + 1)
    ]


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


def for_all_seeds(paths):
    """The same files, by name, a list of each for all seeds."""
    return {name: expand(path, seed=SEEDS, allow_missing=True) for name, path in paths.items()}


def network_outputs():
    """Files of a network's final fits that one job makes, by name.

    All seeds are one job, as are the trials of a search, unless that has several workers.
    """
    paths = fit_outputs("model.keras")
    return paths if config["tuning"]["workers"] > 1 else for_all_seeds(paths)


def log_of_network_fits():
    """Log of that job."""
    if config["tuning"]["workers"] > 1:
        return "logs/fit_model/{model}/{labels}/seed{seed}.log"
    return "logs/fit_model/{model}/{labels}.log"


def ended_fits(wildcards):
    """Where a job keeps fits that have ended until all have."""
    job = wildcards.seed if "seed" in wildcards.keys() else "all"
    return in_run(f"results/fit/{wildcards.model}/{wildcards.labels}/ended/{job}")


def seeds_of_job(wildcards):
    """The seeds of the final fits that a job makes."""
    return [int(wildcards.seed)] if "seed" in wildcards.keys() else SEEDS


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


def pretrained_folder(name):
    """Where the files of a pretrained model lie."""
    return f"resources/pretrained/{name}"


def transformers_prefix(wildcards):
    """Where the environment of models of Hugging Face is, for those that name no interpreter."""
    is_needed = wildcards.pretrained in WITHOUT_INTERPRETER
    return "results/pretrained/transformers.prefix" if is_needed else []


def trains_pretrained(wildcards):
    """Whether a network trains the weights of a pretrained model, or others in their place."""
    trained = [name for name in TRANSFER if name not in ON_ACTIVATIONS]
    return wildcards.pretrained in {TRANSFER[name]["pretrained"] for name in trained}


def pretrained_contract(name):
    """Where the contract of a pretrained model lies."""
    return f"results/pretrained/{name}/contract.json"


def activation_files(name, folder="activations"):
    """Activations of a pretrained model for the development partitions, by partition."""
    return {part: f"results/pretrained/{name}/{folder}/{part}.npy" for part in ("train", "tune")}


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
        folder = "random_activations" if TRANSFER[model]["random_weights"] else "activations"
        found = activation_files(name, folder)
        files |= {f"{part}_activations": path for part, path in found.items()}
    return files


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


def planned_controls():
    """Rows of the plan, once it is planned how often each control is made, and by which job."""
    with open(checkpoints.plan_controls.get().output.plan) as file:
        return json.load(file)["controls"]


def controls_of_job(wildcards):
    """Controls that a job makes of its model, by name, and how often."""
    job = (wildcards.model, int(wildcards.job))
    rows = planned_controls()
    return {row["control"]: row["repeats"] for row in rows if (row["model"], row["job"]) == job}


def planned_tables(wildcards):
    """Folders with the tables of all controls, one of each job."""
    path = "results/controls/tables/{model}/{job}"
    return list(dict.fromkeys(path.format(**row) for row in planned_controls()))


def chosen_network(wildcards):
    """The network that is interpreted, once models are frozen; None where there is none to be."""
    with open(checkpoints.plan_controls.get().output.plan) as file:
        model = json.load(file)["chosen"]["network"]
    return None if model in ON_ACTIVATIONS else model


def explained_models(wildcards):
    """Models of a table whose features are looked at: the chosen ones, and a linear one."""
    names = chosen_models(wildcards).values()
    linear = [one for one in BASELINES if MODELS[one]["module"] in ("logistic_regression", "ridge")]
    return [name for name in dict.fromkeys([*names, *linear[:1]]) if name not in TOOLS]


def chosen_models(wildcards):
    """The chosen network and the chosen baseline, by kind, as far as there are any."""
    with open(checkpoints.plan_controls.get().output.plan) as file:
        chosen = json.load(file)["chosen"]
    return {kind: chosen[kind] for kind in ("network", "baseline") if chosen.get(kind)}


def panel_inputs(wildcards):
    """Predictions of all fits of each of these models, and the motifs of an explained network."""
    chosen = chosen_models(wildcards)
    files = {
        kind: [final_fit(model, seed)["predictions"] for seed in SEEDS]
        for kind, model in chosen.items()
    }
    if INTERPRETED and chosen_network(wildcards):
        files["motifs"] = f"results/interpret/{chosen['network']}/motifs.json"
    return files


def final_fit(model, seed):
    """Files of a model's final fit under one seed, by name."""
    outputs = fit_outputs(model_file(model))
    return {
        name: path.format(model=model, labels="real", seed=seed) for name, path in outputs.items()
    }


def control_inputs(wildcards):
    """Files that controls of a model read besides the development data, by name."""
    model = wildcards.model
    needs = {need for name in controls_of_job(wildcards) for need in CONTROLS[name].needs}
    files = {"best": f"results/tune/{model}/best.yaml", **model_files(model)}
    if "fits" in needs:
        fits = [final_fit(model, seed) for seed in SEEDS]
        for name in ("model", "predictions", "scores"):
            files[f"fit_{name}"] = [fit[name] for fit in fits]
    return files | (splits_of_development() if "splits" in needs else {})


def control_settings(wildcards):
    """What the configuration says of each control that a job makes, by name."""
    return {name: CONTROLS[name].settings for name in controls_of_job(wildcards)}


def code_of_controls(wildcards):
    """Fingerprint of the code of each control that a job makes, by name."""
    model = MODEL_PLUGINS[wildcards.model]
    return {
        name: library("run_controls", f"controls.{name}", model)
        for name in controls_of_job(wildcards)
    }


def fits_of(name):
    """Input function: the named file of every fit of a network."""

    def files(wildcards):
        path = fit_outputs("model.keras")[name]
        return expand(path, model=wildcards.model, labels="real", seed=SEEDS)

    return files


def all_fits(wildcards):
    """The file of every final fit of a model of any kind."""
    return [final_fit(wildcards.model, seed)["model"] for seed in SEEDS]


def joined_pretrained(wildcards):
    """The pretrained model that an exported head is joined to, if it was trained without it."""
    if wildcards.model not in ON_ACTIVATIONS:
        return {}
    name = TRANSFER[wildcards.model]["pretrained"]
    return {"pretrained": pretrained_folder(name), "contract": pretrained_contract(name)}


FINALISTS = finalists()
INTERPRETATION = config["interpret"] or {"sequences": 0, "motifs": None}
LINEAR = [name for name in BASELINES if MODELS[name]["module"] == "logistic_regression"][:1]


def known_motifs(wildcards):
    """The user's file of known motifs, by name, if there is one."""
    return {"known": INTERPRETATION["motifs"]} if INTERPRETATION["motifs"] else {}


def logistic_regressions(wildcards):
    """Final fits of logistic regression, by name, where it is among the models."""
    fits = [final_fit(model, seed)["model"] for model in LINEAR for seed in SEEDS]
    return {"logistic_regression": fits} if fits else {}
