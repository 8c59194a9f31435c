"""The few features that say nearly what a chosen model says."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.figures import SEED_COLOURS, Figure, empty_figure
from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.tables import shown, table
from deeprules.wording import format_number, format_score

WITHOUT = (Missing(8, "panel"),)
FOLDER = "results/panel"


def section(results: Results) -> Section | None:
    """The panel, its sizes that were tried, and how to use it."""
    if "panel_summary" not in results:
        return None
    found, metric = results.panel_summary, shown(results.panel_summary["metric"])
    words = panel_in_words(found)
    return Section(
        "A small panel",
        f"{words} The panel was chosen on tune, so that its score there is somewhat too good, and "
        "the test set was not used. A feature of the panel may stand for others that go with it.",
        findings=[Check(8, "pass", words)],
        tables={
            "panel": table(
                "The panel",
                f"{FOLDER}/panel.tsv",
                results.panel,
                "feature kind class weight mean standard_deviation",
                note="Weight: of one standard deviation, in log odds (or in the value). "
                "k-mers are counted, of a motif the best place of a sequence is taken.",
            ),
            "curve": table(
                "Sizes that were tried",
                f"{FOLDER}/curve.tsv",
                results.panel_curve,
                "features score fidelity agreement chosen",
                {"score": metric, "agreement": "same class"},
                note="Fidelity: rank correlation with the model's log odds (or values) on tune.",
                scores=("score",),
            ),
        },
        figures={
            "panel_curve": Figure(
                "Score and fidelity by the number of features",
                f"{FOLDER}/curve.tsv",
                f"On tune; the dashed line is the score of {shown(found['model'])}.",
                {"": partial(_draw, results.panel_curve, metric)},
                finding=words,
            )
        },
        said={"program": f"{FOLDER}/score_panel.py"},
    )


def panel_in_words(found: dict) -> str:
    """What the panel is worth, by its summary (`panel_summary`)."""
    n, metric = found["features"], shown(found["metric"])
    words = (
        f"{n} feature{'s' * (n != 1)} reach{'es' * (n == 1)} {metric} "
        f"{format_score(found['score'])} on tune, where `{found['model']}` has "
        f"{format_score(found['model_score'])}; the rank correlation of both is "
        f"{format_number(found['fidelity'])}"
    )
    if found["agreement"] is not None:
        words += f", and they give {found['agreement']:.0%} of the examples the same class"
    return words + "."


def _draw(curve: pd.DataFrame, metric: str) -> go.Figure:
    """Both by the number of features."""
    figure = empty_figure("features", "")
    figure.update_xaxes(type="log", tickvals=curve["features"])
    names = (("score", metric), ("fidelity", "fidelity"))
    for (column, name), colour in zip(names, SEED_COLOURS, strict=False):
        figure.add_scatter(
            x=curve["features"],
            y=curve[column],
            name=name,
            mode="lines+markers",
            line_color=colour,
            marker_size=[12 if one else 6 for one in curve["chosen"]],
        )
    figure.add_hline(y=curve["model_score"].iloc[0], line_dash="dash", line_color=SEED_COLOURS[0])
    return figure
