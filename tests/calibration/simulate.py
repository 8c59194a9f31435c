"""How often verdicts at chance are wrong and intervals cover, by the size of the test set.

Usage: python tests/calibration/simulate.py [simulations [chance | coverage]]

It writes resources/calibration/chance.tsv and coverage.tsv, in some hours on two cores with
1,000 simulations. tests/unit/test_calibration.py runs a few of its rows on fewer simulations.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

FOLDER = Path(__file__).parents[2]
sys.path.insert(0, str(FOLDER / "scripts"))

from deeprules.evaluate.comparison import Comparison  # noqa: E402
from deeprules.statistics.bootstrap import (  # noqa: E402
    BootstrappedScores,
    choose_resampling,
    replicate_weights,
)
from deeprules.statistics.metrics import weighted_scores  # noqa: E402

REPLICATES = 400
MEMBERS = 5
"""Examples of a group, where there are groups."""
WITHIN = 0.6
"""Standard deviation of an example within its group; that of the group itself is 0.8."""
KINDS = {
    "network": "network",
    "baseline": "baseline",
    "baseline2": "baseline",
    "baseline3": "baseline",
    "composition": "nuisance",
    "constant": "nuisance",
}
OBJECTIVES = {"binary": ("auprc", "auroc", "mcc"), "regression": ("r2",)}


@dataclass(frozen=True)
class Design:
    """A test set, and two models on it.

    Attributes
    ----------
    task : `binary` or `regression`
    scarce, other : units of the scarcer class and of the other; of values, their number and 0
    grouped : whether a unit is a group of `MEMBERS` examples of one label
    skill, lead : distance of the class means, in standard deviations (of values, the R2), of the
        second model, and how much more the first one has
    """

    task: str
    scarce: int
    other: int = 0
    grouped: bool = False
    skill: float = 0.0
    lead: float = 0.0


CHANCE = [
    *(Design("binary", n, 91 - n) for n in (1, 2, 3, 5, 8, 10, 15, 20, 30)),
    *(Design("binary", n, n) for n in (5, 8, 10, 15, 20, 30, 50)),
    *(Design("binary", n, n, True) for n in (3, 5, 8, 10, 15, 20)),
    *(Design("binary", n, 4 * n, True) for n in (5, 10, 20)),
    *(Design("regression", n) for n in (5, 10, 20, 30, 50)),
    *(Design("regression", n, 0, True) for n in (5, 10, 20, 30)),
]
COVERAGE = [
    *(
        Design("binary", scarce, other, False, skill, lead)
        for scarce, other in ((10, 90), (20, 20), (30, 30), (30, 270), (50, 50), (100, 100))
        for skill, lead in ((0, 0), (1, 0), (1, 0.5), (2.5, 1))
    ),
    *(
        Design("binary", scarce, other, True, skill)
        for scarce, other in ((10, 10), (10, 40), (20, 20), (40, 40))
        for skill in (0, 1)
    ),
    *(
        Design("regression", n, 0, False, skill, lead)
        for n in (20, 30, 50, 100)
        for skill, lead in ((0, 0), (0.3, 0), (0.6, 0.2))
    ),
    *(Design("regression", n, 0, True, 0.5) for n in (10, 20, 30, 40)),
]


def labels_and_groups(design: Design, random: np.random.Generator):
    """Labels (N,) and groups (N,) or None."""
    members = MEMBERS if design.grouped else 1
    n_units = design.scarce + design.other
    groups = np.repeat(np.arange(n_units), members) if design.grouped else None
    if design.task == "regression":
        return spread(n_units, members, random), groups
    return np.repeat(np.arange(n_units) < design.scarce, members).astype(int), groups


def spread(n_units: int, members: int, random: np.random.Generator) -> np.ndarray:
    """Unit normal values (N,); those of a unit are alike."""
    own = random.normal(size=n_units * members)
    if members == 1:
        return own
    return 0.8 * np.repeat(random.normal(size=n_units), members) + WITHIN * own


def predict(task: str, labels: np.ndarray, noise: np.ndarray, skill: float) -> np.ndarray:
    """Predictions of a model: probabilities (N, 2), or values (N,) with R2 `skill`."""
    if task == "regression":
        return skill * labels + np.sqrt(skill * (1 - skill)) * noise if skill else 0.1 * noise
    positive = stats.norm.cdf(labels * skill + noise - skill / 2)
    return np.column_stack([1 - positive, positive])


def score_all(task, labels, groups, predictions: dict, seed: int) -> BootstrappedScores:
    """What `deeprules.statistics.bootstrap.bootstrap_scores` makes of single fits, in less time."""
    resampling = choose_resampling(task, labels, groups)
    draws = replicate_weights(resampling, REPLICATES, np.random.default_rng(seed))
    weights = np.concatenate([part for _, part in draws])
    points, replicates = {}, {}
    for name, values in predictions.items():
        score = weighted_scores(task, labels, values)
        found = score(np.ones((1, len(labels))))
        points[name] = [{metric: float(value[0]) for metric, value in found.items()}]
        replicates[name, "mean"] = score(weights)
    drawn = dict.fromkeys(predictions, np.zeros(REPLICATES, dtype=int))
    sizes = resampling.n_units, resampling.fewest
    return BootstrappedScores(points, {}, replicates, drawn, *sizes)


def verdicts_at_chance(design: Design, seed: int) -> dict[str, tuple[str, bool]]:
    """{objective: the verdict, and whether the network beats a constant model} at chance."""
    random = np.random.default_rng([seed, design.scarce, design.other])
    labels, groups = labels_and_groups(design, random)
    members, n_units = (MEMBERS if design.grouped else 1), design.scarce + design.other
    common = spread(n_units, members, random)
    predictions = {}
    for name in KINDS:
        noise = np.sqrt(0.5) * (common + spread(n_units, members, random))
        noise = np.zeros_like(noise) if name == "constant" else noise
        if design.task == "regression" and name == "constant":
            noise = noise + 10 * random.normal(0, 1 / np.sqrt(10 * len(labels)))
        predictions[name] = predict(design.task, labels, noise, 0.0)
    scored = score_all(design.task, labels, groups, predictions, seed)
    found = {}
    for objective in OBJECTIVES[design.task]:
        comparison = Comparison(scored, "network", "baseline", "constant", objective, 0.02, KINDS)
        beats = scored.gain("network", "constant", objective).lower > 0
        found[objective] = comparison.decision.verdict, beats
    return found


def intervals(design: Design, seed: int) -> dict[tuple[str, str], tuple[float, float]]:
    """{(objective, `score` or `gain`): bounds} of two models, and of their difference."""
    random = np.random.default_rng([seed, design.scarce, design.other])
    labels, groups = labels_and_groups(design, random)
    members, n_units = (MEMBERS if design.grouped else 1), design.scarce + design.other
    common = spread(n_units, members, random)
    noise = [np.sqrt(0.5) * (common + spread(n_units, members, random)) for _ in range(2)]
    skills = design.skill + design.lead, design.skill
    predictions = {
        name: predict(design.task, labels, one, skill)
        for name, one, skill in zip(("a", "b"), noise, skills, strict=True)
    }
    scored = score_all(design.task, labels, groups, predictions, seed)
    found = {}
    for objective in OBJECTIVES[design.task]:
        score, gain = scored.interval("a", objective), scored.gain("a", "b", objective)
        found[objective, "score"] = score.lower, score.upper
        found[objective, "gain"] = gain.lower, gain.upper
    return found


@cache
def truth(task: str, skill: float, share: float) -> dict[str, float]:
    """Scores of a model on very many examples, `share` of them positive."""
    random = np.random.default_rng(0)
    n = 1_000_000
    labels = random.normal(size=n) if task == "regression" else (np.arange(n) < share * n) * 1
    predictions = predict(task, labels, random.normal(size=n), skill)
    if task == "binary" and skill == 0:
        return {"auprc": share, "auroc": 0.5, "mcc": 0.0}
    found = weighted_scores(task, labels, predictions)(np.ones((1, n)))
    return {name: float(value[0]) for name, value in found.items()}


def chance_rows(design: Design, results: Iterable[dict]) -> list[dict]:
    """Shares of verdicts at chance, a row an objective."""
    results = list(results)
    rows = []
    for objective in OBJECTIVES[design.task]:
        verdicts = pd.Series([one[objective][0] for one in results])
        rows.append(
            {
                **facts(design),
                "objective": objective,
                "not_withheld": (verdicts != "withheld").mean(),
                "network": (verdicts == "network").mean(),
                "beats_constant": np.mean([one[objective][1] for one in results]),
            }
        )
    return rows


def coverage_rows(design: Design, results: Iterable[dict]) -> list[dict]:
    """Share of intervals that hold the truth, or lie above or below it."""
    results = list(results)
    share = design.scarce / (design.scarce + design.other)
    best, worst = (
        truth(design.task, skill, share) for skill in (design.skill + design.lead, design.skill)
    )
    rows = []
    for objective, kind in results[0]:
        true = best[objective] - (worst[objective] if kind == "gain" else 0)
        lower, upper = np.array([one[objective, kind] for one in results]).T
        above, below = np.mean(lower > true + 1e-9), np.mean(upper < true - 1e-9)
        rows.append(
            {
                **facts(design),
                "skill": design.skill,
                "lead": design.lead,
                "objective": objective,
                "of": kind,
                "true": true,
                "covered": 1 - above - below,
                "above": above,
                "below": below,
            }
        )
    return rows


def facts(design: Design) -> dict:
    """What every row says of its design."""
    unit = "group" if design.grouped else "example"
    return {"task": design.task, "unit": unit, "scarce": design.scarce, "other": design.other}


def main(simulations: int, names: Iterable[str]) -> None:
    """Simulate, and write the named tables, or both."""
    folder = FOLDER / "resources" / "calibration"
    jobs = {
        "chance": (CHANCE, verdicts_at_chance, chance_rows),
        "coverage": (COVERAGE, intervals, coverage_rows),
    }
    with Pool(2) as pool:
        for name in names or jobs:
            designs, simulate, summarise = jobs[name]
            rows = []
            for design in designs:
                results = pool.map(partial(simulate, design), range(simulations), chunksize=20)
                rows += summarise(design, results)
                table = pd.DataFrame(rows).assign(simulations=simulations)
                table.to_csv(folder / f"{name}.tsv", sep="\t", index=False, float_format="%.4g")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, sys.argv[2:])
