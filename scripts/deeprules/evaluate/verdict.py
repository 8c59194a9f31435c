"""The verdict in words and numbers: how well models predict, never what causes what."""

from deeprules.evaluate.comparison import Comparison, Decision
from deeprules.statistics.metrics import METRIC_LABELS
from deeprules.wording import (
    as_given,
    format_interval,
    format_number,
    interval_fields,
    listed,
)

NEAR_CEILING = 0.9
"""Score of a baseline from which on a gain is also told as a share of the error that is left."""

LABELS = {
    ("baseline", "better", "no"): "Use the baseline: the network is better, by too little",
    ("baseline", "worse", "no"): "Use the baseline: the network is worse",
    ("no_difference", "better", "open"): "The network is better; open whether by enough",
    ("no_difference", "worse", "open"): "The chosen network is worse; another may not be",
}
PLAIN_LABELS = {
    "network": "Use the network",
    "baseline": "Use the baseline",
    "no_difference": "No clear difference",
    "withheld": "No verdict",
}


def verdict_record(comparison: Comparison) -> dict:
    """The verdict with its sentence, reasons and numbers.

    Returns
    -------
    {"verdict", "difference_shown", "worth_it", "sentence", "reasons", "too_small", "metric",
    "difference", "lower", "upper", "minimum_gain", "minimum_share_of_error", "network",
    "baseline", "baselines", "rivals", "nuisance", "nuisance_difference", "nuisance_lower",
    "nuisance_upper"}.
    `minimum_gain` is that over the chosen baseline. `baselines` holds for each baseline the gain
    of the network over it and whether it is `beaten`; `rivals` are networks not chosen on tune
    that may be worth it. `nuisance` is the nuisance baseline that the network (the baseline if no
    network was entered) beats by least, and the `nuisance_` numbers are the gain over it. What is
    not defined is None.
    """
    decision, setting = comparison.decision, comparison.minimum_gain
    model = comparison.network or comparison.baseline
    nuisance, margin = comparison.hardest_nuisance(model) if model else (None, None)
    unbeaten = comparison.unbeaten
    return {
        "verdict": decision.verdict,
        "difference_shown": decision.difference_shown,
        "worth_it": decision.worth_it,
        "sentence": sentence(comparison),
        "reasons": reasons(comparison),
        "too_small": comparison.too_small,
        "metric": comparison.metric,
        **interval_fields("", comparison.gain),
        "minimum_gain": comparison.least(comparison.baseline or model) if model else None,
        "minimum_share_of_error": None
        if isinstance(setting, float | int)
        else setting["share_of_error"],
        "network": comparison.network,
        "baseline": comparison.baseline,
        "baselines": [
            {"model": name, "beaten": name not in unbeaten, **interval_fields("", gain)}
            for name, gain in comparison.over_baselines.items()
        ],
        "rivals": comparison.rivals,
        "nuisance": nuisance,
        **interval_fields("nuisance_", margin),
    }


def label(decision: Decision, is_chosen_beaten: bool = False) -> str:
    """The verdict in a few words.

    `is_chosen_beaten` says whether the gain over the chosen baseline, if not over every one, is
    above 0 with 95% confidence.
    """
    found = LABELS.get((decision.verdict, decision.difference_shown, decision.worth_it))
    if decision.verdict == "no_difference" and not found and is_chosen_beaten:
        return "Better than the chosen baseline, not shown for every other model"
    return found or PLAIN_LABELS[decision.verdict]


def sentence(comparison: Comparison) -> str:
    """One sentence with the numbers that the verdict rests on."""
    network, baseline = comparison.network, comparison.baseline
    decision = comparison.decision
    if decision.verdict == "withheld":
        return f"No verdict: {_why_withheld(comparison)}."
    if not network:
        return f"Use the baseline {_with_score(comparison, baseline)}; no network was entered."
    metric, gain = METRIC_LABELS[comparison.metric], format_interval(comparison.gain)
    mine, other = (
        format_number(comparison.scored.value(name, comparison.metric))
        for name in (network, baseline)
    )
    if decision.verdict == "network":
        return (
            f"Use the network `{network}`: {metric} {mine} against {other} for the baseline "
            f"`{baseline}`, gain {gain}{_of_the_error(comparison)}, not below the smallest gain "
            f"worth it ({_least(comparison)}){_held_against_all(comparison)}."
        )
    if decision.verdict == "baseline":
        better = "is better, but by too little: its" if decision.difference_shown == "better" else {
            "worse": "is worse: its"
        }.get(decision.difference_shown, "is not shown to be better, and its")  # fmt: skip
        return (
            f"Use the baseline `{baseline}`: {metric} {other} against {mine} for the network "
            f"`{network}`, which {better} gain {gain} is below the smallest gain worth it "
            f"({_least(comparison)})."
        )
    return (
        f"{label(decision, comparison.gain.lower > 0)}: {metric} {mine} for the network "
        f"`{network}` and {other} for the baseline `{baseline}`, "
        f"gain {gain}{_of_the_error(comparison)}; {_doubt(comparison, decision)}."
    )


