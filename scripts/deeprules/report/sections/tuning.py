"""The search of hyperparameters: trials, chosen settings, and users' tools among the baselines."""

import json
from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.conclude.effort import trial_budget
from deeprules.report.figures import Figure, empty_figure, model_colours, model_line
from deeprules.report.parallel_coordinates import parallel_coordinates
from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.seen import searches_seen
from deeprules.report.tables import Table, shown, table
from deeprules.wording import EMPTY, format_setting

MANY_FAILED = 0.25
TOOL = {
    "command": ("scoring command", EMPTY),
    "train_command": ("training command", "none: it is not trained"),
    "version": ("version", "not asked for"),
    "environment": ("environment", "none: as on PATH"),
    "files": ("files and their SHA-256", EMPTY),
}
"""What is known of a tool: the column's title, and what stands there if it is not known."""


def section(results: Results) -> Section:
    """One search for all models, and what came of it."""
    tools = tools_of(results)
    return Section(
        "Tuning",
        _lead(results),
        findings=[_equal(results), *_tools(tools), *_recorded(results)],
        tables={
            "tuning": _search_table(results),
            "tools": _tool_table(tools),
            "trials": _trial_table(results),
        },
        figures=_figures(results),
    )


def _lead(results: Results) -> str:
    tuning = results.config["tuning"]
    trials = "one trial" if tuning["trials"] == 1 else f"up to {tuning['trials']} trials"
    budget = f"{trials} a model"
    if tuning["strategy"] == "hyperband":
        budget = "whose number of trials follows from the most epochs"
    return (
        f"One search for networks and baselines alike: {tuning['strategy']} search, {budget}, "
        f"scored by {shown(results.objective)} on tune. A model with fewer settings to try has "
        "fewer trials."
    )


def _equal(results: Results) -> Check:
    """Whether every model had the same search."""
    if "baseline" not in results.kinds.values():
        return Check(2, "fail", "No baseline was tuned.")
    strategies, objectives = (
        {best[name] for best in results.searches.values()} for name in ("strategy", "objective")
    )
    if len(strategies) > 1 or len(objectives) > 1:
        used = ", ".join(sorted(strategies | objectives))
        return Check(2, "fail", f"Models were not tuned alike: {used}.")
    counts = results.trials.groupby("model", sort=False).size()
    (strategy,), (objective,) = strategies, objectives
    is_open = strategy == "hyperband"
    budget = trial_budget(results.trials, None if is_open else results.config["tuning"]["trials"])
    wanted = f"{budget.wanted} trial{'s' * (budget.wanted != 1)}"
    if budget.cut:
        text = f"Not every model had {wanted}: {_counted(counts.loc[budget.cut])}."
        return Check(2, "fail", text)
    if set(counts.index) != set(results.kinds):
        return Check(2, "fail", "Some models have no recorded trials.")
    text = (
        f"All {len(counts)} models were tuned alike: {strategy} search, "
        f"{'up to ' if budget.short else ''}{wanted}, {shown(objective)} on tune"
    )
    if budget.short:
        text += f"; with fewer settings than that to try: {_counted(counts.loc[budget.short])}"
    return Check(2, "pass", f"{text}.")


def _recorded(results: Results) -> list[Check]:
    """Recorded trials of networks and baselines that did not fail."""
    networks = results.trials[results.trials["kind"] == "network"]
    if networks.empty:
        return [Check(6, "fail", "No trial of a network is recorded.")]
    trials = results.trials[results.trials["kind"] != "nuisance"]
    counts = _counted(trials.groupby("model", sort=False).size())
    failed = (networks["status"] == "failed").mean()
    text = f"All trials are recorded: {counts}; the objective is measured on tune alone."
    found = [Check(6, "pass", text)]
    if failed > MANY_FAILED:
        found.append(Check(6, "warn", f"{failed:.0%} of the networks' trials failed."))
    return found


def _counted(counts: pd.Series) -> str:
    """Models with a number each."""
    return ", ".join(f"`{model}` ({n})" for model, n in counts.items())


def _search_table(results: Results) -> Table:
    """The search of each model: its trials, best score and chosen hyperparameters."""
    return table(
        "Searches and chosen hyperparameters",
        "results/tune/<model>/best.yaml",
        [results.searches[name] for name in results.kinds if name in results.searches],
        "model kind strategy trials_completed trials_failed score hyperparameters",
        {
            "trials_completed": "completed",
            "trials_failed": "failed",
            "score": f"best {shown(results.objective)} on tune",
            "hyperparameters": "chosen hyperparameters",
        },
        scores=["score"],
        hyperparameters=_hyperparameters,
    )


