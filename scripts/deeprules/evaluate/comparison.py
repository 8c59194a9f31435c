"""Paired comparison of networks with baselines, and the decision drawn from it.

A gain is the score of one model less that of another on the same bootstrap replicates, turned so
that positive means better.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from deeprules.evaluate.bootstrap import BootstrappedScores, Interval

COLUMNS = [
    "network",
    "versus",
    "versus_kind",
    "metric",
    "difference",
    "lower",
    "upper",
    "replicates",
]


def comparison_table(
    scored: BootstrappedScores, kinds: dict[str, str], twins: Sequence[tuple[str, str]] = ()
) -> pd.DataFrame:
    """Gain of every network over every baseline and nuisance baseline, in every metric.

    Parameters
    ----------
    scored : scores and replicates of all models
    kinds : {model: `network`, `baseline` or `nuisance`}
    twins : pairs of networks to compare as well: one that uses a pretrained model, and its twin
        trained from scratch

    Returns
    -------
    One row a pair and metric: network, versus, versus_kind, metric, difference (positive: the
    network is better), lower, upper, replicates (those in which both scores are defined).
    """
    networks = [name for name, kind in kinds.items() if kind == "network"]
    others = [name for name, kind in kinds.items() if kind != "network"]
    rows = []
    for network, versus in [*product(networks, others), *twins]:
        for metric in scored.ensembles[network]:
            gain = scored.gain(network, versus, metric)
            bounds = [gain.value, gain.lower, gain.upper, gain.replicates]
            rows.append([network, versus, kinds[versus], metric, *bounds])
    return pd.DataFrame(rows, columns=COLUMNS)


@dataclass(frozen=True)
class Comparison:
    """The chosen network against the chosen baseline, and both against the nuisance baseline.

    Attributes
    ----------
    scored : scores and replicates of all models
    network, baseline, nuisance : the models chosen on tune; None for what was not entered
    metric : the objective
    minimum_gain : smallest gain that is worth a network
    """

    scored: BootstrappedScores
    network: str | None
    baseline: str | None
    nuisance: str | None
    metric: str
    minimum_gain: float

    @cached_property
    def gain(self) -> Interval | None:
        """Gain of the network over the baseline; None if either was not entered."""
        if not (self.network and self.baseline):
            return None
        return self.scored.gain(self.network, self.baseline, self.metric)

    @cached_property
    def over_nuisance(self) -> dict[str, Interval | None]:
        """{model: gain over the nuisance baseline, None if there is none} of both that entered."""
        return {
            name: self.scored.gain(name, self.nuisance, self.metric) if self.nuisance else None
            for name in (self.network, self.baseline)
            if name
        }

    def is_better(self, model: str) -> bool:
        """Whether a model beats the nuisance baseline with 95% confidence (or there is none)."""
        margin = self.over_nuisance[model]
        return margin is None or margin.lower > 0

    @property
    def decision(self) -> str:
        """`network`, `baseline`, `no_difference` or `withheld` (see `decide`)."""
        return decide(
            self.gain,
            self.is_better(self.network) if self.network else None,
            self.is_better(self.baseline) if self.baseline else None,
            self.minimum_gain,
        )


def decide(
    gain: Interval | None,
    network_is_better: bool | None,
    baseline_is_better: bool | None,
    minimum_gain: float,
) -> str:
    """The verdict: `network`, `baseline`, `no_difference` or `withheld`.

    Parameters
    ----------
    gain : gain of the network over the baseline; None if either was not entered
    network_is_better, baseline_is_better : whether each beats the nuisance baseline with 95%
        confidence; None for what was not entered
    minimum_gain : smallest gain that is worth a network

    Returns
    -------
    - `withheld` if there is no baseline to compare with, if neither side beats the nuisance
      baseline, or if the gain has no interval;
    - `network` if its gain is above 0 with 95% confidence and at least `minimum_gain`, and it
      beats the nuisance baseline;
    - `baseline` if no network was entered or the gain is below `minimum_gain` with 95% confidence;
    - `no_difference` otherwise.
    """
    if baseline_is_better is None or not (network_is_better or baseline_is_better):
        return "withheld"
    if network_is_better is None:
        return "baseline"
    if np.isnan(gain.lower):
        return "withheld"
    if gain.lower > 0 and gain.value >= minimum_gain and network_is_better:
        return "network"
    return "baseline" if gain.upper < minimum_gain else "no_difference"
