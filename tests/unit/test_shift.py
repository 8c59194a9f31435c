"""Planted shifts between tune and test that have to be told, and partitions without one."""

import numpy as np
import pytest
from scipy import stats

from deeprules.evaluate.shift import Sample, fall, less_similar, other_calls, other_chances


def sample(seed, n=150, share=0.5, skill=2.0, moved=0.0, members=1) -> Sample:
    """A partition and the calls of a model; `moved` moves all its scores."""
    random = np.random.default_rng(seed)
    labels = (np.arange(n) < share * n).astype(int)
    noise = random.normal(size=n)
    groups = None
    if members > 1:
        groups = np.arange(n) // members
        noise = 0.8 * random.normal(size=groups.max() + 1)[groups] + 0.6 * noise
    positive = stats.norm.cdf(labels * skill - skill / 2 + noise + moved)
    predictions = np.column_stack([1 - positive, positive])
    return Sample("binary", labels, predictions, groups, ["control", "case"])


def test_calls_that_no_rate_on_tune_leads_to_are_told():
    """A model that is as good by rank, but calls few positive."""
    (caution,) = other_calls("forest", sample(1), sample(2, share=85 / 150, moved=-2.0))
    assert "of 150 test examples case; 85 are, and its rates on tune would call" in caution.sentence
    assert "scores by rank (AUPRC, AUROC) do not depend on one" in caution.sentence
    assert not list(fall("forest", sample(1), sample(2, moved=-2.0), "auroc", 200, 1))


def test_probabilities_that_do_not_hold_are_told():
    (caution,) = other_chances("forest", sample(1), sample(2, moved=-2.5))
    assert "Calibrated on tune, `forest` is right with a probability of" in caution.sentence


@pytest.mark.parametrize(("metric", "skill"), [("auprc", 0.3), ("auroc", 0.3), ("mcc", 0.3)])
def test_a_fall_that_both_uncertainties_do_not_explain_is_told(metric, skill):
    (caution,) = fall("forest", sample(1), sample(2, skill=skill), metric, 300, 1)
    assert caution.title == "`forest` falls from tune to test"
    assert "explains a fall of" in caution.sentence


def test_another_prevalence_alone_is_no_fall():
    """AUPRC falls with the share of positives, whatever the model."""
    tune, test = sample(1, n=600, share=0.5), sample(2, n=600, share=0.1)
    assert not list(fall("forest", tune, test, "auprc", 200, 1))
    assert not list(other_calls("forest", tune, test))


def test_values_may_fall_as_well():
    random = np.random.default_rng(1)
    labels = random.normal(size=200)
    tune = Sample("regression", labels, labels + 0.3 * random.normal(size=200))
    test = Sample("regression", labels, labels + 1.5 * random.normal(size=200))
    assert len(list(fall("ridge", tune, test, "r2", 200, 1))) == 1


def test_test_examples_that_train_does_not_resemble_are_told():
    random = np.random.default_rng(1)
    tune, test, units = random.uniform(0.5, 0.7, 60), random.uniform(0.2, 0.4, 80), np.arange(80)
    (caution,) = less_similar(tune, units[:60], test, units)
    assert "the less similar one in 100% of pairs" in caution.sentence
    assert not list(less_similar(tune, units[:60], tune[::-1], units[:60]))


def test_few_groups_may_be_unlike_by_accident():
    random = np.random.default_rng(1)
    tune, test = random.uniform(0.4, 0.6, 60), random.uniform(0.3, 0.5, 60)
    three = np.arange(60) // 20
    assert list(less_similar(tune, np.arange(60), test, np.arange(60)))
    assert not list(less_similar(tune, three, test, three))


@pytest.mark.parametrize(("n", "members"), [(40, 1), (150, 1), (200, 5)])
def test_partitions_of_one_kind_are_seldom_called_different(n, members):
    """Of 100 pairs of partitions without a shift, at most 2 may give a warning of each kind."""
    found = {"fall": 0, "calls": 0, "chances": 0, "similar": 0}
    for seed in range(100):
        tune, test = (sample([seed, part], n, 0.4, 1.5, members=members) for part in (1, 2))
        found["fall"] += len(list(fall("m", tune, test, "auprc", 100, seed)))
        found["calls"] += len(list(other_calls("m", tune, test)))
        found["chances"] += len(list(other_chances("m", tune, test)))
        near = [one.predictions[:, 1] for one in (tune, test)]
        found["similar"] += len(list(less_similar(near[0], tune.units, near[1], test.units)))
    assert max(found.values()) <= 2, found
