"""Models of Keras 1 and 2 compute under Keras 3 what they did, or are refused by name."""

import json
import os
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from deeprules.errors import InputError
from deeprules.pretrained.keras_files import keras_config, open_h5
from deeprules.pretrained.legacy_keras import convert, is_legacy, rebuild
from deeprules.pretrained.open_keras import open_model

DATA = Path(os.environ.get("DEEPRULES_DATA", Path(__file__).parents[3] / "shared" / "data"))
MODELS = DATA / "models"
with_models = pytest.mark.skipif(
    not MODELS.is_dir(), reason="set DEEPRULES_DATA to the data folder"
)
RNG = np.random.default_rng(1)
CONV = {
    "class_name": "Conv1D",
    "config": {
        **{"name": "conv", "filters": 3, "kernel_size": [5], "strides": [1], "padding": "valid"},
        **{"dilation_rate": [1], "activation": "relu", "use_bias": True},
        **{"batch_input_shape": [None, 20, 4], "dtype": "float32", "trainable": True},
        **{"kernel_initializer": {"class_name": "Zeros", "config": {}}, "data_format": None},
    },
}
POOL = {"class_name": "GlobalMaxPooling1D", "config": {"name": "pool", "trainable": True}}
DENSE = {
    "class_name": "Dense",
    "config": {"name": "dense", "units": 1, "activation": "sigmoid", "use_bias": True},
}
WEIGHTS = {
    "conv": {"kernel": RNG.normal(size=(5, 4, 3)), "bias": RNG.normal(size=3)},
    "pool": {},
    "dense": {"kernel": RNG.normal(size=(3, 1)), "bias": RNG.normal(size=1)},
}


def sequential(*layers):
    return {"class_name": "Sequential", "config": list(layers), "backend": "tensorflow"}


def changed(layer, **settings):
    return {**layer, "config": {**layer["config"], **settings}}


def write_weights(path, weights=WEIGHTS, **attributes):
    """An HDF5 file with weights in the layout of Keras 1 and 2."""
    with h5py.File(path, "w") as file:
        file.attrs.update(attributes)
        file.attrs["layer_names"] = [name.encode() for name in weights]
        for layer, arrays in weights.items():
            group = file.create_group(layer)
            names = [f"{layer}/{name}:0" for name in arrays]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, array in zip(names, arrays.values(), strict=True):
                group[name] = array.astype(np.float32)
    return path


def converted(path, config):
    with open_h5(path) as file:
        return convert(config, file)


def convolved(bases, kernel, bias):
    """relu(convolution) by hand: bases (N, L, 4), kernel (width, 4, filters)."""
    windows = np.lib.stride_tricks.sliding_window_view(bases, len(kernel), axis=1)
    return np.maximum(np.einsum("npcw,wcf->npf", windows, kernel) + bias, 0)


def by_hand(bases, weights=WEIGHTS):
    """The small network on bases (N, L, 4), in numpy."""
    conv, dense = weights["conv"], weights["dense"]
    pooled = convolved(bases, conv["kernel"], conv["bias"]).max(axis=1)
    return 1 / (1 + np.exp(-(pooled @ dense["kernel"] + dense["bias"])))


BASES = RNG.random((6, 20, 4)).astype(np.float32)


def test_a_rebuilt_model_computes_what_is_computed_by_hand(tmp_path):
    model = converted(write_weights(tmp_path / "w.h5"), sequential(CONV, POOL, DENSE))
    np.testing.assert_allclose(model.predict(BASES, verbose=0), by_hand(BASES), atol=1e-6)


def test_kernels_of_theano_are_turned_round(tmp_path):
    config = {**sequential(CONV, POOL, DENSE), "backend": "theano"}
    model = converted(write_weights(tmp_path / "w.h5"), config)
    turned = {**WEIGHTS["conv"], "kernel": WEIGHTS["conv"]["kernel"][::-1]}
    expected = by_hand(BASES, {**WEIGHTS, "conv": turned})
    np.testing.assert_allclose(model.predict(BASES, verbose=0), expected, atol=1e-6)


