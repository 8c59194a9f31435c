"""Keras files are data: what is damaged or brings code is refused before Keras opens it."""

import json
import pickle
import zipfile

import h5py
import keras
import numpy as np
import pytest

from deeprules.errors import InputError
from deeprules.pretrained.keras_files import keras_config, load_keras
from deeprules.pretrained.kipoi_folder import write_kipoi_folder
from deeprules.pretrained.open_keras import keras_schema, open_model

BASES = np.random.default_rng(1).random((3, 8, 4)).astype(np.float32)
OBJECTS = """
import keras
class Doubled(keras.layers.Layer):
    def call(self, x):
        return 2 * x
OBJECTS = {"Doubled": Doubled}
"""


def small_model(*layers):
    keras.utils.set_random_seed(1)
    flat = [keras.Input((8, 4)), *layers, keras.layers.Flatten(), keras.layers.Dense(2)]
    return keras.Sequential(flat)


def saved(folder, *layers, name="model.keras"):
    model = small_model(*layers)
    model.save(folder / name)
    return model, folder / name


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_model_of_keras_3_predicts_what_it_did(tmp_path, name):
    model, path = saved(tmp_path, name=name)
    expected = model.predict(BASES, verbose=0)
    np.testing.assert_allclose(load_keras(path).predict(BASES, verbose=0), expected, rtol=1e-6)
    opened, converted_from = open_model(path, None, trust=False)
    np.testing.assert_allclose(opened.predict(BASES, verbose=0), expected, rtol=1e-6)
    assert converted_from is None


def test_an_architecture_and_weights_of_keras_3_make_a_model(tmp_path):
    model = small_model()
    (tmp_path / "model.json").write_text(model.to_json())
    model.save_weights(tmp_path / "model.weights.h5")
    opened, _ = open_model(tmp_path / "model.weights.h5", tmp_path / "model.json", trust=False)
    np.testing.assert_allclose(
        opened.predict(BASES, verbose=0), model.predict(BASES, verbose=0), rtol=1e-6
    )


def test_a_loss_of_ones_own_does_not_stop_a_model(tmp_path):
    model = small_model()
    model.compile(loss=lambda wanted, found: keras.ops.mean(wanted - found))
    model.save(tmp_path / "model.keras")
    assert load_keras(tmp_path / "model.keras").output_shape == (None, 2)


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_lambda_layer_needs_trust(tmp_path, name):
    twice = keras.layers.Lambda(lambda x: 2 * x, name="twice", output_shape=(8, 4))
    model, path = saved(tmp_path, twice, name=name)
    with pytest.raises(InputError, match=r"Lambda \(twice\).*`trust: true`"):
        load_keras(path)
    with pytest.raises(InputError, match="twice"):
        open_model(path, None, trust=False)
    loaded = load_keras(path, trust=True)
    np.testing.assert_allclose(
        loaded.predict(BASES, verbose=0), model.predict(BASES, verbose=0), rtol=1e-6
    )


def test_a_module_that_would_be_imported_needs_trust(tmp_path):
    _, path = saved(tmp_path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1]["module"] = "antigravity"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**parts, "config.json": json.dumps(config)}.items():
            archive.writestr(name, content)
    with pytest.raises(InputError, match=r"antigravity\.Flatten"):
        load_keras(path)


def test_layers_of_a_python_file_are_found_for_a_trusted_model_alone(tmp_path):
    (tmp_path / "objects.py").write_text(OBJECTS)
    names = {}
    exec(OBJECTS, names)
    model, path = saved(tmp_path, names["Doubled"]())
    write_kipoi_folder(
        tmp_path,
        path,
        info={"doc": "doubles"},
        schema=keras_schema(model),
        dataloader=None,
        dependencies={},
        test=None,
        extra_args={"custom_objects": "objects.py"},
    )
    np.testing.assert_allclose(
        load_keras(path, trust=True).predict(BASES, verbose=0), model.predict(BASES, verbose=0)
    )
    with pytest.raises(InputError, match="Doubled"):
        load_keras(path)


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_file_cut_short_is_refused(tmp_path, name):
    _, path = saved(tmp_path, name=name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="cut short or damaged"):
        keras_config(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps([1]), "is a Python pickle"),
        (b"version https://git-lfs.github.com/spec/v1\n", "pointer of Git LFS"),
        (b"nothing known", "neither a `.keras` nor an HDF5 file"),
    ],
)
def test_other_files_are_told_by_what_they_are(tmp_path, content, message):
    path = tmp_path / "model.h5"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_keras(path, trust=True)


def test_an_archive_of_pytorch_is_told_by_what_it_is(tmp_path):
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80")
    with pytest.raises(InputError, match="is a PyTorch pickle"):
        keras_config(tmp_path / "model.keras")


def test_weights_alone_ask_for_their_architecture(tmp_path):
    small_model().save_weights(tmp_path / "model.weights.h5")
    for use in (load_keras, lambda path: open_model(path, None, trust=False)):
        with pytest.raises(InputError, match="Give the JSON of their `architecture`"):
            use(tmp_path / "model.weights.h5")


@pytest.mark.parametrize(
    ("text", "message"),
    [(b"{", "is not JSON"), (b"[]", "not an architecture"), (b"\xff\xfe", "is not text")],
)
def test_a_damaged_architecture_is_refused(tmp_path, text, message):
    (tmp_path / "model.json").write_bytes(text)
    with h5py.File(tmp_path / "model.h5", "w"):
        pass
    with pytest.raises(InputError, match=message):
        open_model(tmp_path / "model.h5", tmp_path / "model.json", trust=False)


def test_a_model_with_two_inputs_has_no_schema():
    inputs = [keras.Input((4,)), keras.Input((4,))]
    model = keras.Model(inputs, keras.layers.Add()(inputs))
    with pytest.raises(InputError, match="2 inputs and 1 outputs"):
        keras_schema(model)
