"""Whether models tell who was in their training set, and what is kept back of the results."""

from deeprules.privacy.promise import promise_in_words, promises
from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.tables import Table, stacked, table

WITHOUT = (Missing(10, "membership-inference audit"),)
STATISTICS = {
    "auroc": "AUROC",
    "tpr_at_0.01": "members found at 1% false alarms",
    "tpr_at_0.001": "members found at 0.1% false alarms",
}
CLOSED = {"recognised": "fail", "trace": "warn", "nothing": "pass"}
"""What a finding of the audit is worth where the data are not public."""


def section(results: Results) -> Section | None:
    """The audit of the chosen models, and what is not shown of data that are not public."""
    is_public = results.disclosure.shows_all
    audited = results.membership_inference if "membership_inference" in results else None
    if is_public and not audited:
        return None
    findings = _findings(audited, is_public) if audited else [*WITHOUT]
    return Section(
        "Privacy",
        "" if is_public else _kept_back(results),
        findings=findings,
        tables={
            "promised": _promised(results),
            "attacks": _attacks(audited),
            "left_out": _left_out(results),
        },
        said={
            "promises": [promise_in_words(*one) for one in promises(results.fit_settings).items()],
            "sentences": [one["sentence"] for one in audited["models"]] if audited else [],
            "notes": audited["notes"] if audited else [],
            "unit": audited["unit"] if audited else "",
            "is_public": is_public,
        },
    )


def _findings(audited: dict, is_public: bool) -> list[Check]:
    """One finding a model; of public data, it is no secret who was in the training set."""
    found = []
    for one in audited["models"]:
        status = "pass" if is_public else CLOSED[one["found"]]
        if status == "pass" and not is_public and not audited["shadows"]:
            status = "warn"
        found.append(Check(10, status, one["sentence"]))
    return found


def _kept_back(results: Results) -> str:
    """What is not shown of data that are not public."""
    return (
        f"The data are {results.config['data']['sensitivity']}: weights, predictions for single "
        "examples, and rows, ids and values of single examples are not in this report, nor in "
        f"paper kit and archive. Sets of fewer than {results.disclosure.smallest} examples are "
        "not shown, and neither is one more where the total would tell them."
    )


def _promised(results: Results) -> Table:
    """Private networks on test, each beside the same network without privacy."""
    private = promises(results.fit_settings)
    modules = {
        name: (entry or {}).get("module") or name
        for name, entry in results.config["models"].items()
    }
    scores = results.scores
    scores = scores[(scores["seed"] == "ensemble") & (scores["metric"] == results.objective)]
    rows = []
    for name, promise in private.items():
        twins = [one for one in modules if modules[one] == modules[name]]
        for row in scores[scores["model"].isin(twins)].itertuples():
            kept = promise if row.model == name else {}
            facts = {key: kept.get(key) for key in ("epsilon", "delta", "noise_multiplier")}
            told = {"model": row.model, **facts, "fits": kept.get("fits")}
            rows.append(told | {results.objective: stacked(row.value, row.lower, row.upper)})
    return table(
        "What differential privacy costs",
        "results/evaluation/scores.tsv",
        rows,
        note="Scores on test of the mean of all fits, with 95% intervals.",
    )


def _attacks(audited: dict | None) -> Table:
    """A row an attack on a model."""
    rows = [
        {"model": one["model"], "attack": name, "fits": found["fits"]}
        | {key: found[key] for key in ("members", "others")}
        | {title: stacked(*found[key].values()) for key, title in STATISTICS.items()}
        | {"epsilon at least": found["epsilon"]["value"]}
        for one in (audited["models"] if audited else [])
        for name, found in one["attacks"].items()
    ]
    return table(
        "Attacks that tell members of the training set from others",
        "results/controls/membership_inference/table.tsv",
        rows,
        titles={"members": "scores of members", "others": "scores of others"},
        note="Intervals of 95% by bootstrap; the bound of epsilon holds at 95%. Guessing reaches "
        "an AUROC of .5, and finds as large a share of the members as it raises false alarms.",
        scores=["epsilon at least"],
    )


def _left_out(results: Results) -> Table:
    """Rows that are not shown, by result."""
    for name in results.inputs.keys() if not results.disclosure.shows_all else ():
        if str(results.inputs[name]).endswith((".tsv", ".parquet")):
            getattr(results, name)
    rows = [
        {"result": name, "rows not shown": n}
        for name, n in sorted(results.disclosure.left_out.items())
        if n
    ]
    return table("Rows of results that are not shown", "results/", rows)
