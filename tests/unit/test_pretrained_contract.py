"""The check of a pretrained model: what does not fit the data is refused in one clear message."""

import importlib.util
import os
import stat
import sys
from pathlib import Path

import h5py
import keras
import keras_tuner
import numpy as np
import pytest
from partitions import make_partition

from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.files import read_json, write_json
from deeprules.networks import cnn
from deeprules.pretrained.kipoi_folder import write_kipoi_folder, write_model_yaml
from deeprules.pretrained.open_keras import keras_schema
from deeprules.pretrained.pretrained import Pretrained
from deeprules.pretrained.pretrained_contract import (
    check_framework,
    check_pretrained,
    folder_sha256,
)
from deeprules.pretrained.pretrained_input import settle_input

AS_THE_MODEL_SAYS = dict.fromkeys(("channels", "axes", "ambiguous", "length", "strand"))
SETTINGS = {
    **{"python": None, "trust": False, "layer": None, "lengths": "crop"},
    "input": AS_THE_MODEL_SAYS,
}
KEYS = {
    *("name", "framework", "weights", "trust", "python", "layer", "layers", "n_outputs", "input"),
    *("data_length", "lengths", "folder_sha256", "checks", "warnings", "hidden", "cautions"),
}


def dataset(length, modality="sequence"):
    return Dataset(modality, "binary", ("no", "yes"), length, (), False, False)


def write_model(folder, model, **changes):
    """A model as a Kipoi folder; `changes` are arguments of `write_kipoi_folder`."""
    folder.mkdir()
    model.save(folder / "model.keras")
    settings = {
        **{"info": {"doc": "made here"}, "schema": keras_schema(model), "dataloader": None},
        **{"dependencies": {}, "test": None},
    }
    write_kipoi_folder(folder, folder / "model.keras", **{**settings, **changes})
    return folder


def motif_network(shape=(20, 4)):
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Conv1D(6, 5, activation="relu", name="filters"),
            keras.layers.GlobalMaxPooling1D(name="pool"),
            keras.layers.Dense(1, name="score"),
        ]
    )


@pytest.fixture
def folder(tmp_path):
    return write_model(tmp_path / "model", motif_network())


def check(folder, length=20, record=None, hidden=(), **settings):
    settings = {**SETTINGS, **settings}
    return check_pretrained("motifs", settings, folder, dataset(length), record or {}, 1, hidden)


def test_the_contract_says_what_the_model_takes_and_gives(folder, tmp_path):
    contract = check(folder, record={"converted_from": "Keras 2.1.5"})
    assert set(contract) == KEYS
    assert contract["framework"] == "keras"
    assert contract["weights"] == "model.keras"
    assert contract["layer"] == "pool"
    assert contract["layers"] == ["filters", "pool", "score"]
    assert contract["n_outputs"] == 6
    assert contract["input"] == {
        **{"channels": "ACGT", "axes": "length_channel", "ambiguous": "shares", "length": 20},
        "strand": "as_given",
    }
    assert contract["folder_sha256"] == folder_sha256(folder)
    assert "It was rebuilt from a model of Keras 2.1.5." in contract["checks"]
    assert any("ACGT is assumed" in sentence for sentence in contract["warnings"])
    write_json(tmp_path / "contract.json", contract)
    pretrained = Pretrained.load(folder, tmp_path / "contract.json")
    assert (pretrained.name, pretrained.layer) == ("motifs", "pool")
    assert pretrained.input_settings == contract["input"]


def test_a_named_layer_is_taken(folder):
    assert check(folder, layer="filters")["n_outputs"] == 6
    assert check(folder, layer="score")["n_outputs"] == 1


def test_a_layer_that_does_not_exist_lists_those_that_do(folder):
    with pytest.raises(InputError, match=r"no layer `convolution`. It has: filters, pool, score"):
        check(folder, layer="convolution")


def test_a_model_without_a_dense_layer_asks_for_a_layer(tmp_path):
    model = keras.Sequential(
        [keras.Input((20, 4)), keras.layers.Conv1D(2, 3, name="c"), keras.layers.Flatten()]
    )
    with pytest.raises(InputError, match=r"no hidden layer before a last dense one.*c, flatten"):
        check(write_model(tmp_path / "model", model))


def test_a_dense_layer_on_the_input_itself_is_no_hidden_layer(tmp_path):
    model = keras.Sequential([keras.Input((20, 4)), keras.layers.Dense(3)])
    with pytest.raises(InputError, match="no hidden layer"):
        check(write_model(tmp_path / "model", model))


