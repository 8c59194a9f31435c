"""The verdict: what it answers, what weighs against it, and the scores of the chosen models."""

from deeprules.evaluate.comparison import Decision
from deeprules.evaluate.verdict import label
from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.sections.test import score_table
from deeprules.report.tables import shown
from deeprules.wording import format_bounds

ANSWERS = {
    "Does the network predict better?": {
        "better": "yes",
        "worse": "no, it is worse",
        "not_shown": "not shown",
    },
    "By enough to be worth it?": {"yes": "yes", "no": "no", "open": "open"},
}
SHOWN = {
    "better": "the network is shown to be better than every baseline",
    "worse": "the network is shown to be worse",
    "not_shown": "no difference is shown",
}
WORTH = {
    "yes": "by enough to be worth it",
    "no": "and no gain that is worth it",
    "open": "and it is open whether a gain is worth it",
}
"""The two answers of a verdict in words."""


def section(results: Results) -> Section:
    """The answer of the run."""
    verdict, chosen = results.verdict, list(results.chosen.values())
    cautions = [
        Check(one["tip"], "fail" if one["withholds"] else "warn", one["sentence"])
        for one in verdict["cautions"]
    ]
    return Section(
        "Verdict",
        findings=[_answered(verdict), _nuisance(verdict), *cautions],
        tables={
            "chosen_scores": score_table(
                results,
                chosen,
                "Chosen models on the test set: mean over seeds, with the 95% interval of a "
                "single fit",
                f"Of each kind, this is the model with the best {shown(results.objective)} on "
                "tune.",
            )
        },
        said=verdict_box(verdict),
    )


def verdict_box(verdict: dict) -> dict:
    """What stands in the verdict box.

    Returns
    -------
    {"label", "classes" (of the box's style), "answers" (question, answer and its style),
    "sentence", "against" (cautions), "reasons", "would_change"}. What withholds a verdict stands
    in its sentence already, and is not among `against`.
    """
    answered = {} if verdict["verdict"] == "withheld" else verdict
    given = [answered.get(name) for name in ("difference_shown", "worth_it")]
    answers = [
        (question, words[answer], answer)
        for (question, words), answer in zip(ANSWERS.items(), given, strict=True)
        if answer in words
    ]
    return {
        "label": label(Decision(verdict["verdict"], *given), (verdict["lower"] or 0) > 0),
        "classes": f"{verdict['verdict']} {given[0] or ''}".strip(),
        "answers": answers,
        "against": [caution for caution in verdict["cautions"] if not caution["withholds"]],
        **{name: verdict[name] for name in ("sentence", "reasons", "would_change")},
    }


def _answered(verdict: dict) -> Check:
    """A verdict from a paired comparison."""
    if verdict["verdict"] == "withheld":
        return Check(1, "fail", "The verdict is withheld; the reasons stand with it.")
    words = [
        SHOWN.get(verdict["difference_shown"], "no network was entered"),
        WORTH.get(verdict["worth_it"], ""),
    ]
    text = f"A paired comparison on test answers it: {', '.join(filter(None, words))}."
    return Check(1, "pass", text)


def _nuisance(verdict: dict) -> Check:
    """Whether the network (or the baseline, without one) beats the nuisance baseline.

    If it does not, the other side must have, or the verdict is withheld.
    """
    if not verdict["nuisance"]:
        return Check(2, "warn", "No nuisance baseline was fitted.")
    if verdict["nuisance_lower"] is None:
        return Check(2, "warn", f"The gain over `{verdict['nuisance']}` was not measured.")
    found = (verdict[f"nuisance_{name}"] for name in ("difference", "lower", "upper"))
    gain = (
        f"The gain of `{verdict['network'] or verdict['baseline']}` over the nuisance baseline "
        f"`{verdict['nuisance']}` is {format_bounds(*found)}."
    )
    if verdict["nuisance_lower"] > 0:
        return Check(2, "pass", gain)
    return Check(2, "fail" if verdict["verdict"] == "withheld" else "warn", gain)
