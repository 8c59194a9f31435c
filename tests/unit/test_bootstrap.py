"""Bootstrap intervals: known coverage, paired replicates, whole groups, seeds, bounded memory."""

import time

import numpy as np
import pytest
from scipy import stats

from deeprules.statistics import bootstrap
from deeprules.statistics.bootstrap import (
    bootstrap_scores,
    choose_resampling,
    replicate_weights,
)
from deeprules.statistics.intervals import Estimate, score_interval
from deeprules.statistics.metrics import weighted_scores

TRUE_AUROC = stats.norm.cdf(1 / np.sqrt(2))
"""That of the scores of `noisy_probabilities`: unit normals, one apart."""


def draw_weights(resampling, replicates=200, seed=0):
    """All weights (B, N) at once."""
    chunks = replicate_weights(resampling, replicates, np.random.default_rng(seed))
    return np.concatenate([weights for _, weights in chunks])


def noisy_probabilities(labels, random, noise=1.0):
    """Probabilities (N, 2) of a classifier whose score is the label plus normal noise."""
    positive = stats.norm.cdf(labels - 0.5 + noise * random.normal(size=len(labels)))
    return np.column_stack([1 - positive, positive])


def auroc_interval(labels, predictions, groups, seed, metric="auroc"):
    """The interval of one fit's score, without the other metrics' point values."""
    score = weighted_scores("binary", labels, predictions)
    resampling = choose_resampling("binary", labels, groups)
    weights = draw_weights(resampling, 250, seed)
    value = score(np.ones((1, len(labels))))[metric][0]
    found = Estimate(value, score(weights)[metric], np.full(len(weights), value))
    return score_interval(found, metric, resampling.n_units, resampling.fewest)


def one_model(labels, fits, replicates=400, groups=None, seed=0):
    """Bootstrapped scores of a single model called `m`."""
    resampling = choose_resampling("binary", labels, groups)
    return bootstrap_scores("binary", labels, {"m": fits}, resampling, replicates, seed)


def test_classes_keep_their_size_in_every_replicate():
    labels = np.array([0] * 30 + [1] * 5 + [2] * 1)
    weights = draw_weights(choose_resampling("multiclass", labels))
    for label, size in enumerate([30, 5, 1]):
        assert (weights[:, labels == label].sum(axis=1) == size).all()
    assert weights[:, labels == 0].std() > 0.5


def test_values_are_resampled_without_strata():
    resampling = choose_resampling("regression", np.arange(40.0))
    assert (resampling.unit, resampling.n_units) == ("examples", 40)
    weights = draw_weights(resampling)
    assert (weights.sum(axis=1) == 40).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(40), abs=0.3)


@pytest.mark.parametrize(
    ("task", "labels", "groups", "words"),
    [
        ("binary", np.repeat([0, 1], [900, 29]), None, "only 29 examples of its smallest class"),
        ("binary", np.arange(50) % 2, None, "only 25 examples of its smallest class"),
        (
            "binary",
            np.arange(1000) % 2,
            np.arange(1000) % 20,
            "only 20 groups: its intervals are rough.",
        ),
        ("regression", np.arange(29.0), None, "only 29 examples: its intervals are rough."),
    ],
)
def test_a_small_test_set_is_told(task, labels, groups, words):
    assert words in choose_resampling(task, labels, groups).note