def test_a_network_of_ours_takes_its_codes_and_its_hidden_layer(tmp_path):
    train = make_partition(tmp_path / "train", 10, "sequence", "binary", n_features=40)
    model = cnn.build(keras_tuner.HyperParameters(), train)
    contract = check(write_model(tmp_path / "model", model), length=40)
    assert contract["input"]["axes"] == "codes"
    assert contract["input"]["length"] == 40
    assert contract["layer"].startswith("body/")
    assert contract["layer"] in contract["layers"]
    assert contract["n_outputs"] == 64


@pytest.mark.parametrize(
    ("length", "lengths", "warning"),
    [
        (30, "crop", "it sees their centre"),
        (12, "pad", "they are padded on both sides"),
        (45, "tile", "it sees 3 windows of each"),
    ],
)
def test_other_lengths_are_used_as_the_policy_says(folder, length, lengths, warning):
    contract = check(folder, length, lengths=lengths)
    assert contract["n_outputs"] == 6
    assert any(warning in sentence for sentence in contract["warnings"])


@pytest.mark.parametrize(("length", "lengths"), [(12, "crop"), (12, "tile"), (30, "pad")])
def test_a_length_that_the_policy_does_not_cover_is_refused(folder, length, lengths):
    with pytest.raises(InputError, match=r"pretrained\.motifs\.lengths: .* take"):
        check(folder, length, lengths=lengths)


def test_data_that_are_no_sequences_are_refused(folder):
    with pytest.raises(InputError, match="the data are tabular"):
        check_pretrained("motifs", SETTINGS, folder, dataset(20, "tabular"), {}, seed=1)


def test_a_schema_that_does_not_fit_the_model_is_refused(folder):
    content = {
        **{"type": "keras", "args": {"weights": "model.keras"}, "info": {}},
        "schema": {"inputs": {"seq": {"shape": [500, 4]}}, "targets": {"shape": [1]}},
    }
    write_model_yaml(folder, content)
    with pytest.raises(
        InputError, match=r"has the shape \(500, 4\), but the model takes \(20, 4\)"
    ):
        check(folder)


def test_a_model_with_more_than_the_sequence_as_input_is_refused(folder):
    inputs = {"seq": {"shape": [20, 4]}, "signal": {"shape": [20, 1]}}
    content = {
        **{"type": "keras", "args": {"weights": "model.keras"}, "info": {}},
        "schema": {"inputs": inputs, "targets": {"shape": [1]}},
    }
    write_model_yaml(folder, content)
    with pytest.raises(InputError, match="states 2 inputs"):
        check(folder)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((100, 4), "length_channel"),
        ((4, 100), "channel_length"),
        ((4, 100, 1), "channel_length_1"),
        ((4, 1, 100), "channel_1_length"),
        ((1, 100, 4), "1_length_channel"),
        ((None, 4), "length_channel"),
    ],
)
def test_axes_are_read_from_the_shape(shape, axes):
    settled = settle_input("motifs", AS_THE_MODEL_SAYS, shape, "float32", {})
    assert settled.settings["axes"] == axes
    assert settled.settings["length"] == (100 if 100 in shape else None)


@pytest.mark.parametrize(
    ("given", "shape", "message"),
    [
        ({}, (100, 5), "no axis of it is one of 4 channels"),
        ({}, (100,), "does not take one-hot DNA"),
        ({}, (4, 4), "fits `length_channel` or `channel_length`. State which"),
        ({}, (None, None), "State `input: axes`|state `input: axes`"),
        ({"axes": "channel_length"}, (100, 4), "Give axes that fit: `length_channel`"),
        ({"axes": "codes"}, (100, 4), "does not fit the model"),
        ({"length": 90}, (100, 4), "is 90, but the model takes 100 bases"),
    ],
)
def test_an_input_that_does_not_fit_is_refused(given, shape, message):
    with pytest.raises(InputError, match=message):
        settle_input("motifs", {**AS_THE_MODEL_SAYS, **given}, shape, "float32", {})


def test_the_configuration_settles_what_the_shape_leaves_open():
    given = {
        **{"axes": "channel_length", "channels": "AGCT", "ambiguous": "zero", "length": 50},
        "strand": "reverse_complement",
    }
    settled = settle_input("motifs", given, (None, None), None, {})
    assert settled.settings == given
    assert not settled.warnings


