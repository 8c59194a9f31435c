"""The test: predictions, scores, curves, comparisons, slices, the verdict and the opening."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.audit.several_labels import COLUMNS as LABEL_COLUMNS
from deeprules.costs import COLUMNS as COST_COLUMNS
from deeprules.evaluate.comparison import COLUMNS as COMPARISON_COLUMNS
from deeprules.evaluate.curves import COLUMNS as CLASS_CURVES
from deeprules.evaluate.opening import Request
from deeprules.evaluate.reliability import CONFIDENCE_COLUMNS, CURVE_COLUMNS
from deeprules.evaluate.several_labels import COLUMNS as LABEL_SCORE_COLUMNS
from deeprules.evaluate.slice_scores import COLUMNS as SLICE_COLUMNS
from deeprules.evaluate.subgroup_summary import summarise_subgroups
from deeprules.evaluate.subgroups import COLUMNS as SUBGROUP_COLUMNS
from deeprules.files import write_table
from deeprules.statistics.metrics import metrics_of
from invented_results import SEEDS, SHA, STUDY_SHA, facts
from invented_results.exploring import labels
from invented_results.fits import levels

FOLDER = "results/evaluation"


def evaluate(run):
    rows = []
    for model, level in run.models.items():
        for seed in [*map(str, SEEDS), "mean", "ensemble"]:
            for metric, value in levels(run, level).items():
                whisker = 0.03 if seed in ("mean", "ensemble") else np.nan
                row = (model, run.kind(model), seed, metric, value)
                rows.append((*row, value - whisker, value + whisker))
    columns = ["model", "kind", "seed", "metric", "value", "lower", "upper"]
    run.write_table("scores", f"{FOLDER}/scores.tsv", rows, columns)
    predictions(run)
    curves(run)
    slices(run)
    subgroups(run)
    confidence(run)
    network = run.chosen["network"]
    rows = [
        (network, model, run.kind(model), metric, *(x - level for x in (0.86, 0.83, 0.89)), 2000)
        for model, level in run.models.items()
        for metric in metrics_of(run.task)
        if network and model != network
    ]
    run.write_table("comparison", f"{FOLDER}/comparison.tsv", rows, COMPARISON_COLUMNS)
    conclude(run)
    n_test = np.arange(int(run.examples * 0.15), dtype=np.uint64)
    study = json.loads(Path(run.inputs["study"]).read_text())
    run.request = Request(
        SHA, n_test, n_test, SHA, study, run.objective, 0.02, commit="0123abcd" * 5
    )
    run.open_test_set(run.request)


def conclude(run):
    said = {"network": "baseline", "baseline": "withheld"}.get(run.without, "network")
    verdict = facts("verdict") | run.chosen | {"verdict": said, "on_test": said}
    verdict["sentence"] = (
        f"Use {run.chosen['network']}: it scores 0.05 AUPRC above logistic_regression "
        "[0.02, 0.08] on the test set."
    )
    is_compared = said == "network"
    verdict |= {"difference_shown": "better" if is_compared else None}
    verdict |= {"worth_it": "yes" if is_compared else None, "metric": run.objective}
    verdict |= {"n_units": int(run.examples * 0.15), "study_sha256": STUDY_SHA}
    run.write_json("verdict", "results/conclusion/verdict.json", verdict)
    rows = [("search", model, 1, 0.5, 0.9, 11.0) for model in run.models]
    rows.append(("controls", "", 4, 0.2, 0.3, 3.7))
    run.write_table("costs", "results/conclusion/costs.tsv", rows, COST_COLUMNS)


def predictions(run):
    n = int(run.examples * 0.15)
    truth, tables = labels(run, n), []
    for model in run.models:
        for seed in [*map(str, SEEDS), "ensemble"]:
            table = pd.DataFrame({"id": [f"t{i}" for i in range(n)], "label": truth})
            table["model"], table["seed"] = model, seed
            if run.task == "regression":
                table["prediction"] = truth * 0.8 + run.random.normal(0, 0.4, n)
            else:
                shares = run.random.dirichlet(np.ones(len(run.classes)), n)
                table[[f"p_{name}" for name in run.classes]] = shares
            tables.append(table)
    run.inputs["predictions"] = str(run.folder / FOLDER / "predictions.parquet")
    write_table(run.inputs["predictions"], pd.concat(tables))


def curves(run):
    grid, bins = np.linspace(0, 1, 60), np.linspace(0.05, 0.95, 10)
    shown = run.classes[1:] if run.task == "binary" else run.classes
    pairs = [(model, level, name) for model, level in run.models.items() for name in shown]
    several = run.task == "multiclass"
    tables = {
        "pr_curve": [(m, c, x, 1 - 0.5 * x ** (1 / (1.02 - s))) for m, s, c in pairs for x in grid],
        "roc_curve": [(m, c, x, x ** ((1 - s) / s)) for m, s, c in pairs for x in grid],
        "calibration": [(m, c, i, x, x**1.2, 18) for m, _, c in pairs for i, x in enumerate(bins)],
        "confusion": [
            (m, a, b, 70 if a == b else 12)
            for m in run.models
            for a in run.classes
            for b in run.classes
        ],
        "per_class": [(m, c, "auprc", s) for m, s, c in pairs if several],
    }
    for name, rows in tables.items():
        columns = ["model", *CLASS_CURVES[name]]
        run.write_table(name, f"{FOLDER}/{name}.tsv", rows, columns)


def slices(run):
    columns = {"similarity": ("similarity to train", ["lowest quarter", "highest quarter"])}
    columns["confidence"] = ("confidence", ["lowest quarter, 0.5 to 0.6"])
    columns |= {"class": ("class", run.classes)} if run.classes else {}
    columns |= {"batch": ("batch", ["1", "2"])} if run.has_batch else {}
    rows, models = [], []
    for partition in ("tune", "test"):
        for model in run.compared:
            for by, (column, names) in columns.items():
                p = np.nan if by == "confidence" else 0.4
                metric = "recall" if by == "class" else run.objective
                head = (partition, model, run.kind(model), by, column)
                numbers = (metric, 0.8, 0.72, 0.88, 0.83, -0.03, p, p * 2, False)
                rows += [(*head, name, 120, 40, *numbers) for name in names]
    for model in run.compared:
        similar = f"`{model}` on the test examples least similar to train: AUPRC .800."
        lowest = f"`{model}` scores lowest in batch 1. Chance may explain it."
        record = {"model": model, "n_tested": 6, "n_worse": 0, "worst": [], "lowest": lowest}
        models.append(record | {"similarity": similar, "far_is_tested": True, "fails_far": False})
    run.write_table("slices", f"{FOLDER}/slices.tsv", rows, SLICE_COLUMNS)
    similarity = {"measure": "shared 8-mers", "n_train": 840, "n_looked_at": 840}
    summary = {"similarity": similarity, "adjusted_by": "Holm", "models": models, "notes": []}
    summary["tested"] = dict.fromkeys(("tune", "test"), 6 * len(run.compared))
    run.write_json("slice_summary", f"{FOLDER}/slices.json", summary)


def subgroups(run):
    rows = [
        {"model": model, "kind": run.kind(model), "column": "sex", "subgroup": sex}
        | facts("subgroup")
        for model in run.compared
        for sex in ("f", "m")
    ]
    table = pd.DataFrame(rows, columns=SUBGROUP_COLUMNS)
    run.write_table("subgroups", f"{FOLDER}/subgroups.tsv", table, SUBGROUP_COLUMNS)
    summary = summarise_subgroups(table, ["sex"])
    run.write_json("subgroup_summary", f"{FOLDER}/subgroups.json", summary)


def confidence(run):
    measures = ("largest_probability", "calibrated_probability", "neighbours")
    rows, shown = [], []
    for model in run.compared if run.classes else []:
        for name in measures if run.kind(model) == "network" else measures[:2]:
            head = (model, run.kind(model), name)
            values = {"error": 0.12, "error_at_80": 0.06, "aurc": 0.05, "best_aurc": 0.01}
            values |= {"brier": 0.1, "ece": 0.04} if name != "neighbours" else {}
            rows += [(*head, metric, value, np.nan, np.nan) for metric, value in values.items()]
            rows.append((*head, "gain", 0.07, 0.05, 0.09))
            shown += [(*head, x, 0.12 * x) for x in np.linspace(0.05, 1, 20)]
    run.write_table("confidence", f"{FOLDER}/confidence.tsv", rows, CONFIDENCE_COLUMNS)
    run.write_table("risk_coverage", f"{FOLDER}/risk_coverage.tsv", shown, CURVE_COLUMNS)


def several_labels(run):
    """Verdicts on labels, of which every third is worse; the first network has a twin."""
    rows, found, gains = [], [], []
    for number, name in enumerate(run.label_names):
        gain = -0.05 if number % 3 == 2 else 0.05
        bounds = {"difference": gain, "lower": gain - 0.02, "upper": gain + 0.02}
        counts = {"known": 90 + number, "present": 30}
        one = {"name": name, "train": counts, "test": counts, "holds": number != 1}
        one |= {"difference_shown": "better" if gain > 0 else "worse", "sentence": "It is."}
        one |= {"verdict": "network" if gain > 0 else "no_difference", **bounds}
        one |= {"worth_it": "yes" if gain > 0 else "open", "p_value": 0.001, "adjusted": 0.003}
        found.append(one)
        gains.append({"name": name, "train": 90 + number, **bounds, "p_value": 0.1, "adjusted": 1})
        rows += [
            (name, model, run.kind(model), metric, 90, 30, level, level - 0.05, level + 0.05)
            for model, level in run.models.items()
            for metric in metrics_of(run.task)
        ]
    run.write_table("label_scores", f"{FOLDER}/label_scores.tsv", rows, LABEL_SCORE_COLUMNS)
    network = next(iter(run.networks))
    joint = {"joint": network, "alone": f"{network}_alone", "found": "helps", "labels": gains}
    joint |= {"difference": 0.04, "lower": 0.01, "upper": 0.07}
    joint["sentence"] = "Joint training helps: gain .040."
    verdicts = {"objective": run.objective, "labels": found, "joint": [joint]}
    verdicts["budget"] = "Both have the same budget."
    run.write_json("label_verdicts", f"{FOLDER}/label_verdicts.json", verdicts)
    rows = [(name, "", 90, 30, 60, 10, 0.1, 0.4, False) for name in run.label_names]
    run.write_table("labels", "results/audit/labels.tsv", rows, LABEL_COLUMNS)


def pretrained(run):
    """A pretrained model that helps where it is trained on, and not by its features."""
    compared, rows = [], []
    for model, way, gain in (
        ("motif_features", "features", 0.01),
        ("motif_finetuned", "fine-tuned", 0.05),
    ):
        helps = gain > 0.03
        numbers = {"difference": gain, "lower": gain - 0.03, "upper": gain + 0.03}
        record = {"pretrained": "motifs", "way": way, "model": model, "scratch": "motif_scratch"}
        record |= {"metric": run.objective, "outcome": "helps" if helps else "no gain shown"}
        sentence = (
            f"Pretrained `motifs`, {way} (`{model}`), {'helps' if helps else 'shows no gain'}: "
            f"AUPRC on test differs by {gain:.3f} from that of its twin without the pretrained "
            "weights, `motif_scratch`."
        )
        compared.append({**record, **numbers, "sentence": sentence})
        pair = (model, "motif_scratch", "network")
        rows += [(*pair, metric, *numbers.values(), 2000) for metric in metrics_of(run.task)]
    run.write_json("transfer", f"{FOLDER}/transfer.json", {"pretrained": compared})
    run.edit_table("comparison", lambda table: with_rows(table, rows))
    names = {"record": "pretrained_records", "contract": "contracts", "overlap": "overlaps"}
    for name, content in facts("pretrained").items():
        run.write_json("", f"results/pretrained/motifs/{name}.json", content)
        run.inputs[names[name]] = [run.inputs.pop("")]


def with_rows(table: pd.DataFrame, rows: list) -> pd.DataFrame:
    """A table with rows added to its end."""
    return pd.concat([table, pd.DataFrame(rows, columns=table.columns)], ignore_index=True)
