"""The verdict: the first screen of the page, with its figure and what it rests on."""

from deeprules.evaluate.comparison import Decision
from deeprules.evaluate.verdict import label
from deeprules.report.answer import answer_figure, answer_table
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
JOINT = "Does it help to train all labels jointly?"
JOINTLY = {
    "helps": ("yes", "yes"),
    "hurts": ("no, it hurts", "no"),
    "no_difference": ("not shown", "not_shown"),
}
"""Whether joint training helps, in words and as a style."""
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
WITHHELD = "The verdict is withheld; the reasons stand with it."


def section(results: Results) -> Section:
    """The answer of the run."""
    verdict, chosen = results.verdict, list(results.chosen.values())
    cautions = [
        Check(one["tip"], "fail" if one["withholds"] else "warn", one["sentence"], one["title"])
        for one in verdict["cautions"]
    ]
    return Section(
        "Verdict",
        findings=[_answered(verdict), _nuisance(verdict), *cautions],
        tables={
            "answer": answer_table(results),
            "chosen_scores": score_table(
                results,
                chosen,
                "Chosen models on the test set: mean over seeds, with the 95% interval of a "
                "single fit",
                f"Of each kind, this is the model with the best {shown(results.objective)} on "
                "tune.",
            ),
        },
        figures={"answer": answer_figure(results)},
        said=_with_joint(verdict_box(verdict), results),
    )


def _with_joint(box: dict, results: Results) -> dict:
    """What stands in the verdict box; of several labels, also whether joint training helps."""
    if "label_verdicts" not in results:
        return box
    pairs = results.label_verdicts["joint"]
    answers = [
        (JOINT if len(pairs) == 1 else f"{JOINT} ({one['joint']})", *JOINTLY[one["found"]])
        for one in pairs
    ]
    reasons = [one["sentence"] for one in pairs]
    return box | {
        "answers": [*box["answers"], *answers],
        "reasons": [*box["reasons"], *reasons],
    }


def verdict_box(verdict: dict) -> dict:
    """What stands in the verdict box.

    Returns
    -------
    {"label", "classes" (of the box's style), "answers" (question, answer and its style),
    "sentence" (without the label that it may begin with), "reasons", "would_change"}.
    """
    answered = {} if verdict["verdict"] == "withheld" else verdict
    given = [answered.get(name) for name in ("difference_shown", "worth_it")]
    answers = [
        (question, words[answer], answer)
        for (question, words), answer in zip(ANSWERS.items(), given, strict=True)
        if answer in words
    ]
    words = label(Decision(verdict["verdict"], *given), (verdict["lower"] or 0) > 0)
    sentence = verdict["sentence"].removeprefix(f"{words}: ")
    return {
        "label": words,
        "classes": f"{verdict['verdict']} {given[0] or ''}".strip(),
        "answers": answers,
        "sentence": sentence[:1].upper() + sentence[1:],
        "reasons": verdict["reasons"],
        "would_change": verdict["would_change"],
    }


def _answered(verdict: dict) -> Check:
    """A verdict from a paired comparison."""
    if verdict["verdict"] == "withheld":
        return Check(1, "fail", WITHHELD)
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
