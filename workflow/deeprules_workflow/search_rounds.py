"""How the trials of a search are shared out among jobs, known before anything runs."""

import math
from collections.abc import Mapping

FACTOR = 3
"""Of Hyperband: a rung has so many times the trials of the next one, each for as much less time."""


def jobs_of_rounds(tuning: Mapping) -> list[int]:
    """Jobs of each round of a search; none where one worker runs all trials in a single job.

    Parameters
    ----------
    tuning : `tuning` of the configuration

    Returns
    -------
    Random and grid search have one round, Hyperband one for each rung of each bracket, and
    Bayesian optimisation one for as many trials as there are workers. No round has more jobs than
    trials.
    """
    workers, trials = tuning["workers"], tuning["trials"]
    if workers == 1:
        return []
    if tuning["strategy"] == "hyperband":
        sizes = rungs(tuning["max_epochs"])
    elif tuning["strategy"] == "bayesian":
        sizes = [min(workers, trials - start) for start in range(0, trials, workers)]
    else:
        sizes = [trials]
    return [min(workers, size) for size in sizes]


def rungs(max_epochs: int) -> list[int]:
    """Trials of each rung of Hyperband, from the widest bracket on (Li et al. 2018).

    As many as Keras Tuner gives them, which rounds up.
    """
    brackets, epochs = 0, max_epochs
    while epochs >= 1:
        brackets, epochs = brackets + 1, epochs / FACTOR
    end = math.ceil(1 + math.log(max_epochs, FACTOR))
    return [
        math.ceil(end / (bracket + 1) * FACTOR ** (bracket - rung))
        for bracket in reversed(range(brackets))
        for rung in range(bracket + 1)
    ]
