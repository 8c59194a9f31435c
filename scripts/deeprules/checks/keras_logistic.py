"""Logistic regression twice, in Keras and in scikit-learn: a check of the whole pipeline.

The two have the same optimum, so that a difference between them can only come from how features,
labels, weights or the optimizer reach the network.
"""

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from deeprules.arithmetic import start_fit, uses_xla
from deeprules.data import Partition
from deeprules.feature_store import column_moments, dense, is_sparse
from deeprules.fit.kmers import KmerCounts
from deeprules.fit.losses import class_weights
from deeprules.fit.median_imputer import MedianImputer
from deeprules.fit.training import RepeatedBatch, trace_once

EXAMPLES = 2000
FEATURES = 256
PENALTY = 0.05
"""Weight of half the squared coefficients against the mean loss: the optimum is well defined."""
STEPS = 1500
TOLERANCE = 0.01
"""Largest difference of a coefficient, on features of variance 1, and of a probability."""


def compare_logistic_regressions(train: Partition, tune: Partition, seed: int) -> dict:
    """Fit the same logistic regression with Keras and scikit-learn and compare what they found.

    Returns
    -------
    {"examples", "features", "largest_coefficient_difference", "largest_probability_difference",
    "tolerance", "agrees"}; the probabilities are those of tune.
    """
    if train.dataset.has_several_labels:
        # The pipeline is the same for each label that is there or not.
        first = int(train.dataset.are_classes.argmax())
        train, tune = train.of_label(first), tune.of_label(first)
    part = train if len(train) <= EXAMPLES else _draw(train, seed)
    seen, unseen = simple_features(part, tune)
    weights = class_weights(part)[part.labels]
    reference = LogisticRegression(C=1 / (PENALTY * len(part)), tol=1e-8, max_iter=5000)
    reference.fit(seen, part.labels, sample_weight=weights)
    model = keras_logistic(seen, part.labels, weights, len(part.dataset.classes), seed)
    kernel = model.layers[-1].get_weights()[0]
    kernel = kernel.T - kernel.T.mean(axis=0) if len(reference.coef_) > 1 else kernel.T
    probability = model.predict(unseen, verbose=0)
    if len(reference.coef_) == 1:
        probability = np.hstack([1 - probability, probability])
    differences = {
        "largest_coefficient_difference": np.abs(kernel - reference.coef_).max(),
        "largest_probability_difference": np.abs(
            probability - reference.predict_proba(unseen)
        ).max(),
    }
    return {
        "examples": len(part),
        "features": seen.shape[1],
        **{name: float(value) for name, value in differences.items()},
        "tolerance": TOLERANCE,
        "agrees": bool(max(differences.values()) <= TOLERANCE),
    }


def keras_logistic(
    features: np.ndarray, labels: np.ndarray, weights: np.ndarray, n_classes: int, seed: int
) -> keras.Model:
    """Logistic regression of `labels` (N,) on `features` (N, P) as a Keras model of one layer."""
    start_fit(seed)
    inputs = keras.Input((features.shape[1],), dtype="float32")
    dense = keras.layers.Dense(
        1 if n_classes == 2 else n_classes,
        activation="sigmoid" if n_classes == 2 else "softmax",
        kernel_regularizer=keras.regularizers.L2(PENALTY / 2),
        dtype="float32",
    )
    model = keras.Model(inputs, dense(inputs))
    rate = keras.optimizers.schedules.CosineDecay(0.03, STEPS)
    loss = "binary_crossentropy" if n_classes == 2 else "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=uses_xla())
    trace_once(model)
    model.fit(RepeatedBatch((features, labels, weights), STEPS), verbose=0)
    return model


def simple_features(train: Partition, tune: Partition) -> tuple[np.ndarray, np.ndarray]:
    """Features of variance 1 for both: counts of 3-mers, or the columns that vary most."""
    if train.dataset.modality == "sequence":
        counts = KmerCounts(min(3, train.dataset.n_features)).fit(train.features)
        seen, unseen = (counts.transform(part.features).toarray() for part in (train, tune))
    elif is_sparse(train.features):
        _, variance = column_moments(train.features)
        most = np.sort(np.argsort(-variance)[:FEATURES])
        seen, unseen = (dense(part.features[:, most]) for part in (train, tune))
    else:
        filled = MedianImputer().fit(train.features)
        seen, unseen = (filled.transform(part.features) for part in (train, tune))
        most = np.sort(np.argsort(-seen.var(axis=0))[:FEATURES])
        seen, unseen = seen[:, most], unseen[:, most]
    scale = StandardScaler().fit(seen)
    return tuple(scale.transform(part).astype(np.float32) for part in (seen, unseen))


def _draw(train, seed):
    """A random part of a partition."""
    rows = np.random.default_rng(seed).choice(len(train), EXAMPLES, replace=False)
    return train.subset(np.sort(rows))
