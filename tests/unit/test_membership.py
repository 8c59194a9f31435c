"""The audit of membership: known answers, chance, and what is said of them."""

import numpy as np
import pandas as pd
import pytest
from partitions import make_partition
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score, roc_curve

from deeprules.control import Terms
from deeprules.controls.membership_inference import (
    LIRA,
    WITHOUT_REFERENCE,
    cost,
    drawn_halves,
    run,
    summarise,
)
from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.fit.candidates import Candidate
from deeprules.statistics import membership
from deeprules.statistics.membership import (
    SHARES,
    attack,
    confidence_scores,
    epsilon_at,
    epsilon_lower_bound,
    halves,
    lira_scores,
    value_scores,
)
from deeprules_workflow.controls import with_shadow_fits

JAX_PRIVACY = {
    (0.5, 0.0): 0.861504754831333,
    (1.5, 0.0): 1.615952889308415,
    (2.5, 0.0): 2.264070892103017,
    (0.5, 0.01): 0.8490767475398805,
    (1.5, 0.01): 1.592460635552743,
    (2.5, 0.01): 2.1825245399247293,
}
"""{(threshold, delta): CanaryScoreAuditor.epsilon_clopper_pearson of jax-privacy 2.0.0}, with the
significance .05 / 20 and the strategy `Explicit`, of the scores of the test."""


class Chosen:
    """A model of scikit-learn as a control is given it."""

    def __init__(self, estimator, private=None):
        self.estimator = estimator
        self.facts = {"model": "forest", "kind": "baseline"}
        self.candidate = Candidate("forest", "baseline", None, private=private)

    def refit(self, development, seed, what, remedy):
        train = development.train
        self.estimator.fit(train.features, train.labels)
        return self

    def predict(self, features, examples):
        if hasattr(self.estimator, "predict_proba"):
            return self.estimator.predict_proba(features)
        return self.estimator.predict(features)


