"""Fetching pretrained models: whole or not at all, wherever they come from, without their code."""

import hashlib
import os
import pickle
import runpy
import subprocess
from pathlib import Path

import h5py
import keras
import kipoi
import numpy as np
import pytest
import yaml
from hub_models import COMMIT, NAME, fill_cache, tiny_files
from kipoi.sources import LocalSource
from local_server import LocalServer

from deeprules.download.transfers import RetryPolicy
from deeprules.errors import InputError
from deeprules.files import file_sha256, read_json
from deeprules.pretrained.keras_files import load_keras
from deeprules.pretrained.kipoi_folder import read_model_yaml
from deeprules.pretrained.pretrained_fetch import pin_files
from deeprules.pretrained.pretrained_sources import fetch_pretrained

DATA = Path(os.environ.get("DEEPRULES_DATA", Path(__file__).parents[3] / "shared" / "data"))
MODELS = DATA / "models"
ENTRY = {
    **{"architecture": None, "sha256": None, "architecture_sha256": None, "trust": False},
    **{"version": "1.0", "licence": "MIT", "citation": "Somebody 2020"},
}
BASES = np.random.default_rng(1).random((3, 8, 4)).astype(np.float32)
PATIENCE = RetryPolicy(attempts=1, first_wait=0.0)
MODEL_YAML = {
    "type": "keras",
    "args": {"weights": "files/model.h5"},
    "info": {"authors": [{"name": "A"}], "doc": "A model"},
    "schema": {"inputs": {"seq": {"shape": [8, 4]}}, "targets": {"shape": [2]}},
}


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A small model of Keras 3 and its HDF5 file."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((8, 4)), keras.layers.Flatten(), keras.layers.Dense(2)])
    path = tmp_path_factory.mktemp("network") / "model.h5"
    model.save(path)
    return model, path


@pytest.fixture
def fetch(tmp_path, monkeypatch):
    """Fetch an entry into out/model; returns folder and record."""
    monkeypatch.chdir(tmp_path)

    def run(mirrors=None, **settings):
        folder, record = tmp_path / "out" / "model", tmp_path / "out" / "record.json"
        fetch_pretrained(
            *("model", {**ENTRY, **settings}, folder, record),
            **{"pins": tmp_path / "pins", "mirrors": mirrors or {}, "retries": PATIENCE},
        )
        pin_files(read_json(record), tmp_path / "pins")  # as the check does
        return folder, read_json(record)

    yield run
    left = [path.name for path in (tmp_path / "out").glob(".*")] if Path("out").exists() else []
    assert left == [], "something half-written was left"


def write_folder(folder, network=None, **changes):
    """A Kipoi folder with a model.yaml and, where given, the network's weights."""
    (folder / "files").mkdir(parents=True)
    if network is not None:
        (folder / "files" / "model.h5").write_bytes(network[1].read_bytes())
    (folder / "model.yaml").write_text(yaml.safe_dump({**MODEL_YAML, **changes}))
    return folder


def git(folder, *command):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", *who, *command], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def same_predictions(folder, network):
    loaded = kipoi.get_model(str(folder), source="dir", with_dataloader=False)
    expected = network[0].predict(BASES, verbose=0)
    np.testing.assert_allclose(loaded.predict_on_batch(BASES), expected, rtol=1e-6)
    np.testing.assert_allclose(
        load_keras(folder / "model.keras").predict(BASES, verbose=0), expected, rtol=1e-6
    )


def test_bare_weights_become_a_folder_that_kipoi_reads_and_their_origin_is_kept(fetch, network):
    folder, record = fetch(url=str(network[1]))
    same_predictions(folder, network)
    assert sorted(path.name for path in folder.iterdir()) == ["model.keras", "model.yaml"]
    assert record["source"] == "url"
    assert record["given"] == str(network[1])
    assert record["final"] == f"file://{network[1]}"
    assert {key: record[key] for key in ("version", "licence", "citation", "trust")} == {
        key: ENTRY[key] for key in ("version", "licence", "citation", "trust")
    }
    assert record["files"][0]["sha256"] == file_sha256(network[1])
    assert record["files"][0]["bytes"] == network[1].stat().st_size
    assert record["converted_from"] is None


def test_a_model_of_hugging_face_has_the_licence_of_its_card_in_its_record(fetch, tmp_path):
    mirrors = fill_cache(tmp_path / "hub", tiny_files())
    given = {"huggingface": NAME, "revision": COMMIT, "licence": "not stated"}
    folder, record = fetch(mirrors, **given)
    assert (record["source"], record["commit"]) == ("huggingface", COMMIT)
    assert record["licence"] == record["card_licence"] == "apache-2.0"
    assert (record["given"], record["trust"]) == (f"https://huggingface.co/{NAME}", False)
    found = {file["file"]: file["sha256"] for file in record["files"]}
    assert found == {path.name: file_sha256(path) for path in folder.iterdir()}


