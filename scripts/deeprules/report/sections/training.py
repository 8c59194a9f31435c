"""The final fits: loss by epoch, and scores on train against tune."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
import yaml
from plotly.subplots import make_subplots

from deeprules.report.figures import INK, MUTED, SEED_COLOURS, TEMPLATE, Figure, each, empty_figure
from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.seen import gaps_seen, losses_seen
from deeprules.report.tables import shown, table
from deeprules.wording import format_number

LARGE_GAP = 0.1
"""Difference of the objective between train and tune that is worth a warning."""
FILE = "results/fit/<model>/real/seed<k>/scores.json"


def section(results: Results) -> Section:
    """The chosen hyperparameters, fitted again under several seeds."""
    seeds = results.config["fit"]["seeds"]
    objective, scores = shown(results.objective), ("train", "tune", "gap")
    by_seed, means = _gaps(results, ["model", "kind", "seed"]), _gaps(results, ["model", "kind"])
    return Section(
        "Training curves",
        f"The chosen hyperparameters, fitted again under {seeds} seed{'s' * (seeds != 1)}.",
        findings=[_seeds(results), *_sampled(results), *_gap(results, means)],
        tables={
            "gaps": table(
                f"{objective} on train and tune, mean over seeds", FILE, means, scores=scores
            ),
            "seed_gaps": table(
                f"{objective} on train and tune of every fit", FILE, by_seed, scores=scores
            ),
        },
        figures=_figures(results, means),
        said={
            "settings": {
                shown(model): yaml.safe_dump(settings, sort_keys=False)
                for model, settings in results.fit_settings.items()
            }
        },
    )


def _gaps(results: Results, index: list[str]) -> pd.DataFrame:
    """Objective on train and tune, their mean for each value of `index`, and their difference."""
    fits = results.fits[results.fits["metric"] == results.objective]
    means = fits.pivot_table(index=index, columns="partition", values="value").reset_index()
    means["gap"] = means["train"] - means["tune"]
    return results.in_order(means)[[*index, "train", "tune", "gap"]]


def _seeds(results: Results) -> Check:
    n = results.fits.groupby("model")["seed"].nunique().min()
    if n > 1:
        text = f"Every final model was fitted under {n} seeds, with its settings recorded."
        return Check(3, "pass", text)
    return Check(3, "warn", "Final models were fitted under one seed: no spread is known.")


def _sampled(results: Results) -> list[Check]:
    """Baselines that were fitted to a part of train, for its whole does not fit into memory."""
    n_train = results.split["sizes"]["train"]["n"]
    fitted_on = {
        name: fit["settings"].get("fitted_on") for name, fit in results.fit_settings.items()
    }
    part = {name: n for name, n in fitted_on.items() if n and n < n_train}
    if not part:
        return []
    named = ", ".join(f"`{name}` ({n:,})" for name, n in part.items())
    text = (
        f"Not fitted to all {n_train:,} examples of train but to as many, drawn at random, as fit "
        f"into memory: {named}. Networks saw all."
    )
    return [Check(2, "warn", text)]


def _gap(results: Results, means: pd.DataFrame) -> list[Check]:
    """Train minus tune of the chosen network in the objective, over seeds."""
    if "network" not in results.chosen:
        return []
    model = results.chosen["network"]
    gap = means.set_index("model").loc[model, "gap"]
    text = (
        f"The {shown(results.objective)} of `{model}` on train is {format_number(gap)} above that "
        "on tune."
    )
    return [Check(7, "warn" if gap > LARGE_GAP else "pass", text)]


def _figures(results: Results, means: pd.DataFrame) -> dict[str, Figure]:
    weighed = ". Both losses weigh the classes equally" if results.dataset["classes"] else ""
    return {
        "curves": Figure(
            "Training curves",
            "results/fit/<model>/real/seed<k>/history.tsv",
            f"Loss by epoch: dotted on train, solid on tune, a colour a seed{weighed}. Below, the "
            "gap between them. Dropout and augmentation act on train alone and can put it above "
            "tune.",
            each(results.losses, "model", training_curves),
            "Network",
            finding=losses_seen(results.losses),
        ),
        "gaps": Figure(
            "Train against tune",
            FILE,
            f"{shown(results.objective)} on train (open) and tune (filled), mean over seeds. A "
            "long line is a large gap.",
            {"": partial(gaps, means, results.objective)},
            finding=gaps_seen(means, results.objective),
        ),
    }


def training_curves(history: pd.DataFrame) -> go.Figure:
    """Loss of one network on train and tune by epoch, and their gap, a colour a seed."""
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.62, 0.38]
    )
    figure.update_layout(template=TEMPLATE, height=520, hovermode="x unified")
    for i, (seed, rows) in enumerate(history.groupby("seed", sort=False)):
        colour = SEED_COLOURS[i % len(SEED_COLOURS)]
        shape = {"x": rows["epoch"], "legendgroup": seed, "mode": "lines"}
        lines = {"train": (rows["loss"], "dot"), "tune": (rows["val_loss"], "solid")}
        for name, (values, dash) in lines.items():
            figure.add_scatter(
                y=values,
                name=f"seed {seed}, {name}",
                line={"color": colour, "dash": dash},
                **shape,
                row=1,
                col=1,
            )
        figure.add_scatter(
            y=rows["val_loss"] - rows["loss"],
            name=f"seed {seed}, gap",
            line={"color": colour},
            showlegend=False,
            **shape,
            row=2,
            col=1,
        )
    figure.add_hline(y=0, line={"color": MUTED, "width": 1}, row=2, col=1)
    figure.update_yaxes(title_text="Loss", row=1, col=1)
    figure.update_yaxes(title_text="Gap (tune - train)", row=2, col=1)
    return figure.update_xaxes(title_text="Epoch", row=2, col=1)


def gaps(table: pd.DataFrame, objective: str) -> go.Figure:
    """Score of each model on train and tune, joined by a line.

    `table`: one row a model with the columns model, train and tune.
    """
    figure = empty_figure(shown(objective), "", height=110 + 30 * len(table))
    table = table.sort_values("tune")
    names = [shown(name) for name in table["model"]]
    joined = [value for row in table.itertuples() for value in (row.tune, row.train, None)]
    figure.add_scatter(
        x=joined,
        y=[value for name in names for value in (name, name, None)],
        mode="lines",
        line={"color": "#b8c1cc", "width": 4},
        hoverinfo="skip",
        showlegend=False,
    )
    for partition, symbol, colour in (("train", "circle-open", MUTED), ("tune", "circle", INK)):
        figure.add_scatter(
            x=table[partition],
            y=names,
            name=partition,
            mode="markers",
            marker={"symbol": symbol, "size": 10, "color": colour, "line": {"width": 2}},
            hovertemplate="%{y}: %{x:.4f}",
        )
    return figure
