"""The checks before the search, and the controls after it."""

import numpy as np

from deeprules.checks.giveaways import COLUMNS as GIVEAWAY_COLUMNS
from deeprules.controls.left_out_batches import COLUMNS as BATCH_COLUMNS
from deeprules.controls.nuisance_probes import COLUMNS as PROBE_COLUMNS
from deeprules.split.stringency import KEPT
from deeprules.statistics.metrics import LOWER_IS_BETTER, metrics_of
from deeprules.statistics.significance import TEST_COLUMNS
from invented_results import facts

FOLDER = "results/controls"


def about(run, model) -> dict:
    return {"model": model, "kind": run.kind(model)}


def checks_and_controls(run):
    run.write_json("suitability", "results/checks/suitability.json", facts("suitability"))
    giveaways(run)
    if run.task != "regression":
        run.write_json("pipeline", "results/checks/pipeline.json", facts("pipeline"))
    determinism_and_probes(run)
    membership(run)
    entries = [
        {**about(run, model), "scheme": scheme, **facts("shuffled")}
        | {"sentence": f"`{model}` learnt from the labels: .850 on tune."}
        for model in run.compared
        for scheme in ("all", *["within_batch"] * run.has_batch)
    ]
    run.write_json(
        "shuffled_labels", f"{FOLDER}/shuffled_labels/summary.json", {"entries": entries}
    )
    network = run.chosen["network"]
    rows = [
        (network, name, test, 0.04, 0.003, 0.02)
        for name in run.models
        for test in ("delong", "mcnemar")
        if network and run.task == "binary" and run.kind(name) != "network"
    ]
    run.write_table("tests", "results/evaluation/tests.tsv", rows, TEST_COLUMNS)


def giveaways(run):
    metric = "r2" if run.task == "regression" else "auroc"
    found = {"metric": metric, **facts("giveaways")}
    run.write_json("giveaways", "results/checks/giveaways.json", found)
    best = run.classes[-1] if run.classes else ""
    rows = [
        (name, kind, kind == "feature", metric, 0.61, score, best, score, 0.2, "")
        for name, kind, score in (
            ("base 121", "feature", 0.58),
            ("base 7", "feature", 0.55),
            ("order of the rows", "file", 0.51),
        )
    ]
    run.write_table("giveaway_scores", "results/checks/giveaways.tsv", rows, GIVEAWAY_COLUMNS)


def determinism_and_probes(run):
    model = run.chosen["network"] or run.chosen["baseline"]
    found = {**about(run, model), "objective": run.objective, **facts("determinism")}
    found["sentence"] = f"`{model}`, fitted twice under the same seed, is bitwise identical."
    run.write_json("determinism", f"{FOLDER}/determinism/summary.json", found)
    if not run.chosen["network"]:
        return
    composition = "GC share" if run.modality == "sequence" else "row total"
    batch = [("batch", "category", "balanced_accuracy", 0.5, 0.51)] * run.has_batch
    rows = []
    for name, kind, metric, chance, level in [*batch, (composition, "value", "r2", 0.0, 0.41)]:
        for inputs in ("hidden layer", "untrained hidden layer", "raw features"):
            gain = [None] * 3 if inputs == "raw features" else [-0.02, -0.08, 0.04]
            score = level + (gain[0] or 0)
            measured = (model, name, kind, inputs, metric, score, score - 0.05, score + 0.05)
            rows.append((*measured, chance, 180, *gain))
    path, columns = f"{FOLDER}/nuisance_probes/table.tsv", ["model", *PROBE_COLUMNS]
    run.write_table("nuisance_probes_table", path, rows, columns)


def membership(run):
    """An audit that finds nothing in the network, and members of a model beside it."""
    rows, models = [], []
    for model in run.compared:
        attacks = {}
        for name, fits in (("without a reference", 3), ("LiRA", 16)):
            sizes, found = {"fits": fits, "members": 6400, "others": 6400}, facts("attack")
            attacks[name] = sizes | found
            head = {**about(run, model), "attack": name, **sizes}
            rows += [head | {"statistic": key} | one for key, one in found.items()]
        sentence = f"`{model}`: no attack that was tried tells who was in its training set."
        found = {"found": "nothing", "attacks": attacks, "sentence": sentence}
        models.append(about(run, model) | found)
    folder = f"{FOLDER}/membership_inference"
    run.write_table("membership_inference_table", f"{folder}/table.tsv", rows)
    summary = {"shadows": 16, "unit": "group" if run.has_group else "example"}
    summary |= {"models": models, "notes": ["There are too few others for a rate of 0.001."]}
    run.write_json("membership_inference", f"{folder}/summary.json", summary)


