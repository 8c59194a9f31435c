"""Test scores that are too good to be believed unseen."""

from collections.abc import Mapping

from deeprules.cautions import Caution
from deeprules.statistics.bootstrap import BootstrappedScores
from deeprules.statistics.metrics import LOWER_IS_BETTER, METRIC_LABELS
from deeprules.wording import format_number, listed

NEAR_PERFECT = 0.995
"""Score from which on a leak has to be ruled out."""
NEAR = 0.95
"""Score of the others from which on the question, and not one model, looks easy."""


def near_perfect_cautions(
    scored: BootstrappedScores, kinds: Mapping[str, str], metric: str
) -> list[Caution]:
    """What is asked of models with a near-perfect score on test.

    Parameters
    ----------
    scored : scores of all models on test
    kinds : {model: `network`, `baseline` or `nuisance`}
    metric : the objective
    """
    if metric in LOWER_IS_BETTER:
        return []
    values = {name: scored.value(name, metric) for name in kinds}
    perfect = [name for name, value in values.items() if value >= NEAR_PERFECT]
    if not perfect:
        return []
    others = [
        value for name, value in values.items() if name not in perfect and kinds[name] != "nuisance"
    ]
    scores = f"{METRIC_LABELS[metric]} {format_number(min(values[name] for name in perfect))}"
    verb = "scores" if len(perfect) == 1 else "score at least"
    said = f"{listed(perfect)} {verb} {scores} on test"
    if others and max(others) < NEAR:
        said += (
            f", and the best other model {format_number(max(others))}. What only the first can "
            "read is more often the label itself than a discovery: look for a feature or an "
            "identifier made from it, and for copies of test examples in train"
        )
    else:
        said += (
            f" ({len(perfect)} of {len(kinds)} models). The question may be that easy; copies of "
            "test examples in train or a feature made from the label look the same: see audit and "
            "split"
        )
    return [Caution("A score near perfect", f"{said}, before you believe it.", 7)]