def shadow_scores(estimator, n=400, pairs=8, noise=0.2, seed=0, shuffled=False):
    """Scores of shadow fits on made-up examples with some labels wrong, and their members."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 10))
    labels = (features[:, :3].sum(axis=1) > 0).astype(int)
    labels = np.where(rng.random(n) < noise, 1 - labels, labels)
    labels = rng.permutation(labels) if shuffled else labels
    members = halves(labels, pairs, seed)
    scores = []
    for rows in members:
        estimator.fit(features[rows], labels[rows])
        scores.append(confidence_scores(estimator.predict_proba(features), labels))
    return np.array(scores), members


def lira(estimator, **facts):
    scores, members = shadow_scores(estimator, **facts)
    units = np.arange(scores.shape[1])
    return attack(lira_scores(scores, members), members, units, 100, 1).values


def forest(leaf, trees=15):
    return RandomForestClassifier(trees, min_samples_leaf=leaf, max_features=2, random_state=0)


def test_a_forest_with_leaves_of_one_is_caught():
    found = lira(forest(1, trees=50))
    assert found["tpr_at_0.01"][0] >= 0.5 and found["tpr_at_0.01"][1] > 0.3
    assert found["auroc"][1] > 0.9 and found["epsilon"][0] > 1


def test_a_regularised_regression_passes():
    found = lira(LogisticRegression(C=0.05))
    assert found["auroc"][0] < 0.6 and found["tpr_at_0.01"][1] < 0.05
    assert found["epsilon"][0] == 0


def test_shuffled_labels_are_the_worst_case():
    real, shuffled = (lira(forest(8), shuffled=one) for one in (False, True))
    assert shuffled["auroc"][1] > real["auroc"][2]


def test_intervals_cover_chance_where_no_fit_saw_anything():
    """Of 200 audits of scores that membership does not touch, 95% of the intervals hold chance."""
    covered = {"auroc": 0, "tpr_at_0.01": 0}
    bounds = []
    for seed in range(200):
        rng = np.random.default_rng(1000 + seed)
        members = halves(np.zeros(125), 4, seed)
        scores = 2 * rng.normal(size=125) + rng.normal(size=members.shape)
        found = attack(lira_scores(scores, members), members, np.arange(125), 100, seed).values
        for name, chance in (("auroc", 0.5), ("tpr_at_0.01", 0.01)):
            covered[name] += found[name][1] <= chance <= found[name][2]
        bounds.append(found["epsilon"][0])
    assert 0.92 <= covered["auroc"] / 200 <= 0.98
    assert np.mean(np.array(bounds) > 0) <= 0.05


def test_groups_are_members_as_a_whole_and_drawn_as_a_whole():
    """Ten copies of each example tell nothing more than one."""
    scores, members = shadow_scores(forest(1), n=60, pairs=4)
    units = np.repeat(np.arange(60), 10)
    once = attack(scores, members, np.arange(60), 200, 1).values["auroc"]
    copies = attack(scores[:, units], members[:, units], units, 200, 1).values["auroc"]
    alone = attack(scores[:, units], members[:, units], np.arange(600), 200, 1).values["auroc"]
    assert copies == pytest.approx(once, abs=0.02)
    assert alone[2] - alone[1] < 0.5 * (copies[2] - copies[1])


def test_halves_share_out_every_class_and_no_fit_is_attacked_with_its_twin():
    strata = np.repeat([0, 1], [50, 11])
    members = halves(strata, 3, 0)
    assert (members[0::2] == ~members[1::2]).all()
    for rows in members:
        assert abs(rows[:50].sum() - 25) <= 1 and abs(rows[50:].sum() - 5.5) <= 0.5
    scores = np.random.default_rng(0).normal(size=members.shape)
    first = lira_scores(scores, members)[0]
    scores[1] += 100
    assert (lira_scores(scores, members)[0] == first).all()


def test_the_bound_of_epsilon_is_that_of_jax_privacy():
    rng = np.random.default_rng(7)
    inside, outside = rng.normal(1.5, 1, 2000), rng.normal(0, 1, 2000)
    assert len(SHARES) == 20
    for (threshold, delta), bound in JAX_PRIVACY.items():
        counts = ((inside >= threshold).sum(), 2000, (outside >= threshold).sum(), 2000)
        assert epsilon_at(*counts, delta) == pytest.approx(bound, abs=1e-12)
    assert epsilon_lower_bound(inside, outside) > max(JAX_PRIVACY.values())


def test_rates_are_those_of_scikit_learn():
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(3, 700)).round(1)
    members = rng.random((3, 700)) < 0.5
    found = attack(scores + members, members, np.arange(700), 2, 0).values
    truth, values = members.ravel(), (scores + members).ravel()
    assert found["auroc"][0] == pytest.approx(roc_auc_score(truth, values))
    fpr, tpr, _ = roc_curve(truth, values)
    assert found["tpr_at_0.01"][0] == pytest.approx(np.interp(0.01, fpr, tpr))


def test_a_bound_of_epsilon_needs_examples():
    scores = np.random.default_rng(0).normal(size=30)
    assert epsilon_lower_bound(scores + 9, scores[:0]) == 0
    few, many = (epsilon_lower_bound(np.arange(n) + 1000.0, -np.arange(n)) for n in (50, 5000))
    assert few < 2.5 and many > 6


def test_values_near_to_the_truth_score_high():
    labels = np.array([0.0, 1.0, 5.0])
    scores = value_scores(np.array([0.0, 1.5, 9.0]), labels, labels.std())
    assert scores[0] > scores[1] > scores[2] and np.isfinite(scores).all()


@pytest.fixture(params=["binary", "multiclass", "regression"])
def development(request, tmp_path):
    parts = (
        make_partition(tmp_path / name, n, "tabular", request.param, n_features=6, seed=seed)
        for seed, (name, n) in enumerate({"train": 150, "tune": 60}.items())
    )
    return Development(*parts)


def audited(development, estimator, folder, shadows, private=None):
    """The control as its job runs it."""
    task = development.train.dataset.task
    model = Chosen(estimator, private).refit(development, 0, "", "")
    tables = []
    for name, part in development._asdict().items():
        predictions = model.predict(part.features, part.examples)
        table = part.examples[["id"]].assign(partition=name)
        if task == "regression":
            table["prediction"] = predictions
        else:
            table[[f"p_{one}" for one in part.dataset.classes]] = predictions
        tables.append(table)
    path = folder / "predictions.parquet"
    pd.concat(tables[::-1]).to_parquet(path)
    terms = Terms(shadows, 1, "auroc", 50, files={"fit_predictions": [path]})
    table = run(model, development, terms)
    return summarise(table, development, terms)


def test_the_control_says_what_it_found(development, tmp_path):
    is_regression = development.train.dataset.task == "regression"
    table, summary = audited(development, Ridge() if is_regression else forest(1), tmp_path, 8)
    assert set(table["attack"]) == {LIRA, WITHOUT_REFERENCE} and len(table) == 8
    (model,) = summary["models"]
    assert model["attacks"][LIRA]["members"] == 4 * 150 and summary["shadows"] == 8
    if not is_regression:
        assert model["found"] != "nothing" and "an attack tells who was" in model["sentence"]
    assert (
        f"{LIRA}: there are too few others for a false positive rate of 0.01 and 0.001."
        in (summary["notes"])
    )
    assert not {"id", "example"} & {*table.columns}


def test_without_shadow_fits_it_is_said_that_the_stronger_attack_was_not_tried(
    development, tmp_path
):
    is_regression = development.train.dataset.task == "regression"
    estimator = Ridge(1e6) if is_regression else LogisticRegression(C=1e-6)
    table, summary = audited(development, estimator, tmp_path, True)
    assert set(table["attack"]) == {WITHOUT_REFERENCE}
    assert "was not tried" in " ".join(summary["notes"])
    (model,) = summary["models"]
    assert model["found"] == "nothing" and "A stronger one may." in model["sentence"]
    assert "private" not in " ".join([model["sentence"], *summary["notes"]])


@pytest.mark.parametrize("development", ["binary"], indirect=True)
@pytest.mark.parametrize(("fits", "attack"), [(8, LIRA), (True, WITHOUT_REFERENCE)])
def test_a_promise_that_an_attack_disproves_stops_the_run(
    development, tmp_path, monkeypatch, fits, attack
):
    monkeypatch.setattr(membership, "epsilon_lower_bound", lambda *_: 3.21)
    promise = {"epsilon": 3.0, "delta": 1e-5, "fits": 2}
    told = rf"forest: its training promises an epsilon of 3 .*{attack}.* at least 3\.21"
    with pytest.raises(InputError, match=told):
        audited(development, forest(9), tmp_path, fits, promise)
    audited(development, forest(9), tmp_path, fits, {**promise, "epsilon": 3.3})
    audited(development, forest(9), tmp_path, fits)


def test_no_bound_is_said_in_words(development, tmp_path):
    is_regression = development.train.dataset.task == "regression"
    estimator = Ridge(1e6) if is_regression else LogisticRegression(C=1e-6)
    _, summary = audited(development, estimator, tmp_path, True)
    assert "no epsilon ruled out" in summary["models"][0]["sentence"]


def test_the_cost_is_stated_in_whole_fits(development):
    assert cost(development, Terms(True, 0, "auroc", 0)).fits == 0
    assert cost(development, Terms(16, 0, "auroc", 0)).fits == pytest.approx(16 * 0.65)


def test_units_of_a_class_are_shared_out(development):
    train = development.train
    members = drawn_halves(train, np.repeat(np.arange(50), 3).astype(str), 2, 0)
    by_unit = members.reshape(4, 50, 3)
    assert (by_unit == by_unit[:, :, :1]).all() and (by_unit[:, :, 0].sum(axis=1) > 20).all()


def test_data_that_are_not_public_have_shadow_fits_unless_a_number_says_otherwise():
    for settings, is_closed, wanted in (
        (True, False, True),
        (True, True, 16),
        (64, True, 64),
        (False, True, False),
    ):
        made = with_shadow_fits({"membership_inference": settings, "budget": 1}, is_closed)
        assert made == {"membership_inference": wanted, "budget": 1}
