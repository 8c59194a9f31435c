"""Which motifs are findings, and what is said of them in words."""

from collections.abc import Iterable, Mapping

import pandas as pd

from deeprules.interpret.motif import ALIKE, Motif, similarity
from deeprules.wording import format_number

STRONGEST = 5
"""Findings that are told in sentences."""
TRIFLE = 0.1
"""Share of an effect up to which one on shuffled labels is none."""
Q_LEVEL = 0.05
"""q below which a known motif is named in a sentence."""


def judge_motifs(
    motifs: list[Motif], null_motifs: list[Motif], effects: pd.DataFrame, null_effect: float
) -> None:
    """Enter into each motif's facts whether it is a finding: `survives`, and `because` if not.

    It is none where the network fitted to shuffled labels shows it as well and responds to it by
    more than a trifle, where most fits lack it, or where it moves the score of backgrounds no more
    than shuffled labels can.

    Parameters
    ----------
    effects : rows of `EFFECT_COLUMNS`
    null_effect : largest effect that a motif has on the network fitted to shuffled labels
    """
    put_in = effects[effects["experiment"] == "inserted"].set_index(["network", "motif"])
    for motif in motifs:
        alike = [one.name for one in null_motifs if similarity(motif.matrix, one.matrix) >= ALIKE]
        row, reasons = put_in.loc[("all fits", motif.name)], []
        of_null = put_in.loc[("shuffled labels", motif.name), "effect"]
        is_high = motif.facts["sign"] == "raises"
        nearest = row["lower"] if is_high else -row["upper"]
        if alike and abs(of_null) > TRIFLE * abs(row["effect"]):
            reasons.append("the network fitted to shuffled labels shows it too")
        if 2 * motif.facts["fits_with_it"] <= motif.facts["fits"] and motif.facts["fits"] > 1:
            reasons.append("most fits do not show it")
        if nearest <= null_effect:
            reasons.append("put into backgrounds it moves the score no more than shuffled labels")
        motif.facts |= {
            "survives": not reasons,
            "because": "; ".join(reasons),
            "effect": float(row["effect"]),
        }


def by_strength(motifs: Iterable[Motif]) -> list[Motif]:
    """The motifs that survive, those with the largest effect first."""
    kept = [motif for motif in motifs if motif.facts["survives"]]
    return sorted(kept, key=lambda motif: -abs(motif.facts["effect"]))


def finding_sentences(
    motifs: list[Motif], matches: pd.DataFrame, pairs: list[dict], targets: Mapping[str, str]
) -> list[str]:
    """The strongest findings in words, in the order of their effects; pairs come first.

    `targets` is what the score of each motif is, in words, by its name.
    """
    names = {motif.name: _named(motif, matches) for motif in motifs}
    found = [_of_pair(pair, names, targets[pair["first"]]) for pair in pairs if pair["is_clear"]]
    found += [
        _of_motif(motif, names[motif.name], targets[motif.name]) for motif in by_strength(motifs)
    ]
    return found[:STRONGEST]


def _named(motif: Motif, matches: pd.DataFrame) -> str:
    """A motif by its consensus, and the known motif that it looks like."""
    rows = matches[(matches["motif"] == motif.name) & (matches["q_value"] < Q_LEVEL)]
    like = ""
    if len(rows):
        row = rows.iloc[0]
        like = f", which looks like {row['known']} (q {row['q_value']:.1g})"
    return f"{motif.name} `{motif.consensus}`{like}"


def _of_motif(motif: Motif, name: str, target: str) -> str:
    facts = motif.facts
    change = "higher" if facts["effect"] > 0 else "lower"
    return (
        f"The model responds to {name}: with it a shuffled sequence has {target} that "
        f"{'are' if target.startswith('log') else 'is'} {format_number(abs(facts['effect']))} "
        f"{change}. It stands in {facts['sequences']} of the sequences looked at "
        f"({facts['share']:.0%}) and in {facts['fits_with_it']} of {facts['fits']} fits."
        f"{_place(facts)}"
    )


def _place(facts: dict) -> str:
    """Where a motif stands, if more of its sites stand in one place than chance allows."""
    if not facts["is_placed"]:
        return ""
    return (
        f" {facts['sites_there']} of its {facts['sites']} sites begin at bases "
        f"{facts['from_base']} to {facts['to_base']} of {facts['length']}."
    )


def _of_pair(pair: dict, names: dict, target: str) -> str:
    gaps = f"{pair['from_gap']}"
    if pair["to_gap"] != pair["from_gap"]:
        gaps += f" to {pair['to_gap']}"
    strands = "the same strand" if pair["first_strand"] == pair["second_strand"] else "opposite "
    strands += "" if strands.startswith("the") else "strands"
    return (
        f"The model responds most to {names[pair['first']]}, followed by {names[pair['second']]}, "
        f"on {strands}, {gaps} bases between them: {target} {format_number(pair['score'])} above "
        f"the background, of which {format_number(pair['gain'])} is more than both bring alone; "
        f"at other orders and distances {format_number(pair['elsewhere'])} (median)."
    )
