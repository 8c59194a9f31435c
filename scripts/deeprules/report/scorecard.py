"""The ten tips of Lee et al. (2022, doi:10.1371/journal.pcbi.1009803) against a run's results."""

from collections.abc import Iterable, Mapping

from deeprules.report.section import Check, Missing, Section

TIPS = (
    "Decide whether deep learning is appropriate for your problem",
    "Use traditional methods to establish performance baselines",
    "Understand the complexities of training deep neural networks",
    "Know your data and your question",
    "Choose an appropriate data representation and neural network architecture",
    "Tune your hyperparameters extensively and systematically",
    "Address deep neural networks' increased tendency to overfit the data set",
    "Make deep learning models more transparent",
    "Don't over-interpret predictions",
    "Actively consider the ethical implications of your work",
)
NOTHING = "The run left out all that speaks of this tip."
SEVERITY = {"pass": 0, "warn": 1, "fail": 2}


def scorecard(sections: Mapping[str, Section], absent: Iterable[Missing]) -> list[dict]:
    """Judge a run by the ten tips.

    Parameters
    ----------
    sections : the sections of the page, by name
    absent : what the sections that the page has not would have covered

    Returns
    -------
    Ten dictionaries: tip (1..10), title, status (`pass`, `warn` or `fail`), reason,
    missing (parts not covered) and evidence (titles of the sections that speak of it by name, those
    that decide first). A status is the worst of the tip's checks, and at best `warn` where an
    essential part is missing, or where the run left all of them out.
    """
    found = [(name, one) for name, section in sections.items() for one in section.findings]
    found += [("", one) for one in absent]
    return [
        _judged(tip, title, [(name, one) for name, one in found if one.tip == tip], sections)
        for tip, title in enumerate(TIPS, start=1)
    ]


def _judged(
    tip: int, title: str, found: list[tuple[str, Check | Missing]], sections: Mapping[str, Section]
) -> dict:
    """One tip: its status, and the sentences of its worst checks with the sections they are of."""
    checks = [(name, one) for name, one in found if isinstance(one, Check)]
    missing = [one for _, one in found if isinstance(one, Missing)]
    worst = max((one.status for _, one in checks), key=SEVERITY.get, default="warn")
    decisive = [(name, one) for name, one in checks if one.status == worst]
    is_short = worst == "pass" and any(part.essential for part in missing)
    names = dict.fromkeys(name for name, _ in [*decisive, *found] if name)
    return {
        "tip": tip,
        "title": title,
        "status": "warn" if is_short else worst,
        "reason": " ".join(one.sentence for _, one in decisive) or NOTHING,
        "missing": [part.part for part in missing],
        "evidence": {name: sections[name].title for name in names},
    }
