"""HDF5 and `.keras` files that name other files, or claim more than they hold, are refused."""

import json
import zipfile

import h5py
import keras
import numpy as np
import pytest

from deeprules.errors import InputError
from deeprules.pretrained.hdf5_files import open_h5
from deeprules.pretrained.keras_files import keras_config, load_keras
from deeprules.pretrained.open_keras import open_model

SECRET = b"secret-of-this-machine-"[:16]


@pytest.fixture
def secret(tmp_path):
    """A local file that no model may bring home: as plain bytes, and as HDF5."""
    (tmp_path / "secret.bin").write_bytes(SECRET)
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["kernel"] = np.frombuffer(SECRET, dtype="<f4")
    return tmp_path / "secret.bin"


def external_storage(group, name, secret):
    group.create_dataset(name, (4, 1), "<f4", external=[(str(secret), 0, 16)])


def external_link(group, name, secret):
    group[name] = h5py.ExternalLink(str(secret.with_suffix(".h5")), "/kernel")


def soft_link(group, name, secret):
    group.file["outer"] = h5py.ExternalLink(str(secret.with_suffix(".h5")), "/")
    group[name] = h5py.SoftLink("/outer/kernel")


def virtual(group, name, secret):
    layout = h5py.VirtualLayout((4,), "<f4")
    layout[:] = h5py.VirtualSource(str(secret.with_suffix(".h5")), "kernel", (4,))
    group.create_virtual_dataset(name, layout)


def too_large(group, name, secret):
    group.create_dataset(name, (10**6, 10**6), "<f4", chunks=(1000, 1000))


HOSTILE = (external_storage, external_link, soft_link, virtual, too_large)
WORDS = r"in another file \(external\)|is a link|is made of others|claim .* bytes"


def old_model(path, plant, secret):
    """A model as Keras 2 wrote it, whose one kernel is what `plant` makes of it."""
    layers = [
        {
            "class_name": "Dense",
            "config": {"name": "dense", "units": 1, "use_bias": False, "activation": "linear"}
            | {"batch_input_shape": [None, 4]},
        }
    ]
    config = {"class_name": "Sequential", "config": {"name": "old", "layers": layers}}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.2.4"
        file.attrs["backend"] = "tensorflow"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"dense"]
        layer = weights.create_group("dense")
        layer.attrs["weight_names"] = [b"dense/kernel:0"]
        plant(layer.create_group("dense"), "kernel:0", secret)


def plain(group, name, secret):
    group[name] = np.frombuffer(SECRET, dtype="<f4").reshape(4, 1)


@pytest.mark.parametrize("plant", HOSTILE)
@pytest.mark.parametrize("trust", [False, True])
def test_an_old_model_brings_no_local_file_home(tmp_path, secret, plant, trust):
    old_model(tmp_path / "model.h5", plant, secret)
    with pytest.raises(InputError, match=WORDS):
        open_model(tmp_path / "model.h5", None, trust)


def test_an_honest_old_model_is_opened(tmp_path, secret):
    old_model(tmp_path / "model.h5", plain, secret)
    model, _ = open_model(tmp_path / "model.h5", None, False)
    assert model.get_weights()[0].tobytes() == SECRET


def in_archive(path, plant, secret, **members):
    """A `.keras` file of today whose weights hold what `plant` makes, and further members."""
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, use_bias=False)])
    network.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    inner = path.with_name("inner.h5")
    inner.write_bytes(parts["model.weights.h5"])
    with h5py.File(inner, "a") as file:
        if plant is not None:
            del file["layers/dense/vars/0"]
            plant(file["layers/dense/vars"], "0", secret)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**parts, "model.weights.h5": inner.read_bytes(), **members}.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("plant", HOSTILE)
def test_weights_in_an_archive_bring_no_local_file_home(tmp_path, secret, plant):
    in_archive(tmp_path / "model.keras", plant, secret)
    with pytest.raises(InputError, match=WORDS):
        load_keras(tmp_path / "model.keras")


@pytest.mark.parametrize("name", ["../../escaped", "/tmp/escaped", "a/../../b", "back\\slash"])
def test_names_in_an_archive_that_lead_elsewhere_are_refused(tmp_path, secret, name):
    in_archive(tmp_path / "model.keras", None, secret, **{name: b"x"})
    with pytest.raises(InputError, match="a name that Keras would not give"):
        keras_config(tmp_path / "model.keras")


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * 2**26)
    with pytest.raises(InputError, match="a ZIP bomb"):
        keras_config(path)


def test_links_in_circles_within_a_file_end(tmp_path):
    with h5py.File(tmp_path / "circle.h5", "w") as file:
        file["a"] = file["/"]
        file.create_group("b")["c"] = file["/"]
    open_h5(tmp_path / "circle.h5").close()


def test_a_vocabulary_from_a_file_and_tools_of_keras_are_no_layers(tmp_path):
    path = tmp_path / "model.json"
    for entry in (
        {"module": "keras.layers", "class_name": "StringLookup"}
        | {"config": {"vocabulary": "/etc/passwd"}},
        {"module": "keras.utils", "class_name": "get_file", "config": {"origin": "http://x"}},
        {"module": "keras.src.utils.file_utils", "class_name": "get_file", "config": {}},
    ):
        model = {"class_name": "Sequential", "config": {"layers": [entry]}}
        path.write_text(json.dumps(model | {"module": "keras"}))
        with h5py.File(tmp_path / "model.h5", "w"):
            pass
        with pytest.raises(InputError, match="brings code of its own"):
            open_model(tmp_path / "model.h5", path, trust=False)


def test_json_nested_without_end_is_told(tmp_path):
    (tmp_path / "model.json").write_text('{"config": ' + "[" * 100_000 + "]" * 100_000 + "}")
    with h5py.File(tmp_path / "model.h5", "w"):
        pass
    with pytest.raises(InputError, match="nested too deep"):
        open_model(tmp_path / "model.h5", tmp_path / "model.json", trust=False)
