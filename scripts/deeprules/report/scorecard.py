"""The ten tips of Lee et al. (2022, doi:10.1371/journal.pcbi.1009803) against a run's results."""

from deeprules.report import tips
from deeprules.report.findings import Check, Missing
from deeprules.report.results import Results

TIPS = (
    (
        tips.appropriate,
        "Decide whether deep learning is appropriate for your problem",
        ("verdict", "Verdict"),
    ),
    (
        tips.baselines,
        "Use traditional methods to establish performance baselines",
        ("tuning", "Tuning"),
    ),
    (
        tips.training,
        "Understand the complexities of training deep neural networks",
        ("run", "Run record"),
    ),
    (tips.data, "Know your data and your question", ("batch", "Batch effects")),
    (
        tips.representation,
        "Choose an appropriate data representation and neural network architecture",
        ("data", "Data and provenance"),
    ),
    (
        tips.tuning,
        "Tune your hyperparameters extensively and systematically",
        ("tuning", "Tuning"),
    ),
    (
        tips.overfitting,
        "Address deep neural networks' increased tendency to overfit the data set",
        ("curves", "Learning curves"),
    ),
    (tips.transparency, "Make deep learning models more transparent", ("test", "Test results")),
    (tips.interpretation, "Don't over-interpret predictions", ("slices", "Where it fails")),
    (tips.ethics, "Actively consider the ethical implications of your work", ("study", "Study")),
)
"""What judges a tip, its title, and the section (id and title) with its evidence."""

TRANSFER = ("transfer", "Transfer")
"""The section with the evidence of tip 5 where a model starts from a pretrained one."""

PROBES = ("probes", "Nuisance probes")
"""The section with the evidence of tip 9 where a hidden layer was probed."""

SEVERITY = {"pass": 0, "warn": 1, "fail": 2}


def scorecard(results: Results) -> list[dict]:
    """Judge a run by the ten tips.

    Returns
    -------
    Ten dictionaries: tip (1..10), title, status (`pass`, `warn`, `fail` or `not yet`), reason,
    missing (parts not covered yet), evidence (id of the report's section) and evidence_title.
    A status is the worst of the tip's checks, and at best `warn` where an essential part is
    missing.
    """
    rows = []
    for number, (judge, title, (evidence, name)) in enumerate(TIPS, start=1):
        findings = [*judge(results), *caution_findings(results, number)]
        checks = [finding for finding in findings if isinstance(finding, Check)]
        missing = [finding for finding in findings if isinstance(finding, Missing)]
        if judge is tips.representation and results.pretrained:
            evidence, name = TRANSFER
        if judge is tips.interpretation and results.probes is not None:
            evidence, name = PROBES
        rows.append(
            {
                "tip": number,
                "title": title,
                "status": _status(checks, missing),
                "reason": _reason(checks),
                "missing": [part.part for part in missing],
                "evidence": evidence,
                "evidence_title": name,
            }
        )
    return rows


def caution_findings(results: Results, tip: int) -> list[Check]:
    """What weighs against the verdict, for the tip that it belongs to."""
    return [
        Check("fail" if caution["withholds"] else "warn", caution["sentence"])
        for caution in results.verdict["cautions"]
        if caution["tip"] == tip
    ]


def _status(checks: list[Check], missing: list[Missing]) -> str:
    if not checks:
        return "not yet"
    worst = max((check.status for check in checks), key=SEVERITY.get)
    if worst == "pass" and any(part.essential for part in missing):
        return "warn"
    return worst


def _reason(checks: list[Check]) -> str:
    """The sentences of the worst checks."""
    worst = max((SEVERITY[check.status] for check in checks), default=0)
    return " ".join(check.sentence for check in checks if SEVERITY[check.status] == worst)
