"""The search, the final fits, and the plan of what is repeated."""

import json

import numpy as np
import pandas as pd

from deeprules.files import write_json, write_table
from deeprules.statistics.metrics import LOWER_IS_BETTER, metrics_of
from invented_results import SEEDS, SHA, STUDY_SHA

TOOL_SETTINGS = {
    "command": "scan {script} {examples} {scores}",
    "train_command": None,
    "version": "scan 2.1",
    "environment": "scan.yaml",
    "files": f"script {SHA}",
}


def hyperparameters(run, model):
    choose = run.random.choice
    if model in run.networks:
        return {
            "optimizer": str(choose(["adam", "sgd"])),
            "learning_rate": float(10 ** run.random.uniform(-4, -2)),
            "filters": int(choose([32, 64, 128])),
            "dropout": float(choose([0.0, 0.2, 0.4])),
            "batch_normalisation": bool(choose([True, False])),
            "strands": str(choose(["as_given", "augment", "average"])),
        }
    if model == "majority_class":
        return {}
    return {"C": float(10 ** run.random.uniform(-3, 2)), "kmer": int(choose([3, 4, 5]))}


def tune(run):
    rows, run.inputs["best"] = [], []
    for model, level in run.models.items():
        n = 1 if model == "majority_class" else run.trials
        scores = level - np.abs(run.random.normal(0, 0.05, n))
        settings = [hyperparameters(run, model) for _ in range(n)]
        network = model in run.networks
        about = {"model": model, "kind": run.kind(model)}
        for i in range(n):
            failed = network and i == 3
            trial = {"trial": i, "status": "failed" if failed else "completed"}
            trial |= {"score": None if failed else scores[i]}
            trial |= {"train_score": None if failed else scores[i] + 0.06}
            trial |= {"epochs": 24 if network else None, "seconds": run.random.uniform(1, 40)}
            trial |= {"hyperparameters": json.dumps(settings[i])}
            said = "loss became NaN in epoch 2" if failed else ""
            rows.append({**about, **trial, "message": said})
        chosen = int(np.argmax(scores))
        best = {**about, "module": model, "objective": run.objective, "strategy": "random"}
        best |= {"trial": chosen, "score": float(scores.max()), "trials_completed": n - network}
        best |= {"trials_failed": int(network), "hyperparameters": settings[chosen]}
        run.inputs["best"].append(run.write_yaml(f"results/tune/{model}/best.yaml", best))
    run.write_table("trials", "results/tune/trials.tsv", rows)


def levels(run, level):
    """A value of each metric at about this level."""
    values = {}
    for metric in metrics_of(run.task):
        value = level + run.random.normal(0, 0.01)
        values[metric] = 1 - value if metric in LOWER_IS_BETTER else value
    return values


def fit(run):
    frozen = {}
    run.inputs |= {"histories": [], "fit_scores": [], "settings": []}
    for model, level in run.models.items():
        tuned = [fit_once(run, model, level, seed)[run.objective] for seed in SEEDS]
        suffix = "keras" if model in run.networks else "joblib"
        frozen[model] = {
            **{"kind": run.kind(model), "tune_score": float(np.mean(tuned)), "tune_scores": tuned},
            "seeds": [*SEEDS],
            "files": {f"results/fit/{model}/real/seed1/model.{suffix}": SHA},
        }
    run.chosen = {"network": next(iter(run.networks)), "baseline": "logistic_regression"}
    run.chosen["nuisance"] = "composition"
    if run.without:
        run.chosen[run.without] = None
    found = {"objective": run.objective, "study_sha256": STUDY_SHA, "models": frozen}
    run.write_json("frozen", "results/frozen.json", found | {"chosen": run.chosen})
    plan(run)


def fit_once(run, model, level, seed):
    """Write one fit; returns its scores on tune."""
    folder, network = f"results/fit/{model}/real/seed{seed}", model in run.networks
    epoch = np.arange(1, 31 if network else 1)
    loss = 0.7 * np.exp(-epoch / 8) + 0.15
    history = {"epoch": epoch, "loss": loss}
    history["val_loss"] = loss + 0.002 * epoch + run.random.normal(0, 0.01, len(epoch))
    write_table(run.folder / folder / "history.tsv", pd.DataFrame(history))
    scores = {"train": levels(run, level + 0.07), "tune": levels(run, level)}
    scores |= {"model_sha256": SHA, "epochs": 30 if network else None}
    write_json(run.folder / folder / "scores.json", scores)
    chosen = {"optimizer": "adam", "batch_size": 64} if network else {"C": 1.0}
    weighs = {"uses_class_weights": model != "nearest_neighbours"}
    effective = {"seed": 1000 + seed, **({"max_epochs": 60} if network else weighs)}
    if model == "motif_scanner":
        effective |= {f"tool__{key}": value for key, value in TOOL_SETTINGS.items()}
    settings = {"model": model, "kind": run.kind(model), "module": model}
    settings |= {"hyperparameters": chosen, "settings": effective}
    run.inputs["settings"].append(run.write_yaml(f"{folder}/settings.yaml", settings))
    run.inputs["histories"].append(str(run.folder / folder / "history.tsv"))
    run.inputs["fit_scores"].append(str(run.folder / folder / "scores.json"))
    return scores["tune"]


def plan(run):
    rows = [
        {"model": name, "control": control, "repeated": control}
        | {"configured": 3, "repeats": 3, "seconds": 10.0, "may_fall": True, "job": 1}
        for name in run.compared
        for control in ("shuffled_labels", "learning_curve", "left_out_batches")
    ]
    found = {"budget": 1, "seconds": 240.0, "expected": 216.0, "controls": rows}
    found |= {"chosen": run.chosen}
    found["sentence"] = "All controls were repeated as often as configured."
    run.write_json("plan", "results/controls/plan.json", found)
