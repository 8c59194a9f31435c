"""The verdict as the page shows it: what it answers, and what weighs against it."""

from deeprules.evaluate.comparison import Decision
from deeprules.evaluate.verdict import label
from deeprules.report.results import Results

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
        "against": [
            (caution["title"], caution["sentence"])
            for caution in verdict["cautions"]
            if not caution["withholds"]
        ],
        **{name: verdict[name] for name in ("sentence", "reasons", "would_change")},
    }
