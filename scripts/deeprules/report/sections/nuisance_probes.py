"""What a network's last hidden layer knows of batch, covariates and composition."""

from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.tables import shown, table
from deeprules.statistics.association import SIGNIFICANCE
from deeprules.wording import format_bounds, format_number

HIDDEN, UNTRAINED, RAW = "hidden layer", "untrained hidden layer", "raw features"
WEAK = 0.1
"""Association of batch and label up to which it is too small to matter (Cohen 1988, chapter 7)."""


def section(results: Results) -> Section | None:
    """Nuisances predicted from the last hidden layer, and from the raw features."""
    if "nuisance_probes_table" not in results:
        return None
    probes = results.nuisance_probes_table
    names = dict.fromkeys(probes["nuisance"])
    beside = "the same from the raw features"
    if UNTRAINED in set(probes["inputs"]):
        beside += ", and from the layer of the same network with random weights"
    numbers = "score lower upper chance gain gain_lower gain_upper"
    titles = {"inputs": "from", "metric": "score", "score": "value"}
    titles |= {"gain_lower": "gain, lower", "gain_upper": "gain, upper"}
    return Section(
        "Nuisance probes",
        "Linear models that predict a nuisance from the last hidden layer of the chosen network, "
        f"learnt on train and scored on tune. Beside them: {beside}.",
        findings=[_of_batch(results, names)],
        tables={
            "probes": table(
                "Nuisances predicted on tune, with 95% intervals",
                "results/controls/nuisance_probes/table.tsv",
                probes,
                f"nuisance inputs metric {numbers} n",
                titles,
                note="Gain: the score minus that from the raw features on the same examples. R2 "
                "below 0: worse than the mean of tune.",
                scores=numbers.split(),
            )
        },
        said={"sentences": _sentences(results, names)},
    )


def _of_batch(results: Results, names: dict) -> Check | Missing:
    """Whether the last hidden layer knows the batch, where that could stand for the label."""
    if "batch" not in names:
        return Missing(9, "what the last layer knows of batch")
    hidden = _by_inputs(results, "batch")[HIDDEN]
    sentence = _sentence(results, "batch")
    reasons = []
    if hidden.lower > hidden.chance:
        if _is_associated(results.audit["batch_label"]):
            reasons.append("batch and label are associated")
        if hidden.gain_lower > 0:
            reasons.append("the layer tells batch better than the raw features do")
    if not reasons:
        return Check(9, "pass", sentence)
    why = " and ".join(reasons)
    return Check(9, "warn", f"{sentence} The network may rely on it: {why}.")


def _is_associated(association: dict | None) -> bool:
    """Whether batch and label go together, by more than chance and more than a trifle."""
    if not association:
        return False
    strength = association.get("cramers_v", association.get("eta_squared"))
    return association["p_value"] < SIGNIFICANCE and strength > WEAK


def _sentences(results: Results, names: dict) -> list[str]:
    """A sentence for each nuisance that was probed."""
    sentences = [_sentence(results, name) for name in names]
    if results.dataset["has_batch"] and "batch" not in names:
        sentences.append(
            "Batch was not probed: fewer than two have five examples in both train and tune."
        )
    nothing = "There was nothing to predict: no batch, covariate or composition that varies."
    return sentences or [nothing]


def _sentence(results: Results, nuisance: str) -> str:
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


def _by_inputs(results: Results, nuisance: str) -> dict:
    """Rows of one nuisance by their inputs."""
    probes = results.nuisance_probes_table
    rows = probes[probes["nuisance"] == nuisance]
    return {row.inputs: row for row in rows.itertuples()}
