"""The verdict in words and numbers: how well models predict, never what causes what."""

import numpy as np

from deeprules.evaluate.bootstrap import Interval
from deeprules.evaluate.comparison import Comparison
from deeprules.files import finite_or_none
from deeprules.metrics import METRIC_LABELS


def verdict_record(comparison: Comparison) -> dict:
    """The verdict with its sentence, reasons and numbers.

    Returns
    -------
    {"verdict", "sentence", "reasons", "metric", "difference", "lower", "upper", "minimum_gain",
    "network", "baseline", "nuisance", "nuisance_difference", "nuisance_lower", "nuisance_upper"}.
    The `nuisance_` numbers are the gain over the nuisance baseline of the network, or of the
    baseline if no network was entered. What is not defined is None.
    """
    margin = next(iter(comparison.over_nuisance.values()), None)
    return {
        "verdict": comparison.decision,
        "sentence": sentence(comparison),
        "reasons": reasons(comparison),
        "metric": comparison.metric,
        **_numbers("", comparison.gain),
        "minimum_gain": comparison.minimum_gain,
        "network": comparison.network,
        "baseline": comparison.baseline,
        "nuisance": comparison.nuisance,
        **_numbers("nuisance_", margin),
    }


def sentence(comparison: Comparison) -> str:
    """One sentence with the numbers that the verdict rests on."""
    network, baseline = comparison.network, comparison.baseline
    decision, label = comparison.decision, METRIC_LABELS[comparison.metric]
    if decision == "withheld":
        return f"No verdict: {_why_withheld(comparison)}."
    if not network:
        return f"Use the baseline {_with_score(comparison, baseline)}; no network was entered."
    mine, other = (
        format_number(comparison.scored.value(name, comparison.metric))
        for name in (network, baseline)
    )
    gain, least = format_interval(comparison.gain), _as_given(comparison.minimum_gain)
    if decision == "network":
        return (
            f"Use the network `{network}`: {label} {mine} against {other} for the baseline "
            f"`{baseline}`, gain {gain}, not below the smallest gain worth it ({least})."
        )
    if decision == "baseline":
        return (
            f"Use the baseline `{baseline}`: {label} {other} against {mine} for the network "
            f"`{network}`, whose gain {gain} is below the smallest gain worth it ({least})."
        )
    if comparison.is_better(network):
        doubt = f"the test set does not settle whether this reaches the smallest worth it ({least})"
    else:
        doubt = f"the network is not shown to beat the nuisance baseline `{comparison.nuisance}`"
    return (
        f"No clear difference: {label} {mine} for the network `{network}` and {other} for the "
        f"baseline `{baseline}`, gain {gain}; {doubt}."
    )


def reasons(comparison: Comparison) -> list[str]:
    """Sentences that back the verdict: the gain, and what each side adds to the nuisance."""
    label = METRIC_LABELS[comparison.metric]
    network, baseline, nuisance = comparison.network, comparison.baseline, comparison.nuisance
    stated = []
    if comparison.gain is not None:
        gain = format_interval(comparison.gain)
        stated.append(f"Gain of `{network}` over `{baseline}` in {label}: {gain}.")
    if not network:
        stated.append("No network was entered.")
    if not baseline:
        stated.append("No baseline was entered.")
    if not nuisance:
        stated.append("No nuisance baseline was entered to show what composition or batch tells.")
    for name, margin in comparison.over_nuisance.items():
        if margin is not None:
            outcome = "better" if comparison.is_better(name) else "not shown to be better"
            stated.append(
                f"Gain of `{name}` over the nuisance baseline `{nuisance}` in {label}: "
                f"{format_interval(margin)}, {outcome}."
            )
    return stated


def format_number(value: float, digits: int = 3) -> str:
    """A number as in `.963`, `-.012`, `1.204`; `undefined` for NaN."""
    if not np.isfinite(value):
        return "undefined"
    return _without_zero(f"{round(value, digits) + 0.0:.{digits}f}")


def format_size(n: float) -> str:
    """A number of examples that was extrapolated, with two digits: `17,000`."""
    return f"{float(f'{n:.2g}'):,.0f}"


def format_interval(interval: Interval) -> str:
    """An estimate with its interval: `.151 [.120, .183]`."""
    return format_bounds(interval.value, interval.lower, interval.upper)


def format_bounds(value: float, lower: float, upper: float) -> str:
    """A number with its bounds: `.151 [.120, .183]`."""
    return f"{format_number(value)} [{format_number(lower)}, {format_number(upper)}]"


def _why_withheld(comparison: Comparison) -> str:
    """What keeps the verdict back."""
    if not comparison.baseline:
        return "no baseline was entered, so nothing says whether a network is needed"
    if not any(comparison.is_better(name) for name in comparison.over_nuisance):
        names = " nor ".join(f"`{name}`" for name in comparison.over_nuisance)
        subject = f"neither {names} is" if comparison.network else f"{names} is not"
        nuisance = _with_score(comparison, comparison.nuisance)
        return f"{subject} shown to predict better than the nuisance baseline {nuisance}"
    return (
        f"the gain of `{comparison.network}` over `{comparison.baseline}` has no interval on this "
        "test set"
    )


def _with_score(comparison: Comparison, model: str) -> str:
    """A model's name, score and interval."""
    interval = comparison.scored.interval(model, comparison.metric)
    return f"`{model}` ({METRIC_LABELS[comparison.metric]} {format_interval(interval)})"


def _without_zero(text: str) -> str:
    """`0.02` as `.02`, `-0.02` as `-.02`."""
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def _as_given(value: float) -> str:
    """A setting with no more digits than it was given."""
    return _without_zero(f"{value:g}")


def _numbers(prefix: str, interval: Interval | None) -> dict[str, float | None]:
    """An interval as JSON fields; None for what is not defined."""
    names = [f"{prefix}{name}" for name in ("difference", "lower", "upper")]
    if interval is None:
        return dict.fromkeys(names)
    values = (interval.value, interval.lower, interval.upper)
    return dict(zip(names, map(finite_or_none, values), strict=True))
