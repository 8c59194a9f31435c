"""Differentially private training: what the guarantee rests on. It needs jax-privacy, on JAX."""

import os

import numpy as np
import pytest
from partitions import make_partition

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.models import ChosenHyperparameters, find_module
from deeprules.tune.search import PRIVATE, settled_space

TERMS = {"epsilon": 3.0, "delta": 1e-4, "fits": 2}
CNN = {
    "initialiser": "he_normal", "l2": 1e-6, "batch_normalisation": False, "activation": "relu",
    "dropout": 0.0, "optimizer": "adam", "learning_rate": 2e-3, "batch_size": 64, "filters": 4,
    "kernel": 5, "blocks": 1, "position": "ignored", "units": 4, "augment_shift": 0,
    "strands": "as_given",
}  # fmt: skip


def test_every_hyperparameter_has_one_value():
    defaults = {"batch_size": 64, "dropout": 0.3, "filters": 32, "units": 64}
    found = settled_space({"filters": 8, "dropout": 0.1}, defaults)
    assert found == {"batch_size": 256, "dropout": 0.1, "filters": 8, "units": 64}
    assert PRIVATE["batch_normalisation"] is False


@pytest.fixture(scope="module")
def private_training():
    pytest.importorskip("jax_privacy", reason="jax-privacy is not installed (`make private`)")
    if os.environ.get("KERAS_BACKEND") != "jax":
        pytest.skip("private networks are trained on JAX: set KERAS_BACKEND=jax")
    from deeprules.fit import private_training

    return private_training


@pytest.fixture(scope="module")
def development(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    return Development(
        *(
            make_partition(folder / name, n, "sequence", "binary", n_features=20, seed=seed)
            for seed, (name, n) in enumerate({"train": 200, "tune": 60}.items())
        )
    )


def train(private_training, development, terms=TERMS, epochs=2, **changes):
    candidate = Candidate("private_cnn", "network", find_module("network", "cnn"), private=terms)
    hp = ChosenHyperparameters({**CNN, **changes})
    return private_training.train_privately(candidate, hp, development, 1, Budget(epochs, 1))


def test_a_private_network_is_saved_and_loads_as_any_other(private_training, development, tmp_path):
    from deeprules.fit.models import load_model

    network, history, settings = train(private_training, development)
    assert history["epoch"].tolist() == [1, 2] and np.isfinite(history).all(axis=None)
    promise = settings["privacy"]
    assert promise["steps"] == 2 * (200 // 64) and promise["sampling_probability"] == 64 / 200
    assert settings["class_weights"] is None and settings["early_stopping"] is None
    network.save(tmp_path / "model.keras")
    features = development.tune.features
    gap = network.predict(features) - load_model(tmp_path / "model.keras").predict(features)
    assert np.abs(gap).max() == 0
    # The seed of the run is no key to the noise: under the same seed the fit is another one.
    again, *_ = train(private_training, development)
    assert np.abs(again.predict(features) - network.predict(features)).max() > 1e-4


def test_the_noise_serves_all_fits_and_is_that_of_an_accountant_of_another_kind(private_training):
    import dp_accounting

    once, thrice = (
        private_training.noise_multiplier(3.0, 1e-5, fits, 2000, 200, 40) for fits in (1, 3)
    )
    assert thrice > once
    # Renyi differential privacy bounds it a little more loosely.
    for fits, noise in ((1, once), (3, thrice)):
        accountant = dp_accounting.rdp.RdpAccountant()
        step = dp_accounting.PoissonSampledDpEvent(0.1, dp_accounting.GaussianDpEvent(noise))
        accountant.compose(dp_accounting.SelfComposedDpEvent(step, 40 * fits))
        assert 2.9 < accountant.get_epsilon(1e-5) < 3.6


@pytest.mark.parametrize(
    ("changes", "layer"),
    [
        ({"batch_normalisation": True}, "BatchNormalization"),
        ({"dropout": 0.2}, "Dropout"),
        ({"strands": "augment"}, "RandomReverseComplement"),
        ({"augment_shift": 3}, "RandomShift"),
    ],
)
def test_layers_that_the_guarantee_does_not_hold_with_are_refused(
    private_training, development, changes, layer
):
    with pytest.raises(InputError, match=f"differential privacy: .*{layer}"):
        train(private_training, development, **changes)


def test_a_promise_that_allows_one_example_to_be_told_is_refused(private_training, development):
    with pytest.raises(InputError, match="not below 1 in 200"):
        train(private_training, development, {**TERMS, "delta": 0.01})
    with pytest.raises(InputError, match=r"fewer than `batch_size` \(256\)"):
        train(private_training, development, batch_size=256)
