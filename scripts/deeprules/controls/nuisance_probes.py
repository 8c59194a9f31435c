"""Nuisance probes: what a network's last hidden layer knows of batch and composition.

A probe is a linear model that predicts a nuisance from the outputs of the layer (Alain and Bengio
2016, arXiv:1610.01644). It is fitted on train and scored on tune. What it reaches is set beside the
same probe on the raw features, and on the layer of the same network with random weights, which
knows something too (Zhang and Bowman 2018, arXiv:1809.10040). A layer that knows a nuisance need
not use it.
"""

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from deeprules.controls.nuisances import Nuisance, nuisances
from deeprules.data import Partition
from deeprules.fit.fitting import stratified_share
from deeprules.fit.hidden_layer import hidden_outputs
from deeprules.fit.kmers import KmerCounts
from deeprules.fit.target_scale import TargetScale
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling

HIDDEN, RAW, UNTRAINED = "hidden layer", "raw features", "untrained hidden layer"
KMER = 4
FOLDS = 3
PENALTIES = (1.0, 100.0, 10_000.0)
"""Weights of the squared coefficients, on inputs of variance 1; cross-validation chooses."""
COLUMNS = ["nuisance", "kind", "inputs", "metric", "score", "lower", "upper", "chance", "n"]
COLUMNS += ["gain", "gain_lower", "gain_upper"]


def probe_hidden_layer(
    network,
    untrained,
    train: Partition,
    tune: Partition,
    most: int,
    replicates: int,
    seed: int,
) -> pd.DataFrame:
    """Predict each nuisance from the last hidden layer, the raw features and the untrained layer.

    Parameters
    ----------
    network : fitted network that takes the features of the partitions
    untrained : the same network with random weights, or None to leave it out
    most : examples of each partition that are used, drawn within classes if there are more
    replicates : bootstrap replicates of tune, by group where there are groups

    Returns
    -------
    A row for each nuisance and input: nuisance, kind (`category`, `value`), inputs, metric
    (`balanced_accuracy`, `r2`), score on tune with its 95% interval (lower, upper), chance, n
    (examples of tune), and the gain over the raw features on the same examples with its interval.
    """
    train, tune = (
        part if len(part) <= most else stratified_share(part, most / len(part), seed)
        for part in (train, tune)
    )
    inputs = {
        name: [hidden_outputs(one, part) for part in (train, tune)]
        for name, one in ((HIDDEN, network), (UNTRAINED, untrained))
        if one is not None
    }
    inputs[RAW] = _raw_features(train, tune)
    groups = tune.examples["group"].to_numpy() if tune.dataset.has_group else None
    rows = [
        row
        for nuisance in nuisances(train, tune)
        for row in probe(nuisance, inputs, groups, replicates, seed)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def probe(
    nuisance: Nuisance,
    inputs: dict[str, list[np.ndarray]],
    groups: np.ndarray | None,
    replicates: int,
    seed: int,
) -> list[dict]:
    """Predict one nuisance from each input; a row an input, as `probe_hidden_layer` returns them.

    `inputs` holds numbers of train (N, D) and tune (M, D) by name, `groups` the groups of tune.
    """
    used = {part: nuisance.rows(part) for part in ("train", "tune")}
    known, wanted = nuisance.train[used["train"]], nuisance.tune[used["tune"]]
    if nuisance.kind != "category":
        scale = TargetScale.of(known)
        known, wanted = scale.standardise(known), scale.standardise(wanted)
    predictions = {}
    for name, (seen, unseen) in inputs.items():
        fitted = _linear_probe(nuisance.kind).fit(seen[used["train"]], known)
        ask = fitted.predict_proba if nuisance.kind == "category" else fitted.predict
        predictions[name] = [ask(unseen[used["tune"]])]
    task, metric, chance = "regression", "r2", 0.0
    if nuisance.kind == "category":
        task = "binary" if len(nuisance.levels) == 2 else "multiclass"
        metric, chance = "balanced_accuracy", 1 / len(nuisance.levels)
    members = None if groups is None else groups[used["tune"]]
    resampling = choose_resampling(task, wanted, members)
    scored = bootstrap_scores(task, wanted, predictions, resampling, replicates, seed)
    rows = []
    for name in inputs:
        found = scored.interval(name, metric)
        gain = scored.gain(name, RAW, metric) if name != RAW else None
        facts = {"nuisance": nuisance.name, "kind": nuisance.kind, "inputs": name}
        facts |= {"metric": metric, "chance": chance, "n": len(wanted)}
        facts |= {"score": found.value, "lower": found.lower, "upper": found.upper}
        if gain:
            facts |= {"gain": gain.value, "gain_lower": gain.lower, "gain_upper": gain.upper}
        rows.append(facts)
    return rows


def _linear_probe(kind):
    """Logistic or ridge regression on standardised inputs, its penalty chosen on train."""
    if kind == "category":
        model = LogisticRegression(class_weight="balanced", max_iter=1000)
        grid = {"logisticregression__C": [1 / penalty for penalty in PENALTIES]}
        scoring = "balanced_accuracy"
    else:
        model = Ridge(solver="lsqr")
        grid, scoring = {"ridge__alpha": list(PENALTIES)}, "r2"
    return GridSearchCV(make_pipeline(StandardScaler(), model), grid, scoring=scoring, cv=FOLDS)


def _raw_features(train, tune):
    """Counts of k-mers, or the columns of the matrix with missing values filled, as `float32`."""
    if train.dataset.modality == "sequence":
        counts = KmerCounts(min(KMER, train.dataset.n_features)).fit(train.features)
        return [counts.transform(part.features).toarray() for part in (train, tune)]
    filled = SimpleImputer(strategy="median", keep_empty_features=True).fit(train.features)
    return [filled.transform(part.features).astype(np.float32) for part in (train, tune)]
