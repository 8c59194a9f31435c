"""What the report says of the nuisances that a network's last hidden layer knows."""

from deeprules.report.findings import Check, Missing
from deeprules.report.results import Results
from deeprules.report.style import shown
from deeprules.report.tables import Table, table
from deeprules.statistics.association import SIGNIFICANCE
from deeprules.wording import format_bounds, format_number

HIDDEN, RAW = "hidden layer", "raw features"
WEAK = 0.1
"""Association of batch and label up to which it is too small to matter (Cohen 1988, chapter 7)."""


def probe_findings(results: Results) -> list:
    """Whether the last hidden layer knows the batch, where that could stand for the label."""
    if "network" not in results.chosen:
        return []
    rows = _by_inputs(results, "batch")
    if not rows:
        return [Missing("what the last layer knows of batch")]
    hidden = rows[HIDDEN]
    sentence = probe_sentence(results, "batch")
    if not hidden.lower > hidden.chance:
        return [Check("pass", sentence)]
    reasons = []
    if _is_associated(results.audit["batch_label"]):
        reasons.append("batch and label are associated")
    if hidden.gain_lower > 0:
        reasons.append("the layer tells batch better than the raw features do")
    if not reasons:
        return [Check("pass", sentence)]
    why = " and ".join(reasons)
    return [Check("warn", f"{sentence} The network may rely on it: {why}.")]


def _is_associated(association):
    """Whether batch and label go together, by more than chance and more than a trifle."""
    if not association:
        return False
    strength = association.get("cramers_v", association.get("eta_squared"))
    return association["p_value"] < SIGNIFICANCE and strength > WEAK


def probe_sentences(results: Results) -> list[str]:
    """A sentence for each nuisance that was probed."""
    if results.probes is None:
        return []
    names = dict.fromkeys(results.probes["nuisance"])
    sentences = [probe_sentence(results, name) for name in names]
    if results.dataset["has_batch"] and "batch" not in names:
        sentences.append(
            "Batch was not probed: fewer than two have five examples in both train and tune."
        )
    return sentences


def probe_sentence(results: Results, nuisance: str) -> str:
    """What the hidden layer and the raw features tell of one nuisance."""
    rows = _by_inputs(results, nuisance)
    hidden, raw = rows[HIDDEN], rows[RAW]
    interval = format_bounds(hidden.score, hidden.lower, hidden.upper)
    sure = "predicts" if hidden.lower > hidden.chance else "does not clearly predict"
    return (
        f"The last hidden layer of `{results.chosen['network']}` {sure} {nuisance}: "
        f"{shown(hidden.metric)} {interval} (chance {format_number(hidden.chance)}); "
        f"from the raw features it is {format_number(raw.score)}."
    )


def _by_inputs(results, nuisance):
    """Rows of one nuisance by their inputs; none if it was not probed."""
    if results.probes is None:
        return {}
    rows = results.probes[results.probes["nuisance"] == nuisance]
    return {row.inputs: row for row in rows.itertuples()}


def probe_table(results: Results) -> Table:
    """Scores of all probes."""
    columns = {
        "nuisance": "nuisance",
        "inputs": "from",
        "metric": "score",
        "score": "value",
        "lower": "lower",
        "upper": "upper",
        "chance": "chance",
        "gain": "gain",
        "gain_lower": "gain, lower",
        "gain_upper": "gain, upper",
        "n": "examples",
    }
    rows = [] if results.probes is None else results.probes
    numbers = [name for name in columns if name not in ("nuisance", "inputs", "metric", "n")]
    return table(rows, columns, metric=shown, **dict.fromkeys(numbers, _number))


def _number(value):
    return "-" if value != value else format_number(value)
