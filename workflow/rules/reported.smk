"""Files that the report shows; no rules."""


def transfer_outputs():
    """What is written about pretrained models, where models start from one."""
    return {"transfer": "results/evaluation/transfer.json"} if TRANSFER else {}


def subgroup_outputs():
    """What is written about subgroups, where the data have columns of them."""
    if not config["data"]["subgroups"]:
        return {}
    names = {"subgroups": "subgroups.tsv", "subgroup_summary": "subgroups.json"}
    return {name: f"results/evaluation/{file}" for name, file in names.items()}


def label_outputs():
    """What is written about each of several labels."""
    if not is_several(config["data"]):
        return {}
    names = {"label_scores": "label_scores.tsv", "label_verdicts": "label_verdicts.json"}
    return {name: f"results/evaluation/{file}" for name, file in names.items()}


def label_files():
    """What is reported of several labels."""
    found = label_outputs()
    return {"labels": "results/audit/labels.tsv", **found} if found else {}


def interpreted(name):
    """Input function: a file of the interpretation of the chosen network, by its name."""

    def file(wildcards):
        model = chosen_network(wildcards)
        return f"results/interpret/{model}/{name}" if model else []

    return file


def of_explained_models(name):
    """Input function: a file of each model whose features are looked at, by its name."""

    def files(wildcards):
        return [f"results/interpret/{model}/{name}" for model in explained_models(wildcards)]

    return files


def interpretation_files():
    """What interpretation leaves for the report, in a run that has it."""
    if FEATURES_EXPLAINED:
        tables = ("importance", "shapley", "coefficients")
        files = {f"feature_{name}": of_explained_models(f"{name}.tsv") for name in tables}
        return {"features": of_explained_models("features.json"), **files}
    if not INTERPRETED:
        return {}
    tables = ("motifs", "matches", "effects", "pairs", "kmers", "positions")
    files = {f"interpretation_{name}": interpreted(f"{name}.tsv") for name in tables}
    return {
        "interpretation": interpreted("summary.json"),
        "interpretation_logos": interpreted("logos.json"),
        **files,
    }


def of_panel(name):
    """Input function: a file of the small panel, in a run with models that it may reproduce."""

    def file(wildcards):
        return f"results/panel/{name}" if chosen_models(wildcards) else []

    return file


def panel_files():
    """What the small panel leaves for the report."""
    if config["interpret"] is False or not (NETWORKS or BASELINES):
        return {}
    return {
        "panel": of_panel("panel.tsv"),
        "panel_curve": of_panel("curve.tsv"),
        "panel_summary": of_panel("panel.json"),
    }


def optional_stages():
    """Files of the stages that a run may be without, under the names the report knows them by."""
    files = {}
    for name in CONTROLS:
        files[name] = f"results/controls/{name}/summary.json"
        files[f"{name}_table"] = f"results/controls/{name}/table.tsv"
    if clusters_of_sequences():
        files["homology"] = "results/homology/clusters.json"
        files["homologs"] = "results/homology/partitions.tsv"
    if not predicts_values(config["data"]["task"]) and NETWORKS:
        files["pipeline"] = "results/checks/pipeline.json"
    if PRETRAINED_USED:
        files["transfer"] = "results/evaluation/transfer.json"
        files["pretrained_records"] = expand(
            "resources/records/pretrained/{name}.json", name=PRETRAINED_USED
        )
        files["contracts"] = [pretrained_contract(name) for name in PRETRAINED_USED]
        files["overlaps"] = expand("results/pretrained/{name}/overlap.json", name=PRETRAINED_USED)
    return files


def stages_with_cautions():
    """Summaries that may hold cautions, in the order of the run, up to the test's opening."""
    found = optional_stages()
    return [
        "results/audit/audit.json",
        *([found["homology"]] if "homology" in found else []),
        "results/split/split.json",
        "results/explore/explore.json",
        "results/checks/giveaways.json",
        "results/checks/suitability.json",
        *map(tool_description, TOOLS),
        *found.get("contracts", []),
        *found.get("overlaps", []),
        "results/evaluation/opening.json",
    ]


REPORTED = {
    "config": "results/config.yaml",
    "study": "results/study.json",
    "ethics": "results/ethics.json",
    "dataset": "results/dataset/dataset.json",
    "negatives": "results/dataset/negatives.tsv",
    "frozen": "results/frozen.json",
    "plan": "results/controls/plan.json",
    "trials": "results/tune/trials.tsv",
    "run": "results/run/run.json",
    "split": "results/split/split.json",
    "pca": "results/explore/scores.parquet",
    "explore": "results/explore/explore.json",
    **{
        name: f"results/audit/{name}.tsv"
        for name in ("problems", "duplicates", "left_out", "classes", "batches")
    },
    "audit": "results/audit/audit.json",
    **{
        name: f"results/explore/{name}.tsv"
        for name in ("scree", "association", "batch_prediction", "batch_correction")
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
    "giveaways": "results/checks/giveaways.json",
    "giveaway_scores": "results/checks/giveaways.tsv",
    "verdict": "results/conclusion/verdict.json",
    "costs": "results/conclusion/costs.tsv",
    "opening": "results/evaluation/opening.json",
}
"""Files that the report shows, under the names it knows them by."""


def reported_files():
    """All that report and paper kit are made from, under the names they know it by."""
    return {
        **REPORTED,
        **optional_stages(),
        **interpretation_files(),
        **panel_files(),
        **subgroup_outputs(),
        **label_files(),
        "provenance": [source_provenance(source) for source in SOURCES],
        "best": expand("results/tune/{model}/best.yaml", model=MODELS),
        "histories": FINALISTS["histories"],
        "fit_scores": FINALISTS["scores"],
        "settings": FINALISTS["settings"],
    }