def _trial_table(results: Results) -> Table:
    """All trials of all models."""
    return table(
        f"All trials; scores are {shown(results.objective)}",
        "results/tune/trials.tsv",
        results.trials.fillna({"message": ""}),
        "model kind trial status score train_score epochs seconds hyperparameters message",
        {"score": "tune", "train_score": "train"},
        scores=["score", "train_score"],
        hyperparameters=lambda value: _hyperparameters(json.loads(value)),
    )


def _hyperparameters(values: dict) -> str:
    written = ", ".join(f"{name} {format_setting(value)}" for name, value in values.items())
    return written or "none to choose"


def tools_of(results: Results) -> dict[str, dict]:
    """What is known of the user's tool that a model runs, by model."""
    settings = {model: fit["settings"] for model, fit in results.fit_settings.items()}
    return {
        model: {key: facts[f"tool__{key}"] for key in TOOL}
        for model, facts in settings.items()
        if "tool__command" in facts
    }


def _tools(tools: dict[str, dict]) -> list[Check]:
    """That established tools were entered, where they were."""
    named = [
        f"`{model}`" + (f" ({facts['version']})" if facts["version"] else "")
        for model, facts in tools.items()
    ]
    text = "Tools of your own stand among the baselines, tuned and tested alike: "
    return [Check(2, "pass", f"{text}{', '.join(named)}.")] if named else []


def _tool_table(tools: dict[str, dict]) -> Table:
    """The commands of each tool, and what identifies it."""
    rows = [
        {"model": model} | {TOOL[key][0]: facts[key] or TOOL[key][1] for key in TOOL}
        for model, facts in tools.items()
    ]
    return table(
        "Commands of these tools",
        "results/tools/<model>.json",
        rows,
        note="What is in braces is filled in for each job. Scores that are no probabilities "
        "passed through a logistic map fitted on train.",
    )


def _figures(results: Results) -> dict[str, Figure]:
    objective, trials, file = results.objective, results.trials, "results/tune/trials.tsv"
    searched = {
        shown(model): partial(parallel_coordinates, trials[trials["model"] == model], objective)
        for model in results.kinds
        if results.searches[model]["hyperparameters"]
        and results.searches[model]["trials_completed"] > 1
    }
    return {
        "best_so_far": Figure(
            "Progress of the search",
            file,
            "Best score on tune after each trial. Networks are thick, nuisance baselines dotted, "
            "failed trials crossed.",
            {"": partial(best_so_far, trials, results.kinds, objective)},
            finding=searches_seen(results),
        ),
        "parallel": Figure(
            "Hyperparameters and score",
            file,
            "A line is a trial; darker means a better score on tune, and the best trial is orange.",
            searched,
            "Model",
            finding=_best_settings(results),
        ),
    }


def _best_settings(results: Results) -> str:
    """Hyperparameters of the best trial of each model that is compared."""
    names = [name for kind, name in results.chosen.items() if kind != "nuisance"]
    each = [
        f"{shown(name)}: {_hyperparameters(results.searches[name]['hyperparameters'])}"
        for name in names
    ]
    return f"Best trials. {'; '.join(each)}."


def best_so_far(trials: pd.DataFrame, kinds: dict[str, str], objective: str) -> go.Figure:
    """Best score on tune up to each trial, a line a model; crosses mark failed trials."""
    figure = empty_figure("Trial", f"Best {shown(objective)} on tune so far", height=440)
    most = trials.groupby("model").size().max()
    figure.update_xaxes(tick0=1, dtick=max(1, round(most / 10)))
    colours = model_colours(kinds)
    for model, rows in trials.groupby("model", sort=False):
        rows = rows.reset_index(drop=True)
        best, number = rows["score"].cummax().ffill(), rows.index + 1
        figure.add_scatter(
            x=number,
            y=best,
            name=shown(model),
            legendgroup=model,
            mode="lines+markers",
            line=model_line(colours[model], kinds[model]) | {"shape": "hv"},
            marker_size=4,
            customdata=rows["score"],
            hovertemplate="trial %{x}: best %{y:.4f}, this one %{customdata:.4f}",
        )
        failed = rows["status"] == "failed"
        if failed.any():
            figure.add_scatter(
                x=number[failed],
                y=best.bfill()[failed],
                name=f"{shown(model)}: failed",
                legendgroup=model,
                showlegend=False,
                mode="markers",
                marker={"symbol": "x", "size": 10, "color": "#b3261e"},
                text=rows.loc[failed, "message"].fillna("no message"),
                hovertemplate="trial %{x} failed: %{text}<extra></extra>",
            )
    return figure