def test_weights_that_changed_since_the_first_time_are_refused(fetch, tmp_path, network):
    path = tmp_path / "weights.h5"
    path.write_bytes(network[1].read_bytes())
    fetch(url=str(path))
    assert read_json(tmp_path / "pins" / "pretrained_model.json")["sha256"] == file_sha256(path)
    with h5py.File(path, "a") as file:
        file.attrs["more"] = 1
    with pytest.raises(InputError, match="has changed; the altered file was not kept"):
        fetch(url=str(path))


def test_a_wrong_checksum_is_refused_before_the_file_is_opened(fetch, tmp_path):
    (tmp_path / "weights.h5").write_bytes(pickle.dumps([1]))
    with pytest.raises(InputError, match=r"pretrained\.model: .* is not the file that the config"):
        fetch(url="weights.h5", sha256="0" * 64)
    assert not (tmp_path / "out" / "model").exists()


def test_a_dead_link_is_told_and_leaves_nothing(fetch, tmp_path):
    with LocalServer() as server, pytest.raises(InputError, match=r"pretrained\.model.*404"):
        fetch(url=server.url("/gone.h5"))
    assert not list((tmp_path / "out").iterdir())


def test_a_mirror_gives_what_the_address_does_not(fetch, network):
    with LocalServer() as server:
        server.answer("/mirror/model.h5", network[1].read_bytes())
        _, record = fetch(
            url="https://example.org/model.h5",
            mirrors={"https://example.org": server.url("/mirror")},
        )
        assert record["final"] == server.url("/mirror/model.h5")
    assert record["given"] == "https://example.org/model.h5"


def test_damaged_weights_and_pickles_are_refused(fetch, tmp_path, network):
    (tmp_path / "half.h5").write_bytes(network[1].read_bytes()[:5000])
    with pytest.raises(InputError, match="cut short or damaged"):
        fetch(url="half.h5")
    assert not (tmp_path / "pins").exists()  # so that another file may follow
    (tmp_path / "code.h5").write_bytes(pickle.dumps([1]))
    with pytest.raises(InputError, match="is a Python pickle"):
        fetch(url="code.h5", trust=True)
    assert not (tmp_path / "out" / "model").exists()


@pytest.mark.skipif(not MODELS.is_dir(), reason="set DEEPRULES_DATA to the data folder")
def test_real_weights_and_their_architecture_are_converted(fetch, tmp_path):
    folder, record = fetch(
        url=str(MODELS / "kipoi_tal1" / "weights.hdf5"),
        architecture=str(MODELS / "kipoi_tal1" / "arch.json"),
    )
    assert record["converted_from"] == "Keras 2.1.5"
    assert [file["file"] for file in record["files"]] == ["weights.hdf5", "arch.json"]
    assert (tmp_path / "pins" / "pretrained_model_architecture.json").exists()
    loaded = kipoi.get_model(str(folder), source="dir", with_dataloader=False)
    bases = np.eye(4, dtype=np.float32)[np.random.default_rng(1).integers(4, size=(2, 500))]
    expected = load_keras(folder / "model.keras").predict(bases, verbose=0)
    np.testing.assert_allclose(loaded.predict_on_batch(bases), expected, rtol=1e-6)


def test_a_folder_is_taken_over_without_its_code(fetch, tmp_path, network):
    given = write_folder(tmp_path / "given", network, test={"expect": "files/expect.h5"})
    (given / "dataloader.py").write_text("raise RuntimeError('code of the model was run')")
    (given / "files" / "expect.h5").write_bytes(b"expected")
    folder, record = fetch(folder="given")
    same_predictions(folder, network)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"model.keras", "model.yaml", "example.h5"}
    assert {file["file"] for file in record["files"]} == {"files/model.h5", "files/expect.h5"}
    assert record["files"][0]["sha256"] == file_sha256(network[1])
    assert read_model_yaml(folder)["info"]["authors"] == [{"name": "A"}]
    trusted, _ = fetch(folder="given", trust=True)
    assert (trusted / "dataloader.py").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "custom", "args": {"file": "model.py"}}, "its `type` is Python code"),
        ({"type": None, "defined_as": "model.Mine", "args": {}}, "its `type` is Python code"),
        ({"type": "sklearn", "args": {"pkl_file": "model.pkl"}}, "its estimator is a pickle"),
        ({"type": "pytorch", "args": {"weights": "model.pth"}}, "PyTorch weights are pickles"),
        ({"type": "tensorflow2", "args": {}}, "a TensorFlow graph can read and write files"),
    ],
)
def test_a_folder_that_brings_code_needs_trust(fetch, tmp_path, network, changes, reason):
    given = write_folder(tmp_path / "given", network, **changes)
    for name in ("model.py", "model.pkl", "model.pth"):
        (given / name).write_text("OBJECTS = {}")
    with pytest.raises(InputError, match=f"{reason}.*`trust: true`"):
        fetch(folder="given")
    assert not (tmp_path / "out" / "model").exists()
    folder, record = fetch(folder="given", trust=True)
    assert record["trust"] is True
    assert (folder / "model.py").exists()