@pytest.mark.parametrize("order", [(0, None, 1, 2), (2, 1, 0, None)], ids=["1.2", "1.0"])
def test_names_and_kernels_of_keras_1_are_understood(tmp_path, order):
    conv = {
        "class_name": "Convolution1D",
        "config": {
            **{"name": "conv", "nb_filter": 3, "filter_length": 5, "border_mode": "valid"},
            **{"subsample_length": 1, "activation": "relu", "bias": True, "init": "uniform"},
            **{"input_dim": 4, "input_length": 20, "W_regularizer": None, "W_constraint": None},
        },
    }
    dense = {
        "class_name": "Dense",
        "config": {"name": "dense", "output_dim": 1, "activation": "sigmoid", "bias": True},
    }
    axes = [place for place in order if place is not None]
    kernel = np.expand_dims(WEIGHTS["conv"]["kernel"].transpose(axes), order.index(None))
    weights = {
        "conv": {"conv_W": kernel, "conv_b": WEIGHTS["conv"]["bias"]},
        "dense": {"dense_W": WEIGHTS["dense"]["kernel"], "dense_b": WEIGHTS["dense"]["bias"]},
    }
    model = converted(write_weights(tmp_path / "w.h5", weights), sequential(conv, POOL, dense))
    np.testing.assert_allclose(model.predict(BASES, verbose=0), by_hand(BASES), atol=1e-6)


def test_weights_go_to_the_layers_of_their_names_where_a_model_branches(tmp_path):
    config = {
        "class_name": "Model",
        "config": {
            "name": "two",
            "layers": [
                {
                    **{"class_name": "InputLayer", "name": "seq", "inbound_nodes": []},
                    "config": {"name": "seq", "batch_input_shape": [None, 4]},
                },
                *(
                    {
                        **changed(DENSE, name=name, activation="linear"),
                        **{"name": name, "inbound_nodes": [[["seq", 0, 0, {}]]]},
                    }
                    for name in ("left", "right")
                ),
                {
                    **{"class_name": "Concatenate", "name": "both"},
                    "config": {"name": "both", "axis": -1},
                    "inbound_nodes": [[["left", 0, 0, {}], ["right", 0, 0, {}]]],
                },
            ],
            "input_layers": [["seq", 0, 0]],
            "output_layers": [["both", 0, 0]],
        },
    }
    weights = {
        name: {"kernel": np.full((4, 1), value), "bias": np.zeros(1)}
        for name, value in (("right", 2.0), ("left", 1.0))
    }
    model = converted(write_weights(tmp_path / "w.h5", weights), config)
    np.testing.assert_allclose(model.predict(np.ones((1, 4)), verbose=0), [[4, 8]])
    other = {name.replace("left", "up"): arrays for name, arrays in weights.items()}
    with pytest.raises(InputError, match=r"`up`.*the model branches"):
        converted(write_weights(tmp_path / "w.h5", other), config)


def test_statistics_of_a_batch_normalisation_are_told_by_their_names(tmp_path):
    config = sequential(
        {
            "class_name": "BatchNormalization",
            "config": {"name": "norm", "axis": [2], "batch_input_shape": [None, 20, 4]},
        }
    )
    arrays = {name: RNG.random(4) for name in ("moving_variance", "beta", "gamma", "moving_mean")}
    model = converted(write_weights(tmp_path / "w.h5", {"norm": arrays}), config)
    scaled = (BASES - arrays["moving_mean"]) / np.sqrt(arrays["moving_variance"] + 1e-3)
    expected = scaled * arrays["gamma"] + arrays["beta"]
    np.testing.assert_allclose(model.predict(BASES, verbose=0), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([CONV, {"class_name": "LSTM", "config": {"name": "recall"}}], "`recall` is of the kind"),
        ([changed(CONV, activation="hard_sigmoid")], "`conv` has the activation 'hard_sigmoid'"),
        ([changed(CONV, activation="mine")], "activation 'mine'"),
        ([changed(CONV, data_format="channels_first")], "`data_format: channels_first`"),
        ([changed(CONV, unheard_of=3)], "setting `unheard_of`"),
        ([POOL], "`pool` .* states no input shape"),
    ],
)
def test_what_has_no_equal_is_refused_by_name(layers, message):
    with pytest.raises(InputError, match=message):
        rebuild(sequential(*layers))


