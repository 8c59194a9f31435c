"""How many trials each model had, and was to have."""

import json

import pandas as pd

from deeprules.report.results import Results


def trial_budget(results: Results, counts: pd.Series) -> tuple[int, list[str], list[str]]:
    """Trials that each model was to have, models with fewer, and those among them cut short.

    A space smaller than the budget ends a search early and is no cut. Hyperband has no budget of
    trials; its largest search stands for it.
    """
    strategies = {best["strategy"] for best in results.best.values()}
    budget = counts.max()
    if strategies != {"hyperband"}:
        budget = results.config["tuning"]["trials"]
    short = [model for model, n in counts.items() if n < budget]
    return budget, short, [model for model in short if _space_seen(results, model) > budget]


def in_trials(n: int) -> str:
    """A number of trials in words that agree."""
    return "1 trial" if n == 1 else f"{n} trials"


def listed(counts) -> str:
    """Models with a number each."""
    return ", ".join(f"`{model}` ({n})" for model, n in counts.items())


def _space_seen(results: Results, model: str) -> int:
    """Combinations of the hyperparameter values that a model's trials have used."""
    rows = results.trials.loc[results.trials["model"] == model, "hyperparameters"]
    values: dict[str, set] = {}
    for row in rows:
        for name, value in json.loads(row).items():
            if not name.startswith("tuner/"):
                values.setdefault(name, set()).add(value)
    size = 1
    for seen in values.values():
        size *= len(seen)
    return size
