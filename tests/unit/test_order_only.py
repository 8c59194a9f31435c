"""A trial whose objective ranks: the score of a calibrated estimator, from one fit."""

import numpy as np
import pytest
from partitions import make_partition
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from deeprules.data import Development
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.models import ChosenHyperparameters, find_module
from deeprules.fit.order_only import only_order_counts, without_calibration
from deeprules.statistics.metrics import ORDER_ONLY, scores
from deeprules.statistics.platt import Platt

SVM = Candidate("svm", "baseline", find_module("baseline", "support_vector_machine"))
LINEAR = ChosenHyperparameters({"kmer": 3, "fold_strands": False, "kernel": "linear", "C": 0.01})


class CountedSVC(LinearSVC):
    """Counts its fits, those of its copies as well."""

    fits = 0

    def fit(self, features, labels):
        CountedSVC.fits += 1
        return super().fit(features, labels)


def parts(folder, task="binary"):
    return Development(
        *(
            make_partition(folder / name, n, "sequence", task, n_features=40, seed=seed)
            for name, n, seed in (("train", 150, 0), ("tune", 80, 1))
        )
    )


def test_the_scores_that_rank_are_those_of_the_calibrated_estimator(tmp_path):
    development = parts(tmp_path)
    found = {}
    for order_only in (False, True):
        fitted = fit(SVM, LINEAR, development, 1, Budget(1, 1), order_only=order_only)
        found[order_only] = [
            scores("binary", part.labels, fitted.model.predict(part.features, part.examples))
            for part in development
        ]
    for calibrated, ordered in zip(found[False], found[True], strict=True):
        assert {name: calibrated[name] for name in ORDER_ONLY} == {
            name: ordered[name] for name in ORDER_ONLY
        }
    assert found[False][1]["log_loss"] != found[True][1]["log_loss"]
    assert 0.5 < found[True][1]["auroc"] < 1


@pytest.mark.parametrize("seed", range(4))
def test_where_there_is_nothing_to_learn_they_are_so_too(tmp_path, seed):
    """Scikit-learn's map from scores of held-out examples falls there half of the time."""
    rng = np.random.default_rng(seed)
    shuffled = [part.with_labels(rng.permutation(part.labels)) for part in parts(tmp_path)]
    calibrated, ordered = (
        fit(SVM, LINEAR, Development(*shuffled), 1, Budget(1, 1), order_only=order_only).model
        for order_only in (False, True)
    )
    tune = shuffled[1]
    first, second = (
        one.predict(tune.features, tune.examples)[:, 1] for one in (calibrated, ordered)
    )
    assert np.array_equal(np.argsort(first), np.argsort(second))
    assert np.abs(first - 0.5).max() < 0.2


def test_one_fit_stands_for_four():
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(60, 3)), rng.integers(0, 2, 60)
    calibrated = make_pipeline(Platt(CountedSVC()))
    for estimator, fits in ((calibrated, 4), (without_calibration(calibrated), 1)):
        CountedSVC.fits = 0
        estimator.fit(features, labels)
        assert CountedSVC.fits == fits


@pytest.mark.parametrize(
    "estimator",
    [
        CalibratedClassifierCV(LinearSVC(), cv=3),
        CalibratedClassifierCV(LinearSVC(), cv=3, ensemble=True),
        CalibratedClassifierCV(LinearSVC(), cv=3, ensemble=False),
        LogisticRegression(),
    ],
    ids=["auto", "ensemble", "plain", "none"],
)
def test_an_estimator_that_would_rank_otherwise_is_left_as_it_is(estimator):
    assert without_calibration(estimator) is estimator


def test_only_two_classes_and_a_score_that_ranks_allow_it():
    assert only_order_counts("binary", "auprc") and only_order_counts("binary", "auroc")
    assert not only_order_counts("binary", "mcc")
    assert not only_order_counts("multiclass", "auroc")
    assert not only_order_counts("regression", "r2")
