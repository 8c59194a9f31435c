"""What a model is given of an example beside its features."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from partitions import make_partition
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.covariates import CovariateEncoding
from deeprules.fit.fitting import fit
from deeprules.fit.inputs import Inputs
from deeprules.fit.models import ChosenHyperparameters, load_model
from deeprules.fit.representation import feature_steps

BOTH = ("features", "covariates")
VALUES = ChosenHyperparameters({"kmer": 1, "fold_strands": False})


def table(n=60):
    return pd.DataFrame(
        {
            "age": np.r_[np.nan, np.arange(n - 1.0)],
            "site": ["a"] * 30 + ["b"] * 26 + ["rare"] * 3 + [None],
            "constant": 3,
        }
    )


def test_covariates_become_numbers_by_constants_of_train():
    encoding = CovariateEncoding.of(table())
    assert encoding.names == ["age", "site=a", "site=b", "site=other", "constant"]
    numbers = encoding.encode(table())
    assert numbers.shape == (60, 5) and numbers.dtype == np.float32
    assert abs(numbers[:, 0].mean()) < 1e-6 and abs(numbers[:, 0].std() - 1) < 1e-6
    assert numbers[0, 0] == pytest.approx(0, abs=1e-6), "the median where a value is missing"
    np.testing.assert_array_equal(numbers[:, 1:4].sum(axis=1), 1)
    assert numbers[:, 3].sum() == 4 and not numbers[:, 4].any()
    new = table().iloc[:2].assign(site="never seen", age=[29.0, 1e6])
    np.testing.assert_array_equal(encoding.encode(new)[:, 1:4], [[0, 0, 1]] * 2)
    assert encoding.encode(new)[1, 0] > 1e3


def test_a_column_of_rare_values_alone_still_has_a_number():
    rare = pd.DataFrame({"site": [f"s{number}" for number in range(6)]})
    assert CovariateEncoding.of(rare).encode(rare).tolist() == [[1.0]] * 6


def test_inputs_are_written_down_and_read_again(tmp_path):
    train = make_partition(tmp_path / "train", 40)
    inputs = Inputs.of(BOTH, train)
    again = Inputs.of_record(inputs.record())
    found = [each.read(train.features, train.examples) for each in (inputs, again)]
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    assert Inputs().record() == {} and Inputs.of_record({}) == Inputs()


@pytest.mark.parametrize("modality", ["sequence", "tabular"])
@pytest.mark.parametrize("make", [LogisticRegression, RandomForestClassifier])
def test_a_baseline_finds_covariates_beside_the_features(tmp_path, modality, make):
    """The label is whether the age is above 50, of which the features know nothing."""
    parts = []
    for seed, name in enumerate(Development._fields):
        part = make_partition(tmp_path / name, 200, modality, n_features=20, seed=seed)
        part.examples["label"] = np.where(part.examples["age"] > 50, "yes", "no")
        parts.append(part)
    tune = parts[1]

    def build(hp, train):
        return make_pipeline(*feature_steps(hp, train), make())

    right = {}
    for inputs in (("features",), BOTH):
        candidate = Candidate("own", "baseline", SimpleNamespace(build=build, INPUTS=inputs))
        model = fit(candidate, VALUES, Development(*parts), 1, Budget(1, 1)).model
        predictions = model.predict(tune.features, tune.examples.drop(columns="label"))
        right[inputs] = (predictions.argmax(axis=1) == tune.labels).mean()
    assert right[BOTH] > 0.8 > 0.65 > right["features",]
    model.save(tmp_path / "model.joblib")

    loaded = load_model(tmp_path / "model.joblib").predict(tune.features, tune.examples)
    np.testing.assert_array_equal(loaded, predictions)


def test_data_without_covariates_and_examples_without_their_columns_are_refused(tmp_path):
    train = make_partition(tmp_path / "train", 40)
    with pytest.raises(InputError, match="age is not among those given"):
        Inputs.of(BOTH, train).read(train.features, train.examples.drop(columns="age"))
    train.dataset = SimpleNamespace(covariates=())
    with pytest.raises(InputError, match="data: covariates"):
        Inputs.of(BOTH, train)
