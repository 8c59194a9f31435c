"""Features of a table: planted ones rank first, and a planted batch effect shows as what it is."""

from functools import cache

import keras_tuner
import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset
from scipy import sparse
from shap.maskers import _tabular
from shap.utils import _masked_model
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from deeprules.controls.shuffled_labels import shuffled
from deeprules.data import Development, Partition
from deeprules.feature_store import SparseRows
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.inputs import Inputs
from deeprules.fit.models import FittedBaseline, find_module
from deeprules.interpret.coefficients import COEFFICIENT_COLUMNS
from deeprules.interpret.explaining_features import IMPORTANCE_COLUMNS, explain_features
from deeprules.interpret.feature_findings import feature_sentences, summarise_features
from deeprules.interpret.shapley import shapley_values

NAMES = ["strong", "its_copy", "weak", "artefact", *(f"gene{k}" for k in range(12))]


@pytest.fixture(scope="module", autouse=True)
def interpreted_masks():
    """The masks of `shap` as Python: numba takes longer to compile them than they do here."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (_masked_model, _tabular):
            for name, one in vars(module).copy().items():
                if hasattr(one, "py_func"):
                    patch.setattr(module, name, one.py_func)
        yield


def part(folder, n, seed, task="binary"):
    """Label by `strong` (and its copy) and `weak`; `artefact` is the batch, which goes with it."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, len(NAMES))).astype(np.float32)
    score = 2 * rows[:, 0] - rows[:, 2] + rng.logistic(size=n)
    label = score > 0
    batch = np.where(rng.random(n) < 0.85, label, ~label)
    rows[:, 1] = rows[:, 0] + 0.2 * rng.normal(size=n)
    rows[:, 3] = 4 * batch + rng.normal(size=n)
    rows[rng.random(rows.shape) < 0.01] = np.nan
    dataset = make_dataset("tabular", task, len(NAMES), covariates=())
    examples = pd.DataFrame({"id": [f"{folder}{row}" for row in range(n)]})
    examples["label"] = {"binary": np.where(label, "yes", "no"), "regression": score}.get(
        task, np.where(score < -1.5, "a", np.where(score < 1.5, "b", "c"))
    )
    examples["batch"] = np.where(batch, "b1", "b2")
    made = Partition(folder, dataset)
    made.features, made.examples = rows, examples
    return made


def development(task="binary"):
    return Development(part("train", 400, 0, task), part("tune", 250, 1, task))


def fitted(given, *steps):
    train = given.train
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), VarianceThreshold(), *steps
    )
    pipeline.fit(train.features, train.labels)
    return FittedBaseline(pipeline, Inputs(), train.dataset.is_classification)


def linear(given, strength=0.1):
    if given.train.dataset.is_classification:
        return fitted(given, StandardScaler(), LogisticRegression(C=strength))
    return fitted(given, StandardScaler(), Ridge())


def forest(given):
    return fitted(given, RandomForestClassifier(20, min_samples_leaf=3, random_state=0))


def null_of(fit_again, given):
    """The same model fitted to shuffled labels, and the data with these."""
    rng = np.random.default_rng(3)
    drawn = Development(*(shuffled(part, "all", rng) for part in given))
    return fit_again(drawn), drawn


MODELS = {
    "linear": linear,
    "trees": forest,
    "permutations": lambda given: fitted(given, StandardScaler(), GaussianNB()),
}


@cache
def explained(how):
    """What is found in a model of each kind, and its null: fitted and explained once."""
    given = development()
    null = null_of(MODELS[how], given)
    return *explain_features([MODELS[how](given)] * 2, null, given, NAMES, "auroc", seed=1), null


@pytest.mark.parametrize("how", MODELS)
def test_planted_features_rank_first_and_the_batch_shows_as_what_it_is(how):
    tables, facts, _ = explained(how)
    assert facts["how"] == how
    table = tables["importance"].set_index("feature")
    group = table.loc["strong" if "strong" in table.index else "its_copy"]
    assert group["members"] == 2 and group["survives"] and group["direction"] == "raises"
    assert not group["is_batch"] and group["loss"] > 0.1
    artefact = table.loc["artefact"]
    assert artefact["is_batch"] and artefact["batch_share"] > 0.5 and not artefact["survives"]
    assert artefact["within_batches"] < 0.5 * artefact["loss"]
    noise = table[table.index.str.startswith("gene")]
    assert noise["survives"].sum() <= 1 and not noise["is_batch"].any()
    assert table["null_loss"].abs().max() < 0.1 * group["loss"] + 0.05
    assert set(tables["shapley"]["feature"][:4]) == set(NAMES[:4])
    summary = summarise_features("model", "baseline", tables, facts)
    said = " ".join(summary["sentences"])
    assert "`strong`" in said and "the model may respond to the batch" in said
    assert summary["batch_linked"] == ["artefact"]