@pytest.mark.parametrize(
    ("task", "labels", "groups", "fewest"),
    [
        ("binary", np.arange(100) < 7, None, 7),
        ("binary", np.arange(100) < 10, np.arange(100) // 5, 2),
        ("binary", np.arange(100) % 2, np.arange(100) // 5, 20),
        ("regression", np.arange(100.0), None, 100),
        ("regression", np.arange(100.0), np.arange(100) // 5, 20),
    ],
)
def test_units_of_the_scarcest_class_are_counted(task, labels, groups, fewest):
    assert choose_resampling(task, labels, groups).fewest == fewest


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_large_test_set_needs_no_note(task):
    assert choose_resampling(task, np.arange(400) % 2).note == ""


def test_groups_are_drawn_whole():
    groups = np.repeat(["a", "b", "c", "d"], [1, 2, 3, 14])
    resampling = choose_resampling("binary", np.arange(20) % 2, groups)
    assert (resampling.unit, resampling.n_units) == ("groups", 4)
    assert "only 4 groups" in resampling.note
    weights = draw_weights(resampling)
    for group in "abcd":
        assert (np.ptp(weights[:, groups == group], axis=1) == 0).all()
    assert (weights[:, [0, 1, 3, 6]].sum(axis=1) == 4).all()


@pytest.mark.parametrize(("groups", "note"), [(np.arange(20), ""), (np.zeros(20), "one group")])
def test_groups_of_one_example_and_a_single_group_are_resampled_by_example(groups, note):
    resampling = choose_resampling("binary", np.arange(20) % 2, groups)
    assert resampling.unit == "examples within classes"
    assert note in resampling.note


def test_intervals_cover_the_true_auroc():
    """The AUROC of two unit normals one apart is the normal probability of 1 / sqrt(2)."""
    labels = np.arange(200) % 2
    covered = 0
    for seed in range(200):
        predictions = noisy_probabilities(labels, np.random.default_rng(seed))
        interval = auroc_interval(labels, predictions, None, seed)
        covered += interval.lower <= TRUE_AUROC <= interval.upper
    assert 180 <= covered <= 198


def test_a_model_at_chance_seldom_beats_a_constant_one_in_auprc():
    """One example in ten is positive, so a constant model has an AUPRC of 0.1."""
    labels = (np.arange(600) % 10 == 0).astype(int)
    beaten = 0
    for seed in range(200):
        positive = np.random.default_rng(seed).random(600)
        predictions = np.column_stack([1 - positive, positive])
        beaten += auroc_interval(labels, predictions, None, seed, "auprc").lower > 0.1
    assert beaten <= 14


def test_intervals_of_grouped_examples_cover_where_those_of_examples_do_not():
    """Ten copies of each of 40 subjects carry the information of 40 examples, not of 400."""
    subjects = np.repeat(np.arange(40), 10)
    labels = subjects % 2
    covered = {"groups": 0, "examples": 0}
    for seed in range(100):
        random = np.random.default_rng(seed)
        copies = noisy_probabilities(np.arange(40) % 2, random)[subjects]
        for name, groups in (("groups", subjects), ("examples", None)):
            interval = auroc_interval(labels, copies, groups, seed)
            covered[name] += interval.lower <= TRUE_AUROC <= interval.upper
    assert covered["groups"] >= 88
    assert covered["examples"] < 70


def test_a_single_fit_varies_with_the_seed_and_the_ensemble_does_not():
    random = np.random.default_rng(4)
    labels = np.arange(400) % 2
    fits = [noisy_probabilities(labels, random, noise) for noise in (0.3, 1, 3)]
    scored = one_model(labels, fits)
    single, ensemble = scored.interval("m", "auroc"), scored.interval("m", "auroc", "ensemble")
    values = [point["auroc"] for point in scored.points["m"]]
    assert single.value == pytest.approx(np.mean(values))
    assert single.lower < min(values) and single.upper > max(values) - 0.01
    assert ensemble.upper - ensemble.lower < (single.upper - single.lower) / 2


def test_models_are_compared_on_the_same_replicates():
    random = np.random.default_rng(5)
    labels = np.arange(300) % 2
    predictions = noisy_probabilities(labels, random)
    resampling = choose_resampling("binary", labels)
    scored = bootstrap_scores(
        "binary", labels, {"a": [predictions], "same": [predictions]}, resampling, 300, 1
    )
    for metric in ("auprc", "brier"):
        gain = scored.gain("a", "same", metric)
        assert (gain.value, gain.lower, gain.upper) == (0, 0, 0)


def test_a_gain_is_positive_when_better_whatever_the_orientation():
    random = np.random.default_rng(6)
    labels = np.arange(300) % 2
    fits = {
        "good": [noisy_probabilities(labels, random, 0.4)],
        "bad": [noisy_probabilities(labels, random, 2)],
    }
    scored = bootstrap_scores("binary", labels, fits, choose_resampling("binary", labels), 300, 1)
    for metric in ("auroc", "mcc", "brier", "log_loss"):
        better, worse = scored.gain("good", "bad", metric), scored.gain("bad", "good", metric)
        assert 0 < better.lower < better.value < better.upper
        assert worse.value == -better.value
        assert (worse.lower, worse.upper) == pytest.approx((-better.upper, -better.lower))


def test_the_seed_decides_everything():
    labels = np.arange(60) % 2
    fits = [noisy_probabilities(labels, np.random.default_rng(i)) for i in range(3)]
    first, again, other = (one_model(labels, fits, seed=seed) for seed in (1, 1, 2))
    assert first.interval("m", "auprc") == again.interval("m", "auprc")
    assert first.interval("m", "auprc") != other.interval("m", "auprc")


def test_groups_that_leave_a_class_out_are_counted():
    labels = np.repeat([0, 0, 1, 1], 5)
    groups = np.repeat(np.arange(4), 5)
    predictions = noisy_probabilities(labels, np.random.default_rng(0))
    interval = one_model(labels, [predictions], 1000, groups).interval("m", "auroc")
    assert interval.replicates == pytest.approx(1000 * (1 - 2 / 2**4), abs=50)


def test_chunks_are_bounded_and_complete(monkeypatch):
    monkeypatch.setattr(bootstrap, "CHUNK_ELEMENTS", 100)
    resampling = choose_resampling("regression", np.arange(30.0))
    chunks = list(replicate_weights(resampling, 10, np.random.default_rng(0)))
    assert [weights.shape for _, weights in chunks] == [(3, 30)] * 3 + [(1, 30)]
    assert [rows.start for rows, _ in chunks] == [0, 3, 6, 9]


def test_every_replicate_of_every_chunk_is_scored(monkeypatch):
    monkeypatch.setattr(bootstrap, "CHUNK_ELEMENTS", 500)
    labels = np.arange(50) % 2
    fits = [noisy_probabilities(labels, np.random.default_rng(i)) for i in range(2)]
    scored = one_model(labels, fits, 105)
    for values in scored.replicates.values():
        assert all(len(one) == 105 and np.isfinite(one).all() for one in values.values())


def test_a_large_comparison_is_quick():
    random = np.random.default_rng(8)
    labels = np.arange(1000) % 2
    fits = {
        f"model{index}": [noisy_probabilities(labels, random) for _ in range(3)]
        for index in range(12)
    }
    start = time.process_time()
    bootstrap_scores("binary", labels, fits, choose_resampling("binary", labels), 2000, 1)
    assert time.process_time() - start < 15
