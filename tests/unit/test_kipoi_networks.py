"""Networks on a pretrained model: what is trained and what stays, and that nothing else differs."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from network_fits import default_hyperparameters, run_python, uncompiled
from partitions import make_partition
from pretrained_models import (
    as_given,
    changed,
    make_pretrained,
    needing,
    save_pretrained,
    tiny_model,
)

from deeprules.arithmetic import start_fit
from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.files import write_json
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.job_inputs import load_development, load_needed
from deeprules.fit.loading import ModelLoader
from deeprules.fit.models import (
    ChosenHyperparameters,
    FittedNetwork,
    find_module,
    load_model,
)
from deeprules.fit.pretrained_blocks import BODY, fresh_body, layers_with_weights
from deeprules.pretrained.activations import activations, input_name
from deeprules.pretrained.kipoi_inputs import contract_identity
from deeprules.tune.search import Search, trial_fingerprint
from deeprules.tune.tuning import search_model

NAMES = ("kipoi_features", "kipoi_finetune", "kipoi_scratch")


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory):
    return make_pretrained(tmp_path_factory.mktemp("pretrained") / "tiny")


@pytest.fixture
def parts(tmp_path):
    """A network by name, and train and tune as a job of it gets them."""

    def make(name, pretrained, n=120, n_features=40):
        train = make_partition(tmp_path / "train", n, n_features=n_features)
        tune = make_partition(tmp_path / "tune", 40, n_features=n_features, seed=1)
        candidate = needing("network", find_module("network", name), pretrained, train)
        return candidate, *(as_given(candidate, part) for part in (train, tune))

    return make


def build_network(name, pretrained, parts):
    """A network as it is before training, and tune, for what no training changes."""
    candidate, train, tune = parts(name, pretrained)
    built = candidate.build(default_hyperparameters(candidate, train), train)
    network = keras.Model(built.input, built.output, name="binary")
    return FittedNetwork(network, candidate.source, candidate.inputs(train)), tune


def second_stage(pretrained, parts, depth):
    """A network after one step of its second stage."""
    candidate, train, _ = parts("kipoi_finetune", pretrained)
    model = candidate.build(default_hyperparameters(candidate, train), train)
    hp = ChosenHyperparameters({"unfrozen_layers": depth, "unfrozen_rate": 0.1})
    assert candidate.module.unfreeze(model, hp) == 0.1
    return trained_a_step(model, train)


def trained_a_step(model, train):
    """The model after one step of its training."""
    model.compile("sgd", "binary_crossentropy", run_eagerly=True)
    model.train_on_batch(np.array(train.features), train.labels)
    return model


def body_weights(model):
    body = model.get_layer(BODY)
    layers = layers_with_weights(getattr(body, "layer", body))
    return {layer.name: layer.get_weights() for layer in layers}


def is_same(weights, others):
    return all(np.array_equal(one, other) for one, other in zip(weights, others, strict=True))


def test_the_frozen_body_is_unchanged_in_the_first_stage(pretrained, parts):
    candidate, train, _ = parts("kipoi_finetune", pretrained)
    model = candidate.build(default_hyperparameters(candidate, train), train)
    head = [np.array(weight) for weight in model.trainable_weights]
    trained_a_step(model, train)
    assert not is_same(head, model.trainable_weights)
    for name, weights in body_weights(model).items():
        assert is_same(weights, tiny_model().get_layer(name).get_weights()), name


@pytest.mark.parametrize(
    ("depth", "trained"), [(1, {"dense"}), (2, {"dense", "norm"}), (3, {"dense", "norm", "conv"})]
)
def test_the_second_stage_trains_as_many_layers_as_asked_for(pretrained, parts, depth, trained):
    before = tiny_model()
    differ = {
        name
        for name, weights in body_weights(second_stage(pretrained, parts, depth)).items()
        if not is_same(weights, before.get_layer(name).get_weights())
    }
    assert differ == trained


def test_the_body_runs_in_inference_mode_while_the_network_is_trained(pretrained, parts):
    _, train, _ = parts("kipoi_finetune", pretrained)
    model = second_stage(pretrained, parts, 3)
    _, one_hot, body, *_ = model.layers
    joined = keras.Model(model.input, body(one_hot(model.input)))
    codes = np.array(train.features)
    trained, predicted = (joined(codes, training=training) for training in (True, False))
    np.testing.assert_array_equal(trained, predicted)
    scratch, *_ = parts("kipoi_scratch", pretrained)
    model = scratch.build(default_hyperparameters(scratch, train), train)
    _, one_hot, body, *_ = model.layers
    joined = keras.Model(model.input, body(one_hot(model.input)))
    assert np.abs(joined(codes, training=True) - joined(codes, training=False)).max() > 0.01


def test_batch_normalisation_of_the_body_keeps_its_statistics_when_trained(pretrained, parts):
    gamma, _, *statistics = body_weights(second_stage(pretrained, parts, 3))["norm"]
    before = tiny_model().get_layer("norm").get_weights()
    assert not np.array_equal(gamma, before[0])
    assert is_same(statistics, before[2:])


def test_scratch_starts_from_other_weights_and_trains_them_all(pretrained, parts):
    candidate, train, _ = parts("kipoi_scratch", pretrained)
    hp = default_hyperparameters(candidate, train)
    start_fit(1)
    start = candidate.build(hp, train)
    body = start.get_layer(BODY)
    reference = tiny_model()
    for name in ("conv", "dense"):
        kernel, other = (model.get_layer(name).get_weights()[0] for model in (body, reference))
        assert kernel.shape == other.shape and np.abs(kernel - other).max() > 0.01
    np.testing.assert_array_equal(body.get_layer("norm").get_weights()[0], 1)
    assert len(body.trainable_weights) == 6
    first = body_weights(start)
    for name, weights in body_weights(trained_a_step(start, train)).items():
        for weight, before in zip(weights, first[name], strict=True):
            assert not np.array_equal(weight, before), name


def test_finetuning_and_scratch_have_one_architecture_and_one_penalty(pretrained, parts):
    networks = {}
    for name in ("kipoi_finetune", "kipoi_scratch"):
        candidate, train, _ = parts(name, pretrained)
        hp = default_hyperparameters(candidate, train)
        hp.values["l2"] = 3e-4
        networks[name] = candidate.build(hp, train)
    shapes = [[weight.shape for weight in model.weights] for model in networks.values()]
    assert shapes[0] == shapes[1]
    for model in networks.values():
        body = model.get_layer(BODY)
        kernel = getattr(body, "layer", body).get_layer("conv").kernel_regularizer
        assert kernel.get_config()["l2"] == pytest.approx(3e-4)


def test_every_build_has_a_body_of_its_own(pretrained, parts):
    candidate, train, _ = parts("kipoi_finetune", pretrained)
    hp = default_hyperparameters(candidate, train)
    first, second = (fresh_body(hp, pretrained, pretrained_weights=True) for _ in range(2))
    first.get_layer("conv").kernel.assign(np.zeros((5, 4, 6)))
    assert is_same(
        second.get_weights(), fresh_body(hp, pretrained, pretrained_weights=True).get_weights()
    )
    assert not is_same(first.get_weights(), second.get_weights())


def test_the_body_before_training_gives_the_extracted_activations(pretrained, parts):
    candidate, train, _ = parts("kipoi_finetune", pretrained)
    model = candidate.build(default_hyperparameters(candidate, train), train)
    _, one_hot, body, *_ = model.layers
    joined = keras.Model(model.input, body(one_hot(model.input)))
    np.testing.assert_allclose(
        joined.predict(np.asarray(train.features), verbose=0),
        activations(pretrained, train.features, None),
        atol=1e-6,
    )


@pytest.mark.parametrize("name", ["kipoi_finetune", "kipoi_scratch"])
def test_a_saved_network_needs_no_pretrained_folder(tmp_path, parts, name):
    gone = make_pretrained(tmp_path / "tiny")
    network, tune = build_network(name, gone, parts)
    network.save(tmp_path / "model.keras")
    for file in gone.folder.iterdir():
        file.unlink()
    loaded = load_model(tmp_path / "model.keras").predict(tune.features)
    np.testing.assert_allclose(loaded, network.predict(tune.features), atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_longer_sequences_go_through_in_windows(pretrained, parts, name):
    tiles = changed(pretrained, lengths="tile")
    candidate, train, _ = parts(name, tiles, n=20, n_features=90)
    model = candidate.build(default_hyperparameters(candidate, train), train)
    assert model.predict(np.asarray(train.features), verbose=0).shape == (20, 1)


def test_what_was_learnt_before_helps(tmp_path):
    task = make_partition(tmp_path / "task", 800, n_features=40, seed=5)
    model = tiny_model()
    last = keras.layers.Dense(1, activation="sigmoid", name="motif")
    target = last(model.get_layer("dense").output)
    related = keras.Model(model.input, target)
    related.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", jit_compile=False)
    bases = np.eye(4)[np.log2(task.features).astype(int)]
    related.fit(bases, task.labels, batch_size=64, epochs=12, verbose=0)
    pretrained = save_pretrained(tmp_path / "related", related, "dense")
    few = make_partition(tmp_path / "train", 60, n_features=40, seed=6)
    other = make_partition(tmp_path / "tune", 300, n_features=40, seed=7)
    candidate = needing("network", find_module("network", "kipoi_finetune"), pretrained, few)
    hp = default_hyperparameters(candidate, few)
    hp.values |= {"learning_rate": 0.05, "batch_size": 16}
    found = fit(candidate, hp, Development(few, other), 1, Budget(8, 8)).model
    assert (found.predict(other.features).argmax(axis=1) == other.labels).mean() > 0.8


def test_a_search_knows_every_hyperparameter(pretrained, parts, tmp_path):
    search = Search("random", 1, "auprc", 1, Budget(2, 2))
    space = {"units": [32, 0], "dropout": 0.1, "unfrozen_layers": [1, 3], "unfrozen_rate": 0.1}
    space["batch_size"] = 128  # a step an epoch
    candidate, *development = parts("kipoi_finetune", pretrained)
    candidate, development = replace(candidate, space=space), Development(*development)
    with uncompiled():
        table, best = search_model(search, candidate, development, tmp_path / "search")
    assert table["status"].eq("completed").all(), table["message"].tolist()
    assert space.keys() <= best["hyperparameters"].keys()


def test_another_pretrained_model_is_another_search(pretrained, parts):
    candidate, *development = parts("kipoi_finetune", pretrained)
    search = Search("random", 3, "auprc", 1, Budget(2, 2))

    def name(found):
        other = replace(candidate, needed=found)
        return trial_fingerprint(search, "a", other, Development(*development))

    others = [None, pretrained, changed(pretrained, folder_sha256="0"),
              changed(pretrained, layer="relu"), changed(pretrained, lengths="pad")]  # fmt: skip
    assert len({name(found) for found in others}) == len(others)
    assert name(changed(pretrained, python="elsewhere")) == name(pretrained)


def test_a_job_gets_the_pretrained_model_and_its_activations(pretrained, tmp_path):
    parts = {name: make_partition(tmp_path / name, 20, n_features=40) for name in ("train", "tune")}
    write_json(tmp_path / "dataset.json", {**vars(parts["train"].dataset)})
    paths = {"dataset": tmp_path / "dataset.json"}
    paths |= {f"{name}_features": tmp_path / name / "features.npy" for name in parts}
    assert load_needed(paths) is None

    write_json(tmp_path / "contract.json", pretrained.contract)
    for name, part in parts.items():
        np.save(tmp_path / f"{name}.npy", activations(pretrained, part.features, None))
        paths[f"{name}_activations"] = tmp_path / f"{name}.npy"
    paths |= {"pretrained": pretrained.folder, "contract": tmp_path / "contract.json"}
    train, tune = load_development(paths)
    assert load_needed(paths).contract == pretrained.contract
    assert train.features.shape == tune.features.shape == (20, 8)
    few = tune.subset(np.array([3, 1]))
    np.testing.assert_array_equal(few.features, tune.features[[3, 1]])


def loader(path, pretrained, inputs):
    entries = {"model": {"pretrained": "tiny", "inputs": inputs}}
    frozen = {"models": {"model": {"files": {str(path): ""}}, "cnn": {"files": {"other": ""}}}}
    write_json(path.with_name("contract.json"), pretrained.contract)
    contracts = [path.with_name("contract.json")]
    return ModelLoader.of_frozen(frozen, entries, [pretrained.folder], contracts)


@pytest.mark.parametrize("name", NAMES)
def test_the_evaluation_predicts_from_codes(pretrained, parts, tmp_path, name):
    network, tune = build_network(name, pretrained, parts)
    path = tmp_path / "model.keras"
    network.save(path)
    codes = np.load(tmp_path / "tune" / "features.npy")
    inputs = getattr(find_module("network", name), "INPUTS", "")
    load = loader(path, pretrained, inputs)
    for _ in range(2):
        found = load(str(path)).predict(codes, tune.examples)
        np.testing.assert_allclose(found, network.predict(tune.features), atol=1e-6)


def test_activations_of_the_test_set_are_computed_once(pretrained, parts, tmp_path, monkeypatch):
    network, _ = build_network("kipoi_features", pretrained, parts)
    path = tmp_path / "model.keras"
    network.save(path)
    load, calls = loader(path, pretrained, "activations"), []

    def count(*arguments):
        calls.append(arguments[2])
        return activations(*arguments)

    monkeypatch.setattr("deeprules.fit.loading.activations", count)
    codes = np.load(tmp_path / "tune" / "features.npy")
    for _ in range(3):
        load(str(path)).predict(codes)
    assert calls == [None], "once, and not into a cache on disk"


def test_a_head_is_not_used_with_another_pretrained_model(pretrained, parts, tmp_path):
    network, _ = build_network("kipoi_features", pretrained, parts)
    path = tmp_path / "model.keras"
    network.save(path)
    assert network.model.inputs[0].name == input_name(pretrained)
    other = changed(pretrained, folder_sha256="0" * 64)
    assert contract_identity(other.contract) != contract_identity(pretrained.contract)
    with pytest.raises(InputError, match="fitted on other activations"):
        loader(path, other, "activations")(str(path))


def test_a_twin_of_random_weights_is_not_taken_for_the_pretrained_model(
    pretrained, parts, tmp_path
):
    given = changed(pretrained, seed=3)
    entry = {"kind": "network", "module": "huggingface_random"}
    twin = Candidate.of("twin", entry, given).needed
    assert twin.contract == {**given.contract, "random_weights": 3}
    assert Candidate.of("it", entry | {"module": "huggingface_features"}, given).needed is given
    network, _ = build_network("huggingface_random", twin, parts)
    path = tmp_path / "model.keras"
    network.save(path)
    load = loader(path, given, "activations")
    with pytest.raises(InputError, match="fitted on other activations"):
        load(str(path))
    load.entries[str(path)]["random_weights"] = True
    assert load(str(path)).network.model.inputs[0].name == input_name(twin)


def test_layers_of_nested_models_are_counted():
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.ReLU()])
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(4), inner, keras.layers.Dense(1)]
    )
    assert [layer.units for layer in layers_with_weights(model)] == [4, 3, 1]


SAME = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_kipoi_networks import fit_all
fit_all(Path(sys.argv[1]))
"""


def fit_all(folder):
    """Fit every network once, and keep what each predicts for train."""
    folder.mkdir()
    pretrained, found = make_pretrained(folder / "tiny", length=20, lengths="tile"), {}
    for name in NAMES:
        train = make_partition(folder / name, 48, n_features=40)
        candidate = needing("network", find_module("network", name), pretrained, train)
        train = as_given(candidate, train)
        hp = default_hyperparameters(candidate, train)
        with uncompiled():
            fitted = fit(candidate, hp, Development(train, train), 1, Budget(2, 2))
            found[name] = fitted.model.predict(train.features)
    np.savez(folder / "found.npz", **found)


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_two_processes_with_one_seed_give_the_same(tmp_path, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    folders = [tmp_path / name for name in ("a", "b")]
    others = folders if backend != keras.backend.backend() else folders[1:]
    for folder in others:
        is_warm = backend == "tensorflow"
        run_python(SAME, folder, Path(__file__).parent, is_warm=is_warm, KERAS_BACKEND=backend)
    if others != folders:
        fit_all(folders[0])
    first, second = (np.load(folder / "found.npz") for folder in folders)
    for name in NAMES:
        np.testing.assert_array_equal(first[name], second[name])