def test_channels_are_read_from_the_models_own_reader():
    reader = {
        "defined_as": "kipoiseq.dataloaders.SeqIntervalDl",
        "default_args": {"alphabet": "AGCT", "neutral_value": 0},
    }
    content = {"default_dataloader": reader}
    settled = settle_input("motifs", AS_THE_MODEL_SAYS, (100, 4), None, content)
    assert settled.settings["channels"] == "AGCT"
    assert settled.settings["ambiguous"] == "zero"
    assert not settled.warnings


@pytest.fixture
def with_example(tmp_path):
    """A folder whose example has inputs and what the model predicts for them."""
    model = motif_network()
    inputs = np.random.default_rng(1).random((5, 20, 4)).astype(np.float32)
    test = {"expect": "expect.h5", "precision_decimal": 4}
    folder = write_model(tmp_path / "model", model, test=test)
    with h5py.File(folder / "expect.h5", "w") as file:
        file["inputs"], file["preds"] = inputs, model.predict(inputs, verbose=0)
    return folder


def test_the_models_own_example_is_predicted(with_example):
    assert any("On its own 5 examples" in sentence for sentence in check(with_example)["checks"])


def test_a_model_that_fails_its_own_example_is_refused(with_example):
    with h5py.File(with_example / "expect.h5", "a") as file:
        file["preds"][0] += 0.01
    with pytest.raises(InputError, match=r"differ by up to 0.01"):
        check(with_example)


def test_an_example_without_inputs_is_told(with_example):
    with h5py.File(with_example / "expect.h5", "a") as file:
        del file["inputs"]
    warnings = check(with_example)["warnings"]
    assert "Its own example has no plain inputs and predictions." in warnings


def test_a_framework_that_is_not_installed_asks_for_an_interpreter(tmp_path, monkeypatch):
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else "found"
    )
    content = {
        **{"type": "pytorch", "args": {"weights": "model.pth"}, "info": {}},
        "schema": {"inputs": {"seq": {"shape": [4, 20]}}, "targets": {"shape": [1]}},
    }
    write_model_yaml(tmp_path, content)
    with pytest.raises(InputError, match=r"torch cannot be imported.*set `python:`"):
        check(tmp_path, trust=True)


def test_the_framework_is_looked_for_where_the_model_would_run(tmp_path):
    check_framework("motifs", "keras", sys.executable)
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\nexit 1\n")
    bare.chmod(bare.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(InputError, match=f"keras cannot be imported in {bare}"):
        check_framework("motifs", "keras", str(bare))
    with pytest.raises(InputError, match="there is no interpreter"):
        check_framework("motifs", "keras", str(tmp_path / "nowhere"))


def test_code_that_may_run_is_warned_of(folder):
    contract = check(folder, trust=True, hidden=["results"])
    warnings, (caution,) = contract["warnings"], contract["cautions"]
    assert "as it is part of the networks that are trained" in caution["sentence"]
    assert "Code that it brings may run (`trust: true`)." in warnings


def test_the_hash_of_a_folder_sees_names_and_contents_and_no_time_stamps(folder):
    before = folder_sha256(folder)
    (folder / ".snakemake_timestamp").write_text("")
    os.utime(folder / "model.yaml")
    assert folder_sha256(folder) == before
    (folder / "model.yaml").rename(folder / "model.yml")
    assert folder_sha256(folder) != before


DATA = Path(os.environ.get("DEEPRULES_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.skipif(not (DATA / "models").is_dir(), reason="set DEEPRULES_DATA to the data folder")
def test_a_real_model_of_any_length_is_checked(tmp_path):
    from deeprules.pretrained.pretrained_sources import fetch_pretrained

    entry = {
        **{"url": str(DATA / "models" / "mmsplice" / "Intron3.h5"), "architecture": None},
        **{"sha256": None, "architecture_sha256": None, "trust": False, "version": "31513da"},
        **{"licence": "MIT", "citation": "Cheng et al. 2019"},
    }
    folder, record = tmp_path / "intron3", tmp_path / "record.json"
    fetch_pretrained("intron3", entry, folder, record, pins=tmp_path / "pins", mirrors={})
    contract = check(folder, length=75, record=read_json(record))
    assert contract["n_outputs"] == 256
    assert contract["input"]["length"] is None
    assert contract["layer"].startswith("global_average_pooling1d")
