"""Principal components of the data, and what goes with them."""

import numpy as np
import pandas as pd

from deeprules.files import write_table
from invented_results import facts

SPREAD = np.array([4, 2.5, 1.6, 1.2, 1, 0.8])
"""Of each component."""


def labels(run, n):
    if run.task == "regression":
        return run.random.normal(size=n)
    return run.random.choice(run.classes, n)


def explore(run):
    n, numbers = int(run.examples * 0.85), range(1, len(SPREAD) + 1)
    covariates = {"label": labels(run, n)}
    if run.has_group:
        covariates["group"] = [f"locus{i % 300}" for i in range(n)]
    if run.has_batch:
        covariates["batch"] = run.random.choice(["run 1", "run 2"], n)
        covariates["gc"] = run.random.uniform(0.3, 0.7, n)
        covariates["laboratory"] = run.random.choice(["Basel", "Oslo", "Lyon"], n)
    table = pd.DataFrame({"id": [f"p{i}" for i in range(n)]} | covariates)
    for i in numbers:
        table[f"PC{i}"] = run.random.normal(0, SPREAD[i - 1], n)
    if run.task == "binary":
        table["PC1"] += 3.0 * (table["label"] == run.classes[1])
    if run.has_batch:
        table["PC2"] += 8 * (table["gc"] - 0.5)
    run.inputs["pca"] = str(run.folder / "results/explore/scores.parquet")
    write_table(run.inputs["pca"], table)
    share = SPREAD**2 / (SPREAD**2).sum() * 0.7
    rows = [(f"PC{i}", share[i - 1], share[:i].sum()) for i in numbers]
    columns = ["component", "variance_share", "cumulative"]
    run.write_table("scree", "results/explore/scree.tsv", rows, columns)
    rows = [
        (f"PC{i}", name, "numeric" if name == "gc" else "categorical", value, p)
        for i in numbers
        for name in covariates
        if name != "group"
        for value, p in [(run.random.beta(0.6, 6), run.random.choice([0.005, 0.2, 0.7]))]
    ]
    columns = ["component", "covariate", "kind", "variance_share", "p_value"]
    run.write_table("association", "results/explore/association.tsv", rows, columns)
    batches(run)
    found = {"batch_label_cramers_v": 0.04 if run.has_batch else None, "sampled": n, "of": n}
    run.write_json("explore", "results/explore/explore.json", facts("explored") | found)


def batches(run):
    predicted = [("batch", 0.53, 0.5, 0.21, 5)]
    corrected = [("balanced accuracy on a new batch", "a", 40, 0.5, 0.61, 0.74)]
    for name, rows, columns in (
        ("prediction", predicted, "target balanced_accuracy chance p_value n_folds"),
        ("correction", corrected, "measure batch n chance without corrected"),
    ):
        path = f"results/explore/batch_{name}.tsv"
        run.write_table(f"batch_{name}", path, rows if run.has_batch else [], columns.split())