def test_an_architecture_of_another_kind_is_refused():
    with pytest.raises(InputError, match="is a Graph"):
        rebuild({"class_name": "Graph", "config": {}})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dense": {}}, "2 layers with weights .* the file has 1"),
        ({"conv": {"kernel": np.ones((9, 4, 3)), "bias": np.ones(3)}}, "`conv` don't fit"),
    ],
)
def test_weights_of_another_model_are_refused(tmp_path, changes, message):
    path = write_weights(tmp_path / "w.h5", {**WEIGHTS, **changes})
    with pytest.raises(InputError, match=message):
        converted(path, sequential(CONV, POOL, DENSE))


def test_a_convolution_of_an_unknown_backend_is_refused(tmp_path):
    config = {**sequential(CONV, POOL, DENSE), "backend": None}
    with pytest.raises(InputError, match="whether TensorFlow or Theano"):
        converted(write_weights(tmp_path / "w.h5"), config)
    with open_h5(tmp_path / "w.h5") as file:
        assert convert(config, file, backend="tensorflow").count_params() == 67


def test_padding_of_theano_is_refused(tmp_path):
    config = {**sequential(changed(CONV, padding="same"), POOL, DENSE), "backend": "theano"}
    with pytest.raises(InputError, match="`conv` was made with Theano and pads"):
        converted(write_weights(tmp_path / "w.h5"), config)


def test_a_file_of_another_layout_is_refused(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["layers"] = 1
    with pytest.raises(InputError, match="holds no weights in the layout of Keras 1 or 2"):
        converted(tmp_path / "w.h5", sequential(CONV, POOL, DENSE))


@pytest.mark.parametrize(
    ("config", "version", "expected"),
    [({}, "2.1.5", True), ({}, "3.9.0", False), ({}, None, True), ({"module": "k"}, None, False)],
)
def test_a_version_tells_the_older_files(config, version, expected):
    assert is_legacy(config, version) is expected


def read_model(name):
    """A real model as it is converted."""
    path = MODELS / name
    architecture = path.with_name("arch.json")
    return open_model(path, architecture if architecture.exists() else None, trust=False)


def arrays_of(name):
    """Kernel and bias of the convolution and of the dense layer in a real file, read directly."""
    found = {}

    def note(place, value):
        if isinstance(value, h5py.Dataset) and "optimizer" not in place:
            layer, _, kind = place.removeprefix("model_weights/").partition("_")
            found[layer, kind.rpartition("/")[2].removesuffix(":0")] = value[()]

    with h5py.File(MODELS / name) as file:
        file.visititems(note)
    return found


@with_models
@pytest.mark.parametrize("name", ["Intron3.h5", "Intron5.h5", "Donor.h5"])
def test_real_models_predict_as_where_keras_3_opens_them_itself(name):
    model, version = read_model(f"mmsplice/{name}")
    direct = keras.saving.load_model(MODELS / "mmsplice" / name, compile=False)
    bases = RNG.random((4, 18, 4)).astype(np.float32)
    np.testing.assert_array_equal(model.predict(bases, verbose=0), direct.predict(bases, verbose=0))
    assert version.startswith("Keras 2.")


@with_models
@pytest.mark.parametrize(
    "name", ["kipoi_tal1/weights.hdf5", *(f"kipoi_examples/model{n}.h5" for n in (1, 2, 3))]
)
def test_real_models_that_keras_3_cannot_open_predict_as_computed_by_hand(name):
    model, version = read_model(name)
    arrays = arrays_of(name)
    weights = {
        layer: {kind: arrays[saved, kind] for kind in ("kernel", "bias")}
        for layer, saved in (("conv", "conv1d"), ("dense", "dense"))
    }
    bases = np.eye(4, dtype=np.float32)[RNG.integers(4, size=(5, 500))]
    expected = by_hand(bases, weights)
    np.testing.assert_allclose(model.predict(bases, verbose=0), expected, rtol=1e-4, atol=1e-7)
    assert version.startswith("Keras 2.1")


@with_models
def test_a_real_model_with_a_layer_of_its_own_is_refused_by_its_name():
    with pytest.raises(InputError, match="`convSpliceSite` is of the kind ConvDNA"):
        read_model("mmsplice/Acceptor.h5")


@with_models
def test_the_real_architecture_is_the_one_in_its_file():
    config = keras_config(MODELS / "mmsplice" / "Intron3.h5")
    names = [layer["name"] for layer in config["config"]["layers"]]
    assert [layer.name for layer in rebuild(config).layers] == names
    assert json.loads((MODELS / "kipoi_tal1" / "arch.json").read_text())["keras_version"] == "2.1.5"
