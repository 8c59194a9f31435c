"""What the chosen models learnt, and a panel of few features."""

from deeprules.interpret.coefficients import COEFFICIENT_COLUMNS
from deeprules.interpret.explaining_features import IMPORTANCE_COLUMNS, SHAPLEY_COLUMNS
from deeprules.interpret.motif import MOTIF_COLUMNS
from invented_results import FACTS, facts

FEATURE_TABLES = {
    "importance": IMPORTANCE_COLUMNS,
    "shapley": SHAPLEY_COLUMNS,
    "coefficients": [*COEFFICIENT_COLUMNS, "batch_share", "is_batch"],
}


def panel(run):
    """A panel of two features for the first of the chosen models."""
    curve = {"fidelity": 0.8, "agreement": 0.9, "model_score": 0.9}
    rows = [{"features": k, "score": 0.8, "chosen": k == 2, **curve} for k in (1, 2, 4)]
    run.write_table("panel_curve", "results/panel/curve.tsv", rows)
    columns = ["feature", "kind", "class", "weight", "mean", "standard_deviation"]
    rows = [(name, "feature", "yes", 0.5, 1, 2) for name in ("TP53", "GAPDH", "(intercept)")]
    run.write_table("panel", "results/panel/panel.tsv", rows, columns)
    summary = {"model": run.compared[0], "kind": "network", "metric": run.objective}
    summary |= {"tune": 300, "features": 2, "tried": 500, "score": 0.8, **curve}
    run.write_json("panel_summary", "results/panel/panel.json", summary)


def features(run):
    """Features of the chosen models: one that is a finding, one that tells the batch."""
    found = {name: [] for name in ("features", *FEATURE_TABLES)}
    for model in run.compared:
        summary = {"model": model, "kind": run.kind(model), "metric": run.objective}
        summary |= facts("features") | {"sentences": [f"`{model}` responds to `TP53`."]}
        folder = f"results/interpret/{model}"
        run.write_json("", f"{folder}/features.json", summary)
        found["features"].append(run.inputs.pop(""))
        for name, columns in FEATURE_TABLES.items():
            row = dict.fromkeys(columns, 0.2) | {"class": "yes", "because": ""}
            row |= {"together_with": "", "direction": "raises"}
            rows = [
                {**row, "feature": feature, "is_batch": is_batch, "survives": not is_batch}
                for feature, is_batch in (("TP53", False), ("GAPDH", True))
            ]
            run.write_table("", f"{folder}/{name}.tsv", rows, columns)
            found[name].append(run.inputs.pop(""))
    run.inputs["features"] = found.pop("features")
    run.inputs |= {f"feature_{name}": paths for name, paths in found.items()}


def interpretation(run):
    """Motifs of the network: one that is a finding, one that is not."""
    folder = f"results/interpret/{run.chosen['network']}"
    summary = {"model": run.chosen["network"], **facts("interpretation")}
    run.write_json("interpretation", f"{folder}/summary.json", summary)
    logos = {f"motif_{k}": f'<svg id="motif_{k}-figure"></svg>' for k in (1, 2)}
    run.write_json("interpretation_logos", f"{folder}/logos.json", logos)
    numbers = {"motif": "motif_1", "known": "MA0108.3 TBP", "p_value": 1e-7, "q_value": 1e-4}
    bounds = {"lower": 1.0, "upper": 1.4}
    pair = {"first": "motif_1", "second": "motif_2", "first_strand": "+", "second_strand": "-"}
    effect = {"experiment": "inserted", "effect": 1.2, **bounds, "n": 100}
    kmer = {
        "kmer": "TATA",
        "class": "yes",
        "coefficient": 0.3,
        "lowest": 0.3,
        "highest": 0.3,
        "in_motifs": "",
    }
    tables = {
        "motifs": [dict(zip(MOTIF_COLUMNS, row, strict=True)) for row in FACTS["motifs"]],
        "matches": [numbers | {"offset": 0, "overlap": 6, "reverse": False}],
        "effects": [
            {"motif": "motif_1", "network": name, **effect}
            for name in ("all fits", "seed 1", "shuffled labels")
        ],
        "pairs": [pair | {"gap": gap, "score": 1.3, "gain": 1.2, **bounds} for gap in range(5)],
        "kmers": [kmer],
        "positions": [{"motif": "motif_1", "position": 1, "A": 1.0, "C": 0, "G": 0, "T": 0}],
    }
    for name, rows in tables.items():
        run.write_table(f"interpretation_{name}", f"{folder}/{name}.tsv", rows)