@pytest.mark.parametrize(
    ("module", "how"),
    [("random_forest", "trees"), ("gradient_boosting", "trees"), ("logistic_regression", "linear")],
)
def test_models_of_the_library_are_explained_by_what_they_are(module, how):
    given = development()
    candidate = Candidate(module, "baseline", find_module("baseline", module))
    hp = keras_tuner.HyperParameters()
    model = fit(candidate, hp, given, 1, Budget(1, 1)).model
    parts = [part.features for part in given]
    examples = given.tune.examples
    assert shapley_values(model, "binary", parts[1], examples, parts[0], 1).how == how


@pytest.mark.parametrize("how", MODELS)
def test_what_a_model_of_shuffled_labels_shows_too_is_no_finding(how):
    real, _, (null, drawn) = explained(how)
    tables, facts = explain_features([null] * 2, (null, drawn), drawn, NAMES, "auroc", seed=1)
    assert not tables["importance"]["survives"].any()
    assert facts["null_loss"] == tables["importance"]["null_loss"].max()
    np.testing.assert_allclose(tables["shapley"]["null"], tables["shapley"]["shapley"])
    # The null of another model: the strongest gene of one is as strong as the strongest of all.
    lost = real["importance"].query("not survives and not is_batch")
    assert lost["because"].str.contains("a model of shuffled labels").any()


@pytest.mark.parametrize(
    ("members", "said"),
    [(1, "It goes with the batch (40% of"), (2, "One of these, or more, goes with the batch (40%")],
)
def test_the_share_of_the_batch_is_said_of_the_feature_that_has_it(members, said):
    row = dict.fromkeys(IMPORTANCE_COLUMNS, 0.1) | {"feature": "a", "members": members}
    row |= {"together_with": "b", "direction": "", "class": "", "is_batch": True}
    row |= {"batch_share": 0.4, "survives": True}
    tables = {
        "importance": pd.DataFrame([row]),
        "coefficients": pd.DataFrame(columns=COEFFICIENT_COLUMNS),
    }
    (sentence,) = feature_sentences("forest", tables, {"metric": "auroc"})
    assert said in sentence


def test_coefficients_have_their_spread(tmp_path):
    given = development()
    fits = [linear(given, strength) for strength in (0.05, 0.1)]
    table = explain_features(fits, null_of(linear, given), given, NAMES, "auroc", 1)[0][
        "coefficients"
    ]
    table = table.set_index("feature")
    assert set(table.index[:4]) == set(NAMES[:4]) and table.loc["artefact", "is_batch"]
    weak = table.loc["weak"]
    assert weak["lowest"] < weak["highest"] < 0 and weak["upper"] < 0 and weak["same_sign"] == 1
    noise = table[table.index.str.startswith("gene")]
    assert (np.sign(noise["lower"]) != np.sign(noise["upper"])).mean() > 0.7
    assert not len(explained("trees")[0]["coefficients"])


def test_shapley_values_add_up_to_the_score():
    given = development()
    rows, examples = np.nan_to_num(given.tune.features), given.tune.examples
    for how, model in (("linear", linear(given)), ("trees", forest(given))):
        found = shapley_values(model, "binary", rows, examples, given.train.features, 1)
        p = model.predict(found.rows, examples)[:, 1]
        score = np.log(p / (1 - p)) if how == "linear" else p
        assert np.ptp(found.values.sum(axis=(1, 2)) - score) < 1e-4


@pytest.mark.parametrize(("task", "metric"), [("multiclass", "auroc"), ("regression", "r2")])
def test_several_classes_and_values(task, metric):
    given = development(task)
    tables, facts = explain_features(
        [linear(given)], null_of(linear, given), given, NAMES, metric, 1
    )
    table = tables["importance"]
    assert "strong" in [table["feature"][0], *table["together_with"].head(1)] or (
        table["feature"][0] == "its_copy"
    )
    classes = set(given.train.dataset.classes) or {""}
    assert set(table["class"]) <= classes and set(tables["coefficients"]["class"]) <= classes
    assert summarise_features("model", "baseline", tables, facts)["sentences"]


def test_sparse_rows_and_features_that_are_not_chosen():
    given = development()
    for one in given:
        one.features = SparseRows(sparse.csr_array(np.maximum(np.nan_to_num(one.features), 0)))
    pipeline = make_pipeline(SelectKBest(k=10), LogisticRegression(C=0.1))
    pipeline.fit(given.train.features, given.train.labels)
    model = FittedBaseline(pipeline, Inputs(), True)
    tables, _ = explain_features([model], (model, given), given, NAMES, "auroc", 1)
    assert {"strong", "its_copy"} & set(tables["importance"]["feature"][:2])
    assert len(tables["shapley"]) == 10
