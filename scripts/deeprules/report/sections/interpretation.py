"""What the chosen network responds to: its motifs, and what experiments with them show."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup

from deeprules.interpret.findings import Q_LEVEL
from deeprules.report.explained_features import feature_section
from deeprules.report.figures import KIND_COLOURS, Figure, each, empty_figure
from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.seen import pairs_seen
from deeprules.report.tables import Table, table
from deeprules.wording import as_given, format_number

TITLE = "What the network responds to"
LEAD = (
    "All of it is about the network, not about the cell: a motif that the network responds to "
    "need not be bound or do anything. Only development data were used, and networks chosen "
    "before the test set was opened."
)
PART = "what the model responds to"
COMPLETE = 0.95
"""Share of sequences whose attributions add up, below which they are to be read with care."""


def section(results: Results) -> Section:
    """Motifs, the null and the experiments, or features; without them, why there are none."""
    if "features" in results:
        return feature_section(results)
    reason = _without(results)
    if reason:
        return Section(
            TITLE, reason, findings=[Missing(8, PART)], said={"without": True, "features": []}
        )
    found = results.interpretation
    folder = f"results/interpret/{found['model']}"
    return Section(
        TITLE,
        LEAD,
        findings=[_finding(found), *_incomplete(found)],
        tables=_tables(results, folder),
        figures=_figures(results, folder),
        said={
            "without": False,
            "features": [],
            "sentences": found["sentences"] or [_nothing(found)],
            "how": _how(found),
            "null": _null(found),
            "known": found["known"],
            "logos": _logos(results),
        },
    )


def _without(results: Results) -> str:
    """Why a run is not interpreted; empty for one that is."""
    if "interpretation" in results:
        return ""
    network = results.chosen.get("network")
    if results.config.get("interpret", {}) is False:
        return "Interpretation was switched off (`interpret: false`)."
    if results.dataset["modality"] != "sequence":
        return "No model of this run shows which features it responds to: tools are not asked."
    if not network:
        return "There is no network in this run, and so nothing to interpret."
    return (
        f"`{network}` reads the activations of a pretrained model, not the bases, and is not "
        "interpreted."
    )


def _finding(found: dict) -> Check:
    """What the scorecard says."""
    if not found["is_enough"]:
        return Check(8, "warn", _nothing(found))
    shown = f"{found['surviving']} of {found['motifs']} motifs"
    if found["surviving"]:
        words = f"`{found['model']}` responds to {shown} that shuffled labels do not show."
        return Check(8, "pass", words)
    return Check(8, "warn", _nothing(found))


def _incomplete(found: dict) -> list[Check]:
    """A warning where attributions do not add up in as many sequences as they should."""
    if found["complete"] is None or found["complete"] >= COMPLETE:
        return []
    words = (
        f"The attributions of `{found['model']}` add up to the difference in score in only "
        f"{_share(found['complete'])} of the sequences ({_share(COMPLETE)} are wanted)."
    )
    return [Check(8, "warn", words)]


def _share(value: float) -> str:
    return f"{value:.0%}"


def _nothing(found: dict) -> str:
    """In words, that no motif is a finding."""
    if not found["is_enough"]:
        return (
            f"No motifs were looked for: {found['sequences']} sequences of the development data "
            f"were explained, and {found['fewest']} are needed. Attributions were made."
        )
    if found["motifs"]:
        return (
            f"None of the {found['motifs']} motifs of `{found['model']}` is a finding: see the "
            "table for what speaks against each."
        )
    return f"No motif was found among the attributions of `{found['model']}`."


def _how(found: dict) -> list[str]:
    """What was done, and how far it can be trusted."""
    said = [
        f"{found['sequences']} sequences were looked at, {found['from_tune']} of them of tune, "
        f"with {found['fits']} fit{'s' * (found['fits'] != 1)} of `{found['model']}`. The score is "
        f"{found['score']}."
    ]
    if found["complete"] is not None:
        said.append(
            f"Integrated gradients add up to the difference in score, to 1% of it, in "
            f"{_share(found['complete'])} of the sequences."
        )
    if found["mutagenesis"] is not None:
        said.append(
            f"In {found['mutated']} sequences every base was mutated as well: the rank correlation "
            f"of both ways is {format_number(found['mutagenesis'])} (median)."
        )
    return said


def _null(found: dict) -> str:
    """What shuffled labels show."""
    count = found["null_motifs"] or "no"
    known, alike = "", found["null_known"]
    if found["null_motifs"] and found["known"]:
        look = f"{alike} of which look" if alike > 1 else f"{['none', 'one'][alike]} of which looks"
        known = f", {look} like a known motif (q below {as_given(Q_LEVEL)})"
    return (
        "The same was done with the same network fitted to shuffled labels, which had nothing to "
        f"learn: it shows {count} motif{'s' * (count != 1)}{known}. A motif is a finding only if "
        "that network does not show it (or responds to it by less than a tenth), more than half of "
        "the fits do, and it moves the score of shuffled sequences more than any motif moves that "
        "network's."
    )


def _logos(results: Results) -> list[dict]:
    """Name, words and drawing of each motif, in the order of the table."""
    drawn = results.interpretation_logos
    rows = results.interpretation_motifs.itertuples()
    return [
        {
            "name": row.motif,
            "consensus": row.consensus,
            "svg": Markup(drawn[row.motif]),
            "is_finding": bool(row.survives),
        }
        for row in rows
    ]


def _tables(results: Results, folder: str) -> dict[str, Table]:
    effects, pairs = results.interpretation_effects, results.interpretation_pairs
    motifs, matches = results.interpretation_motifs, results.interpretation_matches
    return {
        "motifs": table(
            "Motifs, the most frequent first",
            f"{folder}/motifs.tsv",
            motifs,
            "motif consensus sites sequences share fits_with_it fits effect survives because match "
            "q_value examples",
            {"fits_with_it": "fits with it", "survives": "finding", "because": "why not"}
            | {"effect": "effect when inserted", "match": "most like", "q_value": "q"},
            note="Share: of the sequences looked at. A letter is small where fewer than half of "
            "the sites have it. All sites: sites.tsv beside it.",
            share=_share,
        ),
        "places": table(
            "Where the sites of each motif begin",
            f"{folder}/motifs.tsv",
            motifs,
            "motif consensus sites from_base to_base sites_there is_placed",
            {"from_base": "from base", "to_base": "to base", "sites_there": "sites there"}
            | {"is_placed": "more than by chance"},
            note="From and to base: the ten bases at which most sites begin.",
        ),
        "matches": table(
            "Known motifs most like each",
            f"{folder}/matches.tsv",
            matches,
            "motif known p_value q_value offset overlap reverse",
            {"known": "known motif", "q_value": "q"},
            note="p by Tomtom, q by Benjamini and Hochberg over all known motifs; where that is "
            f"below {as_given(Q_LEVEL)}, no less than the false discovery rate among known motifs "
            "whose columns are shuffled or reversed, which are as rich in one base and as "
            "repetitive. No q is less than that over the best of each motif.",
            q_value=lambda value: f"{value:.2g}",
        ),
        "effects": table(
            "Change of the score when a motif is put in or taken out",
            f"{folder}/effects.tsv",
            effects,
            note="Inserted: the consensus in 100 dinucleotide-shuffled sequences, where its sites "
            "lie. Removed: sites replaced by shuffled bases of the same sequence. Intervals of 95% "
            "over sequences.",
        ),
        "pairs": table(
            "Pairs of motifs, by order, strands and distance",
            f"{folder}/pairs.tsv",
            pairs.sort_values("score", ascending=False),
            note="In 50 shuffled sequences. Gap: bases between both. Gain: what both together have "
            "above the sum of each alone at its place, with its 95% interval.",
        ),
        "kmers": table(
            "k-mers that logistic regression weighs most",
            f"{folder}/kmers.tsv",
            results.interpretation_kmers,
            titles={"in_motifs": "in motifs"},
            note="Change in log odds of the class for one standard deviation of the count; mean, "
            "lowest and highest of the fits.",
        ),
        "positions": table(
            "Positions of the motifs", f"{folder}/positions.tsv", results.interpretation_positions
        ),
    }


def _figures(results: Results, folder: str) -> dict[str, Figure]:
    effects, pairs = results.interpretation_effects, results.interpretation_pairs
    figures = {}
    if len(effects):
        figures["motif_effects"] = Figure(
            "Motifs put into shuffled sequences",
            f"{folder}/effects.tsv",
            "Mean change of the score with its 95% interval, for the fits of the network together "
            "and for the same network fitted to shuffled labels.",
            {"": partial(_draw_effects, effects, results.interpretation["score"])},
            finding=" ".join(results.interpretation["sentences"]),
        )
    if len(pairs):
        names = zip(pairs["first"], pairs["second"], strict=True)
        labelled = pairs.assign(pair=[" and ".join(sorted(both)) for both in names])
        figures["motif_pairs"] = Figure(
            "Two motifs by order, strands and distance",
            f"{folder}/pairs.tsv",
            "Mean change of the score when both stand in a shuffled sequence.",
            each(labelled, "pair", partial(_draw_pairs, results.interpretation["score"])),
            choice="pair",
            finding=pairs_seen(pairs),
        )
    return figures


def _draw_effects(effects: pd.DataFrame, score: str) -> go.Figure:
    """Effects of the motifs of the network, real and shuffled labels side by side."""
    figure = empty_figure("motif", f"change of {score}".replace("`", ""))
    put_in = effects[(effects["experiment"] == "inserted")]
    for name, kind in (("all fits", "network"), ("shuffled labels", "nuisance")):
        rows = put_in[(put_in["network"] == name) & ~put_in["motif"].str.startswith("null")]
        figure.add_bar(
            x=rows["motif"],
            y=rows["effect"],
            name=name,
            marker_color=KIND_COLOURS[kind],
            error_y={
                "type": "data",
                "array": rows["upper"] - rows["effect"],
                "arrayminus": rows["effect"] - rows["lower"],
            },
        )
    return figure


def _draw_pairs(score: str, rows: pd.DataFrame) -> go.Figure:
    """The score of one pair by the bases between both, a line for each arrangement."""
    figure = empty_figure("bases between the two", f"change of {score}".replace("`", ""))
    keys = ["first", "first_strand", "second", "second_strand"]
    for names, line in rows.groupby(keys, sort=False):
        label = f"{names[0]} ({names[1]}), then {names[2]} ({names[3]})"
        figure.add_scatter(x=line["gap"], y=line["score"], name=label, mode="lines")
    return figure
