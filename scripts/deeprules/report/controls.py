"""What the report says of the checks before the search and of the controls after it."""

import pandas as pd

from deeprules.report.findings import Check, Missing
from deeprules.report.results import Results
from deeprules.report.style import shown
from deeprules.report.tables import Table, table
from deeprules.wording import format_number


def suitability_findings(results: Results) -> list:
    """Whether data and budget were found fit for a network before the search."""
    if results.suitability is None:
        return [Missing("suitability check before training", essential=True)]
    checks = results.suitability["checks"]
    warnings = [Check("warn", one["sentence"]) for one in checks if one["status"] == "warn"]
    text = "Class sizes, imbalance, width and cost were looked at before the search."
    return warnings or [Check("pass", text)]


def one_batch_findings(results: Results) -> list:
    """Whether each network learnt one batch by heart before the search."""
    if results.suitability is None:
        return [Missing("overfitting one batch before any search")]
    learnt = results.suitability["one_batch"]
    return [Check(one["status"], one["sentence"]) for one in learnt]


def pipeline_findings(results: Results) -> list:
    """Whether logistic regression is the same in Keras and in scikit-learn."""
    if results.pipeline is None:
        if results.dataset["task"] == "regression":
            return []
        return [
            Missing("logistic regression in the network's framework as a check of the pipeline")
        ]
    agrees = results.pipeline["agrees"]
    return [Check("pass" if agrees else "fail", pipeline_sentence(results.pipeline))]


def pipeline_sentence(pipeline: dict) -> str:
    """Content of `pipeline.json` in one sentence."""
    found = "agree" if pipeline["agrees"] else "do not agree"
    return (
        f"Logistic regression in Keras and in scikit-learn {found} on {pipeline['features']} "
        f"features of {pipeline['examples']:,} examples: coefficients differ by at most "
        f"{pipeline['largest_coefficient_difference']:.2g}, probabilities on tune by at most "
        f"{pipeline['largest_probability_difference']:.2g} (tolerance {pipeline['tolerance']:g})."
    )


def shuffled_findings(results: Results) -> list:
    """Whether the chosen models are better than on shuffled labels."""
    if results.controls is None:
        return [Missing("fit on shuffled labels", essential=True)]
    entries = results.controls["shuffled"]
    failed = [one for one in entries if not one["is_better"]]
    if not failed:
        fits = pd.DataFrame(entries).groupby("model", sort=False)["fits"].sum()
        names = ", ".join(f"`{model}` ({n} fit{'s' * (n != 1)})" for model, n in fits.items())
        return [Check("pass", f"Better than every fit on shuffled labels: {names}.")]
    return [Check("fail" if one["scheme"] == "all" else "warn", one["sentence"]) for one in failed]


def shuffled_table(results: Results) -> Table:
    """Scores with real and with shuffled labels."""
    columns = {
        "model": "model",
        "scheme": "shuffled",
        "real": "real labels",
        "shuffled": "shuffled, mean",
        "best_shuffled": "shuffled, best",
        "fits": "fits",
        "p_value": "p",
        "memorised": "memorised",
    }
    entries = [] if results.controls is None else results.controls["shuffled"]
    words = {"all": "all labels", "within_batch": "within each batch"}
    numbers = dict.fromkeys(["real", "shuffled", "best_shuffled", "memorised"], format_number)
    return table(
        entries, columns, model=shown, scheme=words.get, p_value="{:.2f}".format, **numbers
    )