def stringency(run):
    splits = ["random", *["group"] * run.has_group, *["batch"] * run.has_batch]
    if run.modality == "sequence":
        splits.append("homology")
        found = {"n_examples": run.examples, **facts("homology")}
        run.write_json("homology", "results/homology/clusters.json", found)
        rows = [(name, int(run.examples * 0.15), 0, 0.0) for name in ("tune", "test")]
        columns = ["partition", "n", "with_homologs", "share"]
        run.write_table("homologs", "results/homology/partitions.tsv", rows, columns)
    sizes = {"units": 90, "train": 600, "tune": 150, "held_out": 250, "note": ""}
    drawn = [{"split": split, **sizes} for split in [*splits, "chromosome"]]
    drawn[-1] |= {"train": 0, "note": "The units of strategy chromosome are too few."}
    entries = [stringent(run, model, split) for model in run.compared for split in splits]
    folder, metrics = f"{FOLDER}/split_stringency", metrics_of(run.task)
    summary = {"splits": drawn, "entries": entries}
    run.write_json("split_stringency", f"{folder}/summary.json", summary)
    kept = ["model", "kind", "split", "train", "held_out", "score", "lower", "upper"]
    kept += ["drop", "drop_lower", "drop_upper"]
    rows = [
        {name: one[name] for name in kept} | {"metric": metric}
        for one in entries
        for metric in metrics
    ]
    names = ("70 to 90%", "90 to 100%", "none found") if run.modality == "sequence" else ()
    rows += [
        {**about(run, model), "split": "random", "identity": name}
        | {"held_out": 80, "metric": metric, "score": 0.8, "lower": 0.7, "upper": 0.9}
        for model in run.compared
        for name in names
        for metric in metrics
    ]
    columns = [*kept, "identity", "metric"]
    run.write_table("split_stringency_table", f"{folder}/table.tsv", rows, columns)
    if run.has_batch:
        left_out_batches(run, metrics)


def stringent(run, model, split) -> dict:
    """A model on one split: no clear drop."""
    low, high = (None, None) if split == "random" else (-0.04, 0.04)
    entry = {**about(run, model), "split": split, "train": 600, "held_out": 250}
    entry |= {"score": 0.84, "lower": 0.81, "upper": 0.87, "drop": 0.0, "drop_lower": low}
    entry |= {"drop_upper": high, "is_below": False, "kept": KEPT[split]}
    if split != "random":
        entry["sentence"] = f"`{model}`: .840 on {split}: no clear drop."
    return entry


def left_out_batches(run, metrics):
    said = ".011 [-.020, .042]: what `{}` loses on a batch never seen."
    models = [
        {**about(run, model), **facts("left_out_batch"), "sentence": said.format(model)}
        for model in run.compared
    ]
    folder = f"{FOLDER}/left_out_batches"
    run.write_json("left_out_batches", f"{folder}/summary.json", {"models": models})
    rows = []
    for model in run.compared:
        head = (model, run.kind(model))
        for batch in ("run 1", "run 2"):
            for split, score in (("batch", 0.8), ("random", 0.811)):
                sizes = (*head, batch, split, 500, 300)
                rows += [(*sizes, m, score, score - 0.05, score + 0.05, "") for m in metrics]
        empty = (np.nan, 40, np.nan, np.nan, np.nan, np.nan)
        rows.append((*head, "run 3", np.nan, *empty, "Undefined: no promoter in it."))
    run.write_table("left_out_batches_table", f"{folder}/table.tsv", rows, BATCH_COLUMNS)


def learning_curve(run):
    sizes = {0.1: 84, 0.2: 168, 0.4: 336, 0.7: 588, 1.0: 840}
    rows, records = [], []
    for model, level in run.models.items():
        if run.kind(model) == "nuisance":
            continue
        is_steep = model in run.networks and model != "motif_features"
        steep = 0.06 if is_steep else 0.02
        for share, n in sizes.items():
            head = (model, run.kind(model), share, n, share == 0.1, 3)
            score = level + steep * (1 - share**-0.5)
            for metric in metrics_of(run.task):
                value = 1 - score if metric in LOWER_IS_BETTER else score
                rows.append((*head, metric, value, value - 0.025, value + 0.02))
        gain = {"value": steep * 0.3, "lower": steep * 0.1, "upper": steep * 0.5}
        record = {**about(run, model), "smallest": 84, "largest": 840, "doubling": gain}
        record["rise"] = {"value": steep * 2.16, "lower": steep, "upper": steep * 3}
        record["power_law"] = dict.fromkeys("abc", gain)
        record["minimum_gain"] = 0.02
        record["sentence"] = (
            f"`{model}`: AUPRC on tune .720 with 84 training examples, .860 with 840. "
            "More data would help: twice as many are expected to add .018 [.006, .030]."
        )
        records.append(record)
    columns = ["model", "kind", "share", "n", "raised", "seeds", "metric"]
    columns += ["score", "lower", "upper"]
    run.write_table("learning_curve_table", f"{FOLDER}/learning_curve/table.tsv", rows, columns)
    found = {**facts("learning_curve"), "objective": run.objective, "models": records}
    run.write_json("learning_curve", f"{FOLDER}/learning_curve/summary.json", found)
