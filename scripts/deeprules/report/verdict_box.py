"""The verdict as the page shows it: what it answers, and what weighs against it."""

from deeprules.evaluate.comparison import Decision
from deeprules.evaluate.verdict import label
from deeprules.report.results import Results
from deeprules.report.transfer import leak_notices

SHOWN = {"better": "yes", "worse": "no, it is worse", "not_shown": "not shown"}
WORTH = {"yes": "yes", "no": "no", "open": "open"}


def verdict_box(results: Results) -> dict:
    """What stands in the verdict box.

    Returns
    -------
    {"label", "classes" (of the box's style), "answers" (question, answer and its style),
    "sentence", "against" (title and sentence each), "reasons", "would_change"}. What withholds a
    verdict stands in its sentence already, and is not among `against`.
    """
    verdict = results.verdict
    answered = {} if verdict["verdict"] == "withheld" else verdict
    shown, worth = (answered.get(name) for name in ("difference_shown", "worth_it"))
    answers = [
        ("Does the network predict better?", SHOWN.get(shown), shown),
        ("By enough to be worth it?", WORTH.get(worth), worth),
    ]
    return {
        "label": label(Decision(verdict["verdict"], shown, worth), (verdict["lower"] or 0) > 0),
        "classes": f"{verdict['verdict']} {shown or ''}".strip(),
        "answers": [answer for answer in answers if answer[1]],
        "against": against(results),
        **{name: verdict[name] for name in ("sentence", "reasons", "would_change")},
    }


def against(results: Results) -> list[tuple[str, str]]:
    """What nobody may miss when reading the verdict: a title and a sentence each."""
    explore, opening = results.explore, results.opening
    found = [
        (caution["title"], caution["sentence"])
        for caution in results.verdict["cautions"]
        if not caution["withholds"]
    ]
    if explore["confounded"]:
        text = " ".join(explore["warnings"]) or "The batch and the label can't be told apart."
        found.append(("Batch and label are confounded", text))
    if results.audit["status"] == "fail":
        found.append(("The audit of the data failed", " ".join(results.audit["warnings"])))
    found += leak_notices(results)
    if results.reopened:
        given = " ".join(f"Reason: {one['reason']}" for one in opening["history"] if one["reason"])
        text = (
            f"It was opened {opening['n_openings']} times, so scores are likely too good. {given}"
        )
        found.append(("The test set was opened more than once", text))
    changes = list(opening["changes"])
    if results.study_changed and not changes:
        changes = [f"The study is not the one entered with the opening of {opening['time']}."]
    if changes:
        found.append(("The plan changed after the test set was opened", " ".join(changes)))
    return found
