"""How many trials each model had, and was to have."""

from deeprules.conclude.effort import TrialBudget, trial_budget
from deeprules.report.results import Results


def searched(results: Results) -> TrialBudget:
    """Trials that each model of a run was to have, and models with fewer."""
    strategies = {best["strategy"] for best in results.best.values()}
    is_open = strategies == {"hyperband"}
    return trial_budget(results.trials, None if is_open else results.config["tuning"]["trials"])


def in_trials(n: int) -> str:
    """A number of trials in words that agree."""
    return "1 trial" if n == 1 else f"{n} trials"


def listed(counts) -> str:
    """Models with a number each."""
    return ", ".join(f"`{model}` ({n})" for model, n in counts.items())