def test_layers_that_only_custom_objects_bring_need_trust(fetch, tmp_path):
    code = (
        "import keras\n\n\n"
        "@keras.saving.register_keras_serializable('foreign')\n"
        "class Doubled(keras.layers.Layer):\n"
        "    def call(self, x):\n"
        "        return 2 * x\n\n\n"
        "OBJECTS = {'Doubled': Doubled}\n"
    )
    (tmp_path / "objects.py").write_text(code)
    layer = runpy.run_path(str(tmp_path / "objects.py"))["Doubled"]
    network = keras.Sequential([keras.Input((20, 4)), layer(), keras.layers.Flatten()])
    args = {"weights": "files/model.keras", "custom_objects": "objects.py"}
    given = write_folder(tmp_path / "given", args=args)
    network.save(given / "files" / "model.keras")
    (given / "objects.py").write_text(code)
    with pytest.raises(InputError, match=r"brings code of its own.*Doubled.*`trust: true`"):
        fetch(folder="given")
    folder, _ = fetch(folder="given", trust=True)
    assert (folder / "objects.py").exists()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("files/other.h5", "there is no such file"),
        ("../../secret.h5", "lies outside of the model's folder"),
        ("a\0b", "lies outside of the model"),
        ("a" * 5000, "there is no such file"),
        (None, "`args.weights` of its model.yaml names no file"),
    ],
)
def test_missing_weights_are_told(fetch, tmp_path, weights, message):
    write_folder(tmp_path / "given", args={"weights": weights} if weights else {})
    with pytest.raises(InputError, match=message):
        fetch(folder="given")


def test_a_key_of_a_model_yaml_is_no_path(fetch, tmp_path, network):
    content = network[1].read_bytes()
    with LocalServer() as server:
        url = server.answer("/..%2F..%2Fstolen.h5", content)
        keys = ("../../../stolen", "/tmp/stolen", "a/../../../b", "weights/../../x", "x" * 300)
        named = {key: {"url": url} for key in keys}
        args = {**named, "weights": {"url": url}}
        write_folder(tmp_path / "given", args=args)
        write_folder(tmp_path / "code", type="custom", args={**named, "file": "model.py"})
        (tmp_path / "code" / "model.py").touch()
        before = {path for path in tmp_path.parent.rglob("*") if path.is_file()}
        folder, _ = fetch(folder="given")
        same_predictions(folder, network)
        fetch(folder="code", trust=True)
    made = {path for path in tmp_path.parent.rglob("*") if path.is_file()} - before
    assert all(path.relative_to(tmp_path).parts[0] in ("out", "pins") for path in made)


@pytest.mark.parametrize("url", ["/etc/hostname", "file:///etc/hostname", "~/.profile"])
def test_a_model_yaml_cannot_name_files_of_this_machine(fetch, tmp_path, url):
    write_folder(tmp_path / "given", args={"weights": {"url": url}})
    with pytest.raises(InputError, match="wants a file of this machine"):
        fetch(folder="given", trust=True)


def test_the_example_of_a_model_cannot_take_the_place_of_its_weights(fetch, tmp_path, network):
    given = write_folder(tmp_path / "given", network, test={"expect": "model.keras"})
    (given / "model.keras").write_bytes(b"not what was checked")
    folder, _ = fetch(folder="given")
    same_predictions(folder, network)


def link_outside(given, outside):
    (given / "files" / "model.h5").symlink_to(outside)


def link_in_circle(given, outside):
    (given / "files" / "model.h5").symlink_to("model.h5")


def link_of_description(given, outside):
    (given / "model.yaml").rename(outside.with_name("elsewhere.yaml"))
    (given / "model.yaml").symlink_to(outside.with_name("elsewhere.yaml"))


def pipe(given, outside):
    os.mkfifo(given / "files" / "model.h5")


@pytest.mark.parametrize("plant", [link_outside, link_in_circle, link_of_description, pipe])
def test_links_out_of_a_model_and_pipes_are_refused(fetch, tmp_path, network, plant):
    given = write_folder(tmp_path / "given")
    plant(given, network[1])
    for trust in (False, True):
        with pytest.raises(InputError, match=r"lies outside|leads out of|no such file"):
            fetch(folder="given", trust=trust)


def test_a_folder_that_is_none_is_told(fetch, tmp_path):
    with pytest.raises(InputError, match="there is no such folder"):
        fetch(folder="nowhere")


