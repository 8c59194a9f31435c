"""Several labels on test: scores and a verdict for each, and whether it pays to train them jointly.

Each label is judged as a study of its own would be, on the examples of which it is known. As there
are several, the difference between the chosen network and the chosen baseline is also tested, and
its p value adjusted over labels by Holm's method: a verdict that says one of them predicts better
and does not hold then is not shown.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from deeprules.data import Partition
from deeprules.evaluate.comparison import Comparison
from deeprules.evaluate.smallest_test import too_small
from deeprules.evaluate.verdict import verdict_record
from deeprules.files import finite_or_none
from deeprules.fit.label_by_label import known_of_each
from deeprules.seeds import derived_seed
from deeprules.statistics.bootstrap import (
    BootstrappedScores,
    bootstrap_scores,
    choose_resampling,
)
from deeprules.statistics.intervals import Interval
from deeprules.statistics.metrics import METRIC_LABELS, metrics_of
from deeprules.statistics.predictions import of_label
from deeprules.statistics.significance import holm_adjusted
from deeprules.tasks import LABEL_WEIGHTS, predicts_values, task_of
from deeprules.wording import format_interval, format_number, interval_fields

MAX_REPLICATES = 1000
DRAW = 9
"""What numbers the seeds of the replicates of each label."""
LEVEL = 0.05
COLUMNS = ["name", "model", "kind", "metric", "n", "present", "value", "lower", "upper"]
HELPS = {
    "helps": "Joint training helps",
    "hurts": "Joint training hurts",
    "no_difference": "No difference of joint training is shown",
}

BUDGET = (
    "Both have the same budget: as many trials of the same space, and in a fit at most as many "
    "examples seen, all networks of it together. As {:.3g} labels are known of a training example "
    "in the mean, a network that predicts all may train for so many times `tuning: max_epochs`; "
    "each stops once its loss on tune no longer falls."
)


def judge_labels(
    train: Partition,
    test: Partition,
    fits: Mapping[str, Sequence[np.ndarray]],
    frozen: Mapping,
    scored: BootstrappedScores,
    settings,
    twins: Sequence[tuple[str, str]] = (),
) -> dict[str, pd.DataFrame | dict]:
    """Scores and verdicts by label, and what joint training gains.

    Parameters
    ----------
    train : of which the labels are counted
    test : the opened partition
    fits : {model: predictions (N, T) of each fit}
    frozen : content of `frozen.json`
    scored : of all labels together, as the verdict on all is drawn from
    settings : `deeprules.evaluate.evaluation.Settings`
    twins : a network that predicts all labels, and the same trained for each alone

    Returns
    -------
    The table label_scores (`COLUMNS`; a row a label, model and metric) and the dictionary
    label_verdicts: objective, labels (for each: name, known and present in train and test, the
    verdict as `verdict_record` says it, p_value, adjusted, holds, sentence), joint (for each
    pair: joint, alone, found (`helps`, `hurts`, `no_difference`), sentence, the gain with its
    interval, and labels: name, train, difference, lower, upper, p_value, adjusted) and budget, what
    both sides of such a pair could spend.
    """
    kinds = {name: model["kind"] for name, model in frozen["models"].items()}
    each = [_score(test, fits, number, settings) for number in range(len(test.dataset.labels))]
    rows, labels = [], []
    for number, (name, (resampling, one)) in enumerate(zip(test.dataset.labels, each, strict=True)):
        task = task_of(test.dataset.task, number)
        counts = {
            part: _counts(values.labels[:, number], task)
            for part, values in (("train", train), ("test", test))
        }
        rows += _rows(name, one, kinds, counts["test"])
        labels.append({"name": name, "train": counts["train"], "test": counts["test"]})
        labels[-1] |= _verdict(task, one, resampling, frozen["chosen"], kinds, settings)
    _adjust(labels)
    for label in labels:
        label["holds"] = _holds(label)
    counted = {label["name"]: label["train"] for label in labels}
    scores = {name: one for name, (_, one) in zip(test.dataset.labels, each, strict=True)}
    return {
        "label_scores": pd.DataFrame(rows, columns=COLUMNS),
        "label_verdicts": {
            "objective": settings.objective,
            "labels": labels,
            "joint": [_joint(pair, scored, scores, counted, settings.objective) for pair in twins],
            "budget": BUDGET.format(known_of_each(train.labels)),
        },
    }


def twins_of(entries: Mapping[str, Mapping]) -> list[tuple[str, str]]:
    """Each network that predicts all labels with the one of its module that is trained alone.

    Parameters
    ----------
    entries : {model: its `kind`, `module`, `alone` and `space`}
    """
    networks = {name: one for name, one in entries.items() if one["kind"] == "network"}
    return [
        (joint, alone)
        for joint, mine in networks.items()
        for alone, other in networks.items()
        if not mine["alone"]
        and other["alone"]
        and mine["module"] == other["module"]
        and {**mine["space"], LABEL_WEIGHTS: None} == {**other["space"], LABEL_WEIGHTS: None}
    ]


def _score(test, fits, number, settings):
    """Resampling and bootstrapped scores of one label."""
    several, task = test.dataset.task, task_of(test.dataset.task, number)
    known, truth, _ = of_label(several, test.labels, test.labels, number)
    groups = test.groups[known] if test.dataset.has_group else None
    resampling = choose_resampling(task, truth, groups)
    predictions = {
        name: [of_label(several, test.labels, one, number)[2] for one in found]
        for name, found in fits.items()
    }
    replicates = min(settings.bootstrap, MAX_REPLICATES)
    seed = derived_seed(settings.seed, DRAW, number)
    # A score of labels of both kinds is one of each of them too.
    names = tuple(dict.fromkeys((*metrics_of(task), *metrics_of(several))))
    asked = task, truth, predictions, resampling, replicates, seed
    return resampling, bootstrap_scores(*asked, names)


def _counts(values: np.ndarray, task: str) -> dict[str, int | None]:
    known = np.isfinite(values)
    present = None if predicts_values(task) else int((values == 1).sum())
    return {"known": int(known.sum()), "present": present}


def _rows(name, one, kinds, counts) -> list[list]:
    """Rows of `label_scores` of one label."""
    rows = []
    for model, kind in kinds.items():
        for metric in one.points[model][0]:
            found = one.interval(model, metric)
            numbers = [found.value, found.lower, found.upper]
            rows.append([name, model, kind, metric, counts["known"], counts["present"], *numbers])
    return rows


def _verdict(task, one, resampling, chosen, kinds, settings) -> dict:
    """The verdict on one label by itself."""
    small = too_small(task, resampling)
    comparison = Comparison(
        one,
        **chosen,
        metric=settings.objective,
        minimum_gain=settings.minimum_gain,
        kinds=kinds,
        too_small=small,
    )
    record = verdict_record(comparison)
    kept = ("verdict", "difference_shown", "worth_it", "sentence", "difference", "lower", "upper")
    p_value = np.nan
    if chosen["network"] and chosen["baseline"] and not small:
        p_value = one.p_value(chosen["network"], chosen["baseline"], settings.objective)
    return {**{key: record[key] for key in kept}, "p_value": finite_or_none(p_value)}


def _adjust(labels: list[dict]) -> None:
    """Add p values adjusted over labels."""
    p_values = np.array([label["p_value"] for label in labels], dtype=np.float64)
    for label, adjusted in zip(labels, holm_adjusted(p_values), strict=True):
        label["adjusted"] = finite_or_none(adjusted)


def _holds(label: dict) -> bool:
    """Whether a verdict that rests on a difference stands with as many labels as there are."""
    if label["difference_shown"] not in ("better", "worse"):
        return True
    return label["adjusted"] is not None and label["adjusted"] < LEVEL


def _joint(pair, scored, scores, counted, objective) -> dict:
    """What a network gains by predicting all labels, in all and by label."""
    joint, alone = pair
    gain = scored.gain(joint, alone, objective)
    found = "no_difference"
    if gain.lower > 0 or gain.upper < 0:
        found = "helps" if gain.lower > 0 else "hurts"
    labels = []
    for name, one in scores.items():
        p_value = one.p_value(joint, alone, objective)
        facts = {"name": name, "train": counted[name]["known"], "p_value": finite_or_none(p_value)}
        labels.append(facts | interval_fields("", one.gain(joint, alone, objective)))
    _adjust(labels)
    return {
        "joint": joint,
        "alone": alone,
        "found": found,
        **interval_fields("", gain),
        "labels": labels,
        "sentence": _joint_sentence(joint, alone, found, gain, labels, scored, objective),
    }


def _joint_sentence(joint, alone, found, gain: Interval, labels, scored, objective: str) -> str:
    """What joint training does, in words."""
    scores = [format_number(scored.value(name, objective)) for name in (joint, alone)]
    told = [one for one in labels if one["adjusted"] is not None and one["adjusted"] < LEVEL]
    better = sum(one["difference"] > 0 for one in told)
    return (
        f"{HELPS[found]}: mean {METRIC_LABELS[objective]} over {len(labels)} labels {scores[0]} of "
        f"`{joint}`, which predicts all, against {scores[1]} of `{alone}`, which is trained for "
        f"each alone, gain {format_interval(gain)}. With p adjusted for their number, "
        f"{better} are predicted better and {len(told) - better} worse."
    )
