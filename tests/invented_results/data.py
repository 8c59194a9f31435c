"""The study, the data set and its sources, the audit and the split."""

import pandas as pd

from deeprules.audit.left_out_table import COLUMNS as LEFT_OUT_COLUMNS
from deeprules.ingest.match_table import COLUMNS as MATCH_COLUMNS
from invented_results import ETHICS, SEEDS, SHA, STUDY_SHA, facts

AUDITED = {
    "problems": ["severity", "file", "row", "column", "problem", "remedy"],
    "duplicates": ["canonical_hash", "problem", "kind", "n", "labels", "ids", "action"],
    "left_out": LEFT_OUT_COLUMNS,
}
FOUND = {
    "problems": ["note", "background.fa", "88", "sequence", "lower-case letters", "none needed"],
    "duplicates": ["00fa11", "duplicate", "exact", 2, "promoter", "p1;p2", "kept one"],
    "left_out": ["they have no label (missing_label)", "peaks", 2, "p8;p9"],
}
"""The only row of each table of the audit."""


def study_and_data(run):
    study = facts("study") | {"positive_class": "promoter" if run.task == "binary" else None}
    run.write_json("study", "results/study.json", {"study": study, "sha256": STUDY_SHA})
    run.write_json("ethics", "results/ethics.json", ETHICS)
    half = run.examples // 2
    dataset = facts("dataset") | {
        **{"modality": run.modality, "task": run.task, "classes": run.classes},
        **{"labels": run.label_names, "n_examples": run.examples},
        **{"has_batch": run.has_batch, "has_group": run.has_group},
        "covariates": ["gc", "laboratory"] if run.has_batch else [],
        "sources": {"promoters": half, "background": half},
        "negatives": negatives(run),
    }
    dataset |= facts("sequences") if run.modality == "sequence" else {}
    run.write_json("dataset", "results/dataset/dataset.json", dataset)
    names = {"provenance": []}
    for name in dataset["sources"]:
        record = {"source": name, "url": f"https://example.org/data/{name}.fa.gz"}
        run.write_json("", f"results/provenance/{name}.json", record | facts("source"))
        names["provenance"].append(run.inputs.pop(""))
    run.inputs |= names
    run.config = {
        "study": "config/study.yaml",
        "seed": 1,
        "data": {"modality": run.modality, "task": run.task, "duplicates": "drop"},
        "tuning": {"strategy": "random", "trials": run.trials, "objective": "auto"},
        "models": dict.fromkeys(run.models),
        "fit": {"seeds": len(SEEDS)},
        "evaluation": {"bootstrap": 2000, "minimum_gain": 0.02, "reopen": None},
        "compute": {"core_watts": 12, "gpu_watts": 200},
    }
    run.inputs["config"] = run.write_yaml("results/config.yaml", run.config)


def negatives(run) -> dict | None:
    """What is said of negatives, where they were drawn: among sequences of two classes."""
    is_drawn = run.task == "binary" and run.modality == "sequence"
    parts = facts("composition")
    rows = [
        {"property": name, "low": low, "high": low + 0.5, **dict.fromkeys(parts, 0.5)}
        for name in ("gc", "repeats")
        for low in (0.0, 0.5)
    ]
    table = pd.DataFrame(rows if is_drawn else [], columns=MATCH_COLUMNS)
    run.write_table("negatives", "results/dataset/negatives.tsv", table)
    return (
        facts("negatives") | {"properties": {"gc": parts, "repeats": parts}} if is_drawn else None
    )


def audit_and_split(run):
    n_groups = 410 if run.has_group else None
    audit = facts("audit") | {
        "n_examples": run.examples,
        "n_kept": run.examples - 14,
        "effective_sample_size": n_groups or run.examples - 14,
        "n_groups": n_groups,
        "batch_label": {"cramers_v": 0.04, "p_value": 0.31} if run.has_batch else None,
    }
    run.write_json("audit", "results/audit/audit.json", audit)
    for name, columns in AUDITED.items():
        run.write_table(name, f"results/audit/{name}.tsv", [FOUND[name]], columns)
    share = run.examples // max(len(run.classes), 1)
    counts = [(label, share) for label in run.classes]
    run.write_table("classes", "results/audit/classes.tsv", counts, ["label", "n"])
    labels = run.classes or ["n"]
    batches = [(batch, *[share // 2] * len(labels)) for batch in ("run 1", "run 2")]
    batches = batches if run.has_batch else []
    run.write_table("batches", "results/audit/batches.tsv", batches, ["batch", *labels])
    shares, sizes = {"train": 0.7, "tune": 0.15, "test": 0.15}, {}
    for name, share in shares.items():
        n = int(run.examples * share)
        labels = {label: n // len(run.classes) for label in run.classes}
        sizes[name] = {"n": n, "groups": n // 3 if run.has_group else None, "labels": labels}
    split = {"strategy": "group" if run.has_group else "stratified", "seed": 1, "shares": shares}
    parts = [f"{name}_{file}" for name in shares for file in ("examples", "features")]
    split |= {"sizes": sizes, "warnings": [], "sha256": dict.fromkeys(parts, SHA)}
    run.write_json("split", "results/split/split.json", split)