def test_files_that_model_yaml_has_elsewhere_are_downloaded_and_pinned(fetch, tmp_path, network):
    content = network[1].read_bytes()
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    with LocalServer() as server:
        url = server.answer("/model.h5", content)
        write_folder(tmp_path / "given", args={"weights": {"url": url, "md5": md5}})
        folder, record = fetch(folder="given")
        write_folder(tmp_path / "other", args={"weights": {"url": url, "md5": "0" * 32}})
        (tmp_path / "pins" / "pretrained_model_weights.json").unlink()
        with pytest.raises(InputError, match=r"not the file that model\.yaml expects"):
            fetch(folder="other")
    same_predictions(folder, network)
    assert record["files"][0]["given_url"] == url
    assert not (tmp_path / "pins" / "pretrained_model_weights.json").exists()


@pytest.fixture
def repository(tmp_path, network):
    """A repository with a model in a folder; returns its address and the commit."""
    folder = tmp_path / "repository"
    write_folder(folder / "zoo" / "Model", network)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "a model")
    return f"git+file://{folder}", git(folder, "rev-parse", "HEAD")


def test_a_folder_of_a_repository_is_taken_at_its_commit(fetch, repository, network):
    address, commit = repository
    folder, record = fetch(folder=f"{address}@{commit}#zoo/Model")
    same_predictions(folder, network)
    assert record["commit"] == commit
    assert not (folder / ".git").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda address, commit: f"{address}@{'0' * 40}#zoo/Model", "Correct the commit"),
        (lambda address, commit: f"{address}-other@{commit}#zoo/Model", "Check the address"),
        (lambda address, commit: f"{address}@{commit}#zoo/Other", "there is no folder `zoo/Other`"),
        (lambda address, commit: f"{address}@{commit}#../..", "there is no folder"),
        (lambda address, commit: f"{address}@{commit}", "there is no model.yaml"),
    ],
)
def test_a_repository_that_has_not_what_is_named_is_told(fetch, repository, change, message):
    with pytest.raises(InputError, match=message):
        fetch(folder=change(*repository))


def test_what_git_says_of_a_repository_holds_no_password(fetch, tmp_path):
    with LocalServer() as server:
        url = server.url("/gone").replace("//", "//someone:hunter2secret@")
        with pytest.raises(InputError, match="git could not fetch it") as error:
            fetch(folder=f"git+{url}@{'0' * 40}")
    assert "hunter2" not in str(error.value)


@pytest.fixture
def zoo(tmp_path, monkeypatch, network):
    """A zoo on this machine: one model, and a group of models with a template."""
    folder = tmp_path / "zoo"
    write_folder(folder / "DeepThing", network)
    group = folder / "Group"
    write_folder(group, network)
    (group / "model.yaml").rename(group / "model-template.yaml")
    text = (group / "model-template.yaml").read_text()
    (group / "model-template.yaml").write_text(text.replace("files/model", "files/{{ model }}"))
    (group / "files" / "model.h5").rename(group / "files" / "CTCF.h5")
    (group / "models.tsv").write_text("model\nCTCF\n")
    source = LocalSource(str(folder))
    monkeypatch.setattr(kipoi, "get_source", {"kipoi": source}.__getitem__)
    return source


@pytest.mark.parametrize("name", ["DeepThing", "Group/CTCF"])
def test_a_model_of_the_zoo_is_found_by_its_name(fetch, zoo, network, name):
    folder, record = fetch(kipoi=name)
    same_predictions(folder, network)
    assert record["source"] == "kipoi"
    assert record["given"] == name


def test_an_unknown_name_is_told_with_the_nearest(fetch, zoo):
    with pytest.raises(InputError, match=r"no model of this name among its 2\..*`DeepThing`"):
        fetch(kipoi="DeepThnig")


def test_a_name_that_leads_out_of_the_zoo_is_refused(fetch, zoo, tmp_path, network):
    write_folder(tmp_path / "outside", network)
    with pytest.raises(InputError, match="leads out of the Kipoi zoo"):
        fetch(kipoi="../outside")


def test_a_zoo_that_cannot_be_reached_is_told(fetch, tmp_path, monkeypatch):
    source = kipoi.sources.GitSource(f"file://{tmp_path}/gone", str(tmp_path / "clone"))
    monkeypatch.setattr(kipoi, "get_source", {"kipoi": source}.__getitem__)
    with pytest.raises(InputError, match=r"could not be cloned.*archived"):
        fetch(kipoi="DeepThing")


def test_a_dead_link_in_the_zoo_is_told_as_such(fetch, zoo):
    with LocalServer() as server:
        remote = {"url": server.url("/gone.h5"), "md5": "0" * 32}
        write_folder(Path(zoo.local_path) / "Dead", args={"weights": remote})
        with pytest.raises(InputError, match=r"404.*repositories of the Kipoi zoo are archived"):
            fetch(kipoi="Dead")
