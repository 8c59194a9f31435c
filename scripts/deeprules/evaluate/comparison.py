"""Paired comparison of networks with baselines, and the decision drawn from it.

A gain is the score of one model less that of another on the same bootstrap replicates, turned so
that positive means better.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from deeprules.statistics.bootstrap import BootstrappedScores
from deeprules.statistics.intervals import Interval
from deeprules.statistics.metrics import smallest_gain

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
class Decision:
    """The verdict, and the two questions that it answers apart from each other.

    Attributes
    ----------
    verdict : `network`, `baseline`, `no_difference` or `withheld`
    difference_shown : whether the network predicts better: `better`, `worse` or `not_shown`; None
        where nothing was compared
    worth_it : whether its gain reaches the smallest one worth it: `yes`, `no` or `open`; None
        where nothing was compared
    """

    verdict: str
    difference_shown: str | None = None
    worth_it: str | None = None


@dataclass(frozen=True)
class Comparison:
    """The chosen network against every baseline, every network against the chosen baseline, and
    both chosen models against every nuisance baseline.

    The models were chosen on tune, which can choose wrongly: what is said of one side has to hold
    against all of the other. A claim that needs each of several intervals to lie on one side of a
    bound is wrong no more often than any of them alone (intersection-union test, Berger 1982,
    Technometrics 24:295), so nothing is paid for their number.

    Attributes
    ----------
    scored : scores and replicates of all models
    network, baseline, nuisance : the models chosen on tune; None for what was not entered
    metric : the objective
    minimum_gain : smallest gain that is worth a network, as
        `deeprules.statistics.metrics.smallest_gain` takes it
    kinds : {model: `network`, `baseline` or `nuisance`} of all models
    too_small : why the test set is too small for a verdict; empty if it is not
    """

    scored: BootstrappedScores
    network: str | None
    baseline: str | None
    nuisance: str | None
    metric: str
    minimum_gain: float | Mapping[str, float]
    kinds: Mapping[str, str]
    too_small: str = ""

    @cached_property
    def gain(self) -> Interval | None:
        """Gain of the network over the baseline; None if either was not entered."""
        return self.over_baselines.get(self.baseline)

    @cached_property
    def over_baselines(self) -> dict[str, Interval]:
        """{baseline: gain of the chosen network over it}, the chosen baseline first."""
        if not (self.network and self.baseline):
            return {}
        return {name: self._gain(self.network, name) for name in self._of_kind("baseline")}

    @cached_property
    def of_networks(self) -> dict[str, Interval]:
        """{network: its gain over the chosen baseline}, the chosen network first."""
        if not (self.network and self.baseline):
            return {}
        return {name: self._gain(name, self.baseline) for name in self._of_kind("network")}

    @cached_property
    def over_nuisances(self) -> dict[str, dict[str, Interval]]:
        """{model: {nuisance baseline: gain over it}} of the chosen network and baseline."""
        return {
            name: {floor: self._gain(name, floor) for floor in self._of_kind("nuisance")}
            for name in (self.network, self.baseline)
            if name
        }

    def hardest_nuisance(self, model: str) -> tuple[str | None, Interval | None]:
        """The nuisance baseline that a model beats by least, and the gain over it."""
        margins = self.over_nuisances[model]
        if not margins:
            return None, None
        return min(margins.items(), key=lambda item: np.nan_to_num(item[1].lower, nan=-np.inf))

    def is_better(self, model: str) -> bool:
        """Whether a model beats every nuisance baseline with 95% confidence (or there is none)."""
        return all(margin.lower > 0 for margin in self.over_nuisances[model].values())

    def least(self, baseline: str) -> float:
        """Smallest gain over a baseline that is worth a network."""
        return smallest_gain(self.minimum_gain, self.scored.value(baseline, self.metric))

    @property
    def unbeaten(self) -> list[str]:
        """Baselines over which the network's gain is not shown, or is smaller than worth it."""
        return [
            name
            for name, gain in self.over_baselines.items()
            if not (gain.lower > 0 and gain.value >= self.least(name))
        ]

    @property
    def rivals(self) -> list[str]:
        """Networks not chosen on tune whose gain over the baseline may be worth it."""
        return [
            name
            for name, gain in self.of_networks.items()
            if name != self.network and not gain.upper < self.least(self.baseline)
        ]

    @property
    def decision(self) -> Decision:
        """What `decide` makes of it."""
        if self.too_small:
            return Decision("withheld")
        return decide(
            self.gain,
            self.is_better(self.network) if self.network else None,
            self.is_better(self.baseline) if self.baseline else None,
            self.least(self.baseline) if self.baseline else np.nan,
            [(gain, self.least(name)) for name, gain in self.over_baselines.items()],
            self.of_networks.values(),
        )

    def _gain(self, model: str, versus: str) -> Interval:
        return self.scored.gain(model, versus, self.metric)

    def _of_kind(self, kind: str) -> list[str]:
        """Models of a kind, the chosen one first."""
        names = [name for name, found in self.kinds.items() if found == kind]
        return sorted(names, key=lambda name: name != getattr(self, kind))


def decide(
    gain: Interval | None,
    network_is_better: bool | None,
    baseline_is_better: bool | None,
    minimum_gain: float,
    over_baselines: Iterable[tuple[Interval, float]] = (),
    of_networks: Iterable[Interval] = (),
) -> Decision:
    """The verdict, and what it answers.

    Parameters
    ----------
    gain : gain of the chosen network over the chosen baseline; None if either was not entered
    network_is_better, baseline_is_better : whether each beats every nuisance baseline with 95%
        confidence; None for what was not entered
    minimum_gain : smallest gain over the chosen baseline that is worth a network
    over_baselines : gains of the chosen network over other baselines, and the smallest one over
        each that is worth a network
    of_networks : gains of other networks over the chosen baseline

    Returns
    -------
    The network is `better` if its gain over each baseline is above 0 with 95% confidence and it
    beats the nuisance baselines, `worse` if its gain over the chosen baseline is below 0 with 95%
    confidence. That is worth it (`yes`) if it is better and each gain is at least the smallest one
    worth it, and not (`no`) if that of each network over the chosen baseline is below it with 95%
    confidence. The verdict is

    - `withheld` if there is no baseline to compare with, if neither side beats the nuisance
      baselines, or if the gain has no interval;
    - `network` if it is worth it;
    - `baseline` if no network was entered, or if none is worth it and the baseline beats the
      nuisance baselines;
    - `no_difference` otherwise.
    """
    if baseline_is_better is None or not (network_is_better or baseline_is_better):
        return Decision("withheld")
    if network_is_better is None:
        return Decision("baseline")
    if np.isnan(gain.lower):
        return Decision("withheld")
    each = [(gain, minimum_gain), *over_baselines]
    if network_is_better and all(one.lower > 0 for one, _ in each):
        shown = "better"
    else:
        shown = "worse" if gain.upper < 0 else "not_shown"
    if shown == "better" and all(one.value >= least for one, least in each):
        return Decision("network", shown, "yes")
    if all(one.upper < minimum_gain for one in (gain, *of_networks)):
        return Decision("baseline" if baseline_is_better else "no_difference", shown, "no")
    return Decision("no_difference", shown, "open")