def reasons(comparison: Comparison) -> list[str]:
    """Sentences that back the verdict: the gains, and what each side adds to the nuisance."""
    metric = METRIC_LABELS[comparison.metric]
    network, baseline = comparison.network, comparison.baseline
    stated = [
        f"Gain of `{network}` over `{name}` in {metric}: {format_interval(gain)}."
        for name, gain in comparison.over_baselines.items()
    ]
    if not network:
        stated.append("No network was entered.")
    if not baseline:
        stated.append("No baseline was entered.")
    if not comparison.nuisance:
        stated.append("No nuisance baseline was entered to show what composition or batch tells.")
    for name in comparison.over_nuisances:
        nuisance, margin = comparison.hardest_nuisance(name)
        if nuisance:
            outcome = "better" if comparison.is_better(name) else "not shown to be better"
            stated.append(
                f"Gain of `{name}` over the nuisance baseline `{nuisance}` in {metric}: "
                f"{format_interval(margin)}, {outcome}."
            )
    return stated


def _least(comparison: Comparison) -> str:
    """The smallest gain worth it, as it was set."""
    setting = comparison.minimum_gain
    if isinstance(setting, float | int):
        return as_given(setting)
    least = format_number(comparison.least(comparison.baseline))
    return f"{setting['share_of_error']:.0%} of the error of the baseline, {least}"


def _of_the_error(comparison: Comparison) -> str:
    """Near the highest value of a metric, the share of the remaining error that is gone."""
    score = comparison.scored.value(comparison.baseline, comparison.metric)
    if comparison.decision.difference_shown != "better" or not NEAR_CEILING <= score < 1:
        return ""
    share = comparison.gain.value / (1 - score)
    return f", {share:.0%} of the error that the baseline leaves ({format_number(1 - score)})"


def _held_against_all(comparison: Comparison) -> str:
    """That the gain holds against the other baselines, and where it is least."""
    gains = comparison.over_baselines
    if len(gains) < 2:
        return ""
    name, gain = min(gains.items(), key=lambda item: item[1].lower)
    return f"; it holds against each of {len(gains)} baselines, least against `{name}` " + (
        f"({format_interval(gain)})"
    )


def _doubt(comparison: Comparison, decision: Decision) -> str:
    """What keeps an open verdict open."""
    network, unbeaten = comparison.network, comparison.unbeaten
    if decision.difference_shown != "better" and not comparison.is_better(network):
        nuisance, _ = comparison.hardest_nuisance(network)
        return f"the network is not shown to beat the nuisance baseline `{nuisance}`"
    if decision.worth_it == "no":
        nuisance, _ = comparison.hardest_nuisance(comparison.baseline)
        return f"the baseline is not shown to beat the nuisance baseline `{nuisance}`"
    if comparison.gain.upper < comparison.least(comparison.baseline):
        return (
            f"but of {listed(comparison.rivals)}, not chosen on tune, it is not shown that no gain "
            "is worth it"
        )
    others = [name for name in unbeaten if name != comparison.baseline]
    if comparison.baseline not in unbeaten and others:
        gains = comparison.over_baselines
        each = [f"`{name}` ({format_interval(gains[name])})" for name in others]
        what = "shown to be worth it" if decision.difference_shown == "better" else "shown"
        return f"but no gain over {listed(each, quoted=False)}, not chosen on tune, is {what}"
    if decision.difference_shown == "better":
        return (
            "the test set does not settle whether this reaches the smallest gain worth it "
            f"({_least(comparison)})"
        )
    return (
        "the test set settles neither which predicts better nor whether a gain reaches the "
        f"smallest one worth it ({_least(comparison)})"
    )


def _why_withheld(comparison: Comparison) -> str:
    """What keeps the verdict back."""
    if comparison.too_small:
        return comparison.too_small
    if not comparison.baseline:
        return "no baseline was entered, so nothing says whether a network is needed"
    if not any(comparison.is_better(name) for name in comparison.over_nuisances):
        names = " nor ".join(f"`{name}`" for name in comparison.over_nuisances)
        subject = f"neither {names} is" if comparison.network else f"{names} is not"
        nuisance, _ = comparison.hardest_nuisance(comparison.network or comparison.baseline)
        scored = _with_score(comparison, nuisance)
        return f"{subject} shown to predict better than the nuisance baseline {scored}"
    return (
        f"the gain of `{comparison.network}` over `{comparison.baseline}` has no interval on this "
        "test set"
    )


def _with_score(comparison: Comparison, model: str) -> str:
    """A model's name, score and interval."""
    interval = comparison.scored.interval(model, comparison.metric)
    return f"`{model}` ({METRIC_LABELS[comparison.metric]} {format_interval(interval)})"
