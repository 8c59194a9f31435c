"""Nuisance probes: what a network's last hidden layer knows of batch and composition.

A probe is a linear model that predicts a nuisance from the outputs of the layer (Alain and Bengio
2016, arXiv:1610.01644). It is fitted on train and scored on tune. What it reaches is set beside the
same probe on the raw features, and on the layer of the same network with random weights, which
knows something too (Zhang and Bowman 2018, arXiv:1809.10040). A layer that knows a nuisance need
not use it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from deeprules.control import Cost, Terms
from deeprules.data import Development, Partition
from deeprules.encoding import gc_content, lengths_of
from deeprules.feature_store import is_sparse
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.fitting import limit_threads, stratified_share
from deeprules.fit.kmers import KmerCounts
from deeprules.fit.loading import ModelLoader, NetworkOnActivations
from deeprules.fit.median_imputer import MedianImputer
from deeprules.fit.models import FittedNetwork
from deeprules.fit.target_scale import TargetScale
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling

REPEATED = ""
NEEDS = ("network", "fits")

MIN_OF_A_LEVEL = 5
"""Examples of a level, in train and in tune, below which it is left out."""
MAX_LEVELS = 20
"""Levels of a category that are kept, the most frequent of train."""
EXAMPLES = 5000
"""Examples of each partition that are used, drawn within classes from more."""
HIDDEN, RAW, UNTRAINED = "hidden layer", "raw features", "untrained hidden layer"
KMER = 4
FOLDS = 3
PENALTIES = (1.0, 100.0, 10_000.0)
"""Weights of the squared coefficients, on inputs of variance 1; cross-validation chooses."""
COLUMNS = ["nuisance", "kind", "inputs", "metric", "score", "lower", "upper", "chance", "n"]
COLUMNS += ["gain", "gain_lower", "gain_upper"]


@dataclass(frozen=True)
class Nuisance:
    """A category or a value of each example, to be predicted.

    Attributes
    ----------
    kind : `category` or `value`
    levels : names of the categories; empty for a value
    train, tune : codes of levels (-1: left out) or numbers (NaN: not known), one an example
    """

    name: str
    kind: str
    levels: tuple[str, ...]
    train: np.ndarray
    tune: np.ndarray

    def rows(self, partition: str) -> np.ndarray:
        """Numbers of the examples of `train` or `tune` that are used."""
        values = getattr(self, partition)
        return np.flatnonzero(values >= 0 if self.kind == "category" else np.isfinite(values))


def run(chosen: ChosenModel, development: Development, terms: Terms) -> pd.DataFrame:
    """Probe the last hidden layer of the first final fit of a network.

    Returns
    -------
    model, and the columns of `probe_hidden_layer`.
    """
    from deeprules.fit.hidden_layer import with_random_weights

    limit_threads("baseline", chosen.budget.threads)
    network = _first_fit(chosen, terms.files["fit_model"][0])
    is_own = chosen.candidate.needed is None
    untrained = with_random_weights(network, terms.seed) if is_own else None
    # A network on activations reads the sequences themselves here.
    raw = (Partition(part.folder, part.dataset) for part in development)
    table = probe_hidden_layer(network, untrained, *raw, EXAMPLES, terms.replicates, terms.seed)
    table.insert(0, "model", chosen.best["model"])
    return table


def summarise(
    table: pd.DataFrame, development: Development, terms: Terms
) -> tuple[pd.DataFrame, dict]:
    """The table, and the names of the nuisances that there were."""
    return table, {"nuisances": list(dict.fromkeys(table["nuisance"]))}


def cost(development: Development, terms: Terms) -> Cost:
    """No fit of the network."""
    return Cost(1, 0)


def _first_fit(chosen: ChosenModel, path: str) -> FittedNetwork | NetworkOnActivations:
    """The network in a file, with the pretrained model that it starts from, if any."""
    pretrained = chosen.candidate.needed
    if pretrained is None:
        return ModelLoader({}, {})(path)
    inputs = getattr(chosen.candidate.module, "INPUTS", ())
    entry = {"pretrained": pretrained.name, "inputs": inputs}
    return ModelLoader({path: entry}, {pretrained.name: pretrained})(path)


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
    from deeprules.fit.hidden_layer import hidden_outputs

    train, tune = (stratified_share(part, most / len(part), seed) for part in (train, tune))
    inputs = {
        name: [hidden_outputs(one, part) for part in (train, tune)]
        for name, one in ((HIDDEN, network), (UNTRAINED, untrained))
        if one is not None
    }
    inputs[RAW] = _raw_features(train, tune)
    groups = tune.groups
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
        fitted = _linear_probe(nuisance.kind, is_sparse(seen)).fit(seen[used["train"]], known)
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


def _linear_probe(kind, sparse):
    """Logistic or ridge regression on standardised inputs, its penalty chosen on train.

    Sparse inputs keep their mean, which the intercept takes up.
    """
    if kind == "category":
        model = LogisticRegression(class_weight="balanced", max_iter=1000)
        grid = {"logisticregression__C": [1 / penalty for penalty in PENALTIES]}
        scoring = "balanced_accuracy"
    else:
        model = Ridge(solver="lsqr")
        grid, scoring = {"ridge__alpha": list(PENALTIES)}, "r2"
    steps = make_pipeline(StandardScaler(with_mean=not sparse), model)
    return GridSearchCV(steps, grid, scoring=scoring, cv=FOLDS)


def _raw_features(train, tune):
    """Counts of k-mers, or the columns of the matrix with missing values filled, as `float32`."""
    if train.dataset.modality == "sequence":
        counts = KmerCounts(min(KMER, train.dataset.n_features)).fit(train.features)
        return [counts.transform(part.features).toarray() for part in (train, tune)]
    if is_sparse(train.features):
        return [train.features, tune.features]
    filled = MedianImputer().fit(train.features)
    return [filled.transform(part.features).astype(np.float32) for part in (train, tune)]


def nuisances(train: Partition, tune: Partition) -> list[Nuisance]:
    """Batch, covariates and composition, where there is something to predict.

    Composition is the GC share and the length of a sequence, or the sum of a row. A category needs
    two levels with `MIN_OF_A_LEVEL` examples in both partitions; a value must vary in both.
    """
    columns = [
        (name, *(part.examples[name] for part in (train, tune))) for name in train.dataset.metadata
    ]
    measured = zip(composition(train).items(), composition(tune).values(), strict=True)
    columns += [(name, pd.Series(one), pd.Series(other)) for (name, one), other in measured]
    found = []
    for name, *values in columns:
        numeric = is_numeric_dtype(values[0]) and not is_bool_dtype(values[0])
        make = _value if numeric and name != "batch" else _category
        found.append(make(name, *values))
    return [nuisance for nuisance in found if nuisance]


def composition(part: Partition) -> dict[str, np.ndarray]:
    """`GC share` and `length` of sequences, or `row total` of rows of a matrix: (N,) each.

    The GC share is `gc_content` (NaN where no base is known), the length that without padding. A
    total is of the features as they are stored, without missing values.
    """
    if is_sparse(part.features):
        return {"row total": part.features.sum(axis=1, dtype=np.float64)}
    features = np.asarray(part.features)
    if part.dataset.modality == "tabular":
        return {"row total": np.nansum(features, axis=1, dtype=np.float64)}
    lengths = lengths_of(features).astype(np.float64)
    return {"GC share": gc_content(features), "length": lengths}


def _category(name, train, tune):
    """A category as codes of the levels that both partitions hold often enough."""
    counts, others = train.value_counts(), tune.value_counts()
    shared = [
        level
        for level, n in counts.items()
        if n >= MIN_OF_A_LEVEL and others.get(level, 0) >= MIN_OF_A_LEVEL
    ]
    levels = sorted(shared[:MAX_LEVELS], key=str)
    if len(levels) < 2:
        return None
    codes = (pd.Index(levels).get_indexer(values) for values in (train, tune))
    return Nuisance(name, "category", tuple(map(str, levels)), *codes)


def _value(name, train, tune):
    """A number, if it varies in both partitions."""
    if train.nunique() < 2 or tune.nunique() < 2:
        return None
    return Nuisance(name, "value", (), *(v.to_numpy(np.float64) for v in (train, tune)))
