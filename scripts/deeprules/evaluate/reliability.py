"""Where the chosen models fail and how far a single prediction can be trusted.

Part of the single evaluation: test predictions are already made. Similarity, calibration and
neighbours are learnt from train and tune alone.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from deeprules.data import Partition
from deeprules.evaluate.confidence import Calibration, DeepNeighbours, calibration_scores
from deeprules.evaluate.shift import less_similar, shift_cautions
from deeprules.evaluate.similarity import MAX_TRAIN, sampled_rows
from deeprules.evaluate.slice_scores import Scored
from deeprules.evaluate.slices_of_parts import (
    MAX_EXAMPLES,
    MAX_REPLICATES,
    group_numbers,
    of_each_label,
    slices_of_parts,
)
from deeprules.evaluate.subgroup_summary import summarise_subgroups
from deeprules.evaluate.subgroups import adjusted_by_model, subgroup_slices, subgroup_table
from deeprules.seeds import derived_seed
from deeprules.statistics.bootstrap import choose_resampling, replicate_weights
from deeprules.statistics.intervals import percentile_interval
from deeprules.statistics.metrics import metric_of_one, weighted_scores
from deeprules.statistics.risk_coverage import RiskCoverage, risk_summary

PROBABILITIES = ("largest_probability", "calibrated_probability")
CONFIDENCE_COLUMNS = ["model", "kind", "confidence", "metric", "value", "lower", "upper"]
CURVE_COLUMNS = ["model", "kind", "confidence", "coverage", "error"]
EXAMPLE_COLUMNS = ["id", "label", "model", "predicted", *PROBABILITIES, "neighbours"]


def examine_test(
    development: tuple[Partition, Partition] | None,
    test: Partition,
    tune_predictions: Mapping[str, Sequence[np.ndarray]],
    predictions: Mapping[str, Mapping[str, np.ndarray]],
    frozen: dict,
    load: Callable[[str], object],
    settings,
    hidden: Callable | None = None,
) -> dict[str, pd.DataFrame | dict]:
    """Scores in slices, and confidence of single predictions, of the chosen network and baseline.

    Parameters
    ----------
    development : train and tune; without them nothing is examined
    test : the opened partition
    tune_predictions : {model: predictions of tune (N, C) or (N,) of each fit}
    predictions : {model: {seed: predictions of test (N, C) or (N,)}}
    frozen : content of `frozen.json`
    load : from a model file to an object with `predict(features, examples)`
    settings : `deeprules.evaluate.evaluation.Settings`
    hidden : from a network and features to the outputs of its last hidden layer (N, D);
        `deeprules.fit.hidden_layer.hidden_outputs` if left out

    Returns
    -------
    Tables slices, confidence, risk_coverage, example_confidence; dictionary slice_summary; and
    under `cautions` a list of what differs between tune and test. The
    three tables of confidence are headers alone for a regression. Where the data have subgroups,
    the table subgroups and the dictionary subgroup_summary, of all models but nuisance baselines.
    """
    if development is None:
        return {}
    train, tune = development
    kinds = {frozen["chosen"][kind]: kind for kind in ("network", "baseline")}
    kinds.pop(None, None)
    on_tune = {name: np.mean(tune_predictions[name], axis=0) for name in kinds}
    on_test = {name: np.mean(list(predictions[name].values()), axis=0) for name in kinds}
    parts = {"tune": (tune, on_tune), "test": (test, on_test)}
    results, nearest = slices_of_parts(train, parts, kinds, settings)
    if test.dataset.subgroups:
        results |= _subgroups(development, test, tune_predictions, predictions, frozen, settings)
    if test.dataset.has_several_labels:
        results["cautions"] = [*less_similar(*nearest["tune"], *nearest["test"])]
        return results | _collected([], [], [])
    seed = derived_seed(settings.seed, 7)
    cautions = shift_cautions(parts, nearest, settings.objective, settings.bootstrap, seed)
    results["cautions"] = cautions
    if not test.dataset.is_classification:
        return results | _collected([], [], [])
    agreement = {}
    for name in (name for name, kind in kinds.items() if kind == "network"):
        fits = [load(path) for path in frozen["models"][name]["files"]]
        agreement[name] = _neighbour_agreement(
            fits, train, tune, test, on_test[name], settings, hidden
        )
    return results | _confidence(parts, kinds, agreement, settings)


def _subgroups(development, test, tune_predictions, predictions, frozen, settings) -> dict:
    """Scores by subgroup of test with their summary."""
    _, tune = development
    facts = frozen["models"].items()
    kinds = {name: one["kind"] for name, one in facts if one["kind"] != "nuisance"}
    seed = derived_seed(settings.seed, 8)
    rows = sampled_rows(len(test), MAX_EXAMPLES, seed)
    part = test.subset(rows)
    fits = {name: np.mean(list(predictions[name].values()), axis=0)[rows] for name in kinds}
    on_tune = {name: np.mean(tune_predictions[name], axis=0) for name in kinds}
    tuned = {label: found for label, _, *found in of_each_label(tune, on_tune)}
    tables, replicates = [], min(settings.bootstrap, MAX_REPLICATES)
    for label, _, one, values in of_each_label(part, fits):
        calibrated = dict(values)
        if one.dataset.is_classification:
            known, before = tuned[label]
            for name in kinds:
                chances = Calibration.fit(known.labels, before[name]).apply(values[name])
                calibrated[name] = chances
        task = one.dataset.task
        objective = metric_of_one(task, settings.objective)
        data = Scored(task, one.labels, group_numbers(one), values, objective)
        subgroups = subgroup_slices(one, development)
        table = subgroup_table(data, calibrated, kinds, subgroups, replicates, seed)
        tables.append(table.assign(column=label + table["column"]))
    table = adjusted_by_model(pd.concat(tables, ignore_index=True))
    summary = summarise_subgroups(table, list(test.dataset.subgroups))
    return {"subgroups": table, "subgroup_summary": summary}


def _neighbour_agreement(fits, train, tune, test, predictions, settings, hidden) -> np.ndarray:
    """Agreement (N,) of the test predictions with neighbours in train, mean over the fits."""
    if hidden is None:
        # Not at the top: it needs Keras, which baselines do without.
        from deeprules.fit.hidden_layer import hidden_outputs as hidden
    known, near = (
        part.subset(sampled_rows(len(part), MAX_TRAIN, derived_seed(settings.seed, number)))
        for number, part in ((4, train), (5, tune))
    )
    predicted = predictions.argmax(axis=1)
    found = []
    for fit in fits:
        outputs = [hidden(fit, part) for part in (known, near, test)]
        neighbours = DeepNeighbours(outputs[0], known.labels, outputs[1])
        found.append(neighbours.agreement(outputs[2], predicted))
    return np.mean(found, axis=0)


def _confidence(parts: Mapping, kinds: Mapping[str, str], agreement: Mapping, settings) -> dict:
    """The tables of confidence on test."""
    (tune, on_tune), (test, on_test) = parts["tune"], parts["test"]
    resampling = choose_resampling(test.dataset.task, test.labels, test.groups)
    numbers, curves, single = [], [], []
    for model, kind in kinds.items():
        raw = on_test[model]
        calibrated = Calibration.fit(tune.labels, on_tune[model]).apply(raw)
        decided = dict(zip(PROBABILITIES, (raw, calibrated), strict=True))
        found = {name: values.max(axis=1) for name, values in decided.items()}
        if model in agreement:
            found["neighbours"] = agreement[model]
        for name, values in found.items():
            is_wrong = decided.get(name, raw).argmax(axis=1) != test.labels
            facts = {"model": model, "kind": kind, "confidence": name}
            draws = settings.bootstrap, derived_seed(settings.seed, 6)
            numbers.append(risk_summary(values, is_wrong, resampling, *draws).assign(**facts))
            curves.append(RiskCoverage(values, is_wrong).curve().assign(**facts))
            if name in decided:
                scored = _probability_scores(test, decided[name], resampling, *draws)
                numbers.append(scored.assign(**facts))
        classes, predicted = np.array(test.dataset.classes, dtype=object), raw.argmax(axis=1)
        # Calibration may put another class first: here stands what it says of the one predicted.
        found["calibrated_probability"] = calibrated[np.arange(len(test)), predicted]
        table = test.examples[["id", "label"]].assign(model=model, **found)
        single.append(table.assign(predicted=classes[predicted]))
    return _collected(numbers, curves, single)


def _probability_scores(test, probabilities, resampling, replicates, seed) -> pd.DataFrame:
    """How well calibrated probabilities (N, C) are; intervals of the proper scores alone."""
    scorer = weighted_scores(test.dataset.task, test.labels, probabilities)
    chunks = replicate_weights(resampling, replicates, np.random.default_rng(seed))
    drawn = [scorer(weights) for _, weights in chunks]
    rows = []
    for metric, value in calibration_scores(test.labels, probabilities).items():
        bounds = [np.nan, np.nan]
        if metric != "ece":
            replicated = np.concatenate([one[metric] for one in drawn])
            interval = percentile_interval(value, replicated, value)
            bounds = [interval.lower, interval.upper]
        rows.append([metric, value, *bounds])
    return pd.DataFrame(rows, columns=["metric", "value", "lower", "upper"])


def _collected(numbers: list, curves: list, single: list) -> dict[str, pd.DataFrame]:
    """Tables one below the other, columns in order; headers alone where there is none."""
    tables = {
        "confidence": (numbers, CONFIDENCE_COLUMNS),
        "risk_coverage": (curves, CURVE_COLUMNS),
        "example_confidence": (single, EXAMPLE_COLUMNS),
    }
    return {
        name: pd.concat(found, ignore_index=True).reindex(columns=columns)
        if found
        else pd.DataFrame(columns=columns)
        for name, (found, columns) in tables.items()
    }
