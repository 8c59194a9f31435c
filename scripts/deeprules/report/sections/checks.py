"""Whether data and budget were fit for a network, and whether each network can learn at all."""

from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.tasks import predicts_values

WITHOUT = (
    Missing(1, "suitability check before training", essential=True),
    Missing(3, "overfitting one batch before any search"),
)


def section(results: Results) -> Section | None:
    """The checks before the search."""
    if "suitability" not in results:
        return None
    checks, learnt = (results.suitability[name] for name in ("checks", "one_batch"))
    warnings = [Check(1, "warn", one["sentence"]) for one in checks if one["status"] == "warn"]
    text = "Class sizes, imbalance, width and cost were looked at before the search."
    sentences, findings = _pipeline(results)
    return Section(
        "Checks before the search",
        "Whether data and budget are fit for a network, and whether each network can learn at "
        "all. A network that cannot learn one batch by heart stops the run.",
        findings=[
            *(warnings or [Check(1, "pass", text)]),
            *(Check(3, one["status"], one["sentence"]) for one in learnt),
            *findings,
        ],
        said={"checks": [*checks, *learnt], "pipeline": sentences},
    )


def _pipeline(results: Results) -> tuple[list[str], list]:
    """Whether logistic regression is the same in Keras and in scikit-learn."""
    if "pipeline" not in results:
        part = "logistic regression in the network's framework as a check of the pipeline"
        return [], [] if predicts_values(results.dataset["task"]) else [Missing(2, part)]
    pipeline = results.pipeline
    found = "agree" if pipeline["agrees"] else "do not agree"
    sentence = (
        f"Logistic regression in Keras and in scikit-learn {found} on {pipeline['features']} "
        f"features of {pipeline['examples']:,} examples: coefficients differ by at most "
        f"{pipeline['largest_coefficient_difference']:.2g}, probabilities on tune by at most "
        f"{pipeline['largest_probability_difference']:.2g} (tolerance {pipeline['tolerance']:g})."
    )
    return [sentence], [Check(2, "pass" if pipeline["agrees"] else "fail", sentence)]
