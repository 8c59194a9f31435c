"""Exported networks are what kipoi takes, stand by themselves and predict the same."""

import runpy
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import yaml
from kipoi_process import kipoi_test
from network_fits import uncompiled
from partitions import make_partition
from pretrained_models import changed, make_pretrained, needing

from deeprules import export
from deeprules.data import Development
from deeprules.encoding import decode
from deeprules.errors import InputError
from deeprules.export.export_kipoi import (
    best_fit,
    describe,
    export_kipoi,
    made_up_examples,
    precision,
    whole_network,
)
from deeprules.export.exported_files import EXPECTED, write_layers
from deeprules.files import file_sha256, read_json, write_json
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.models import ChosenHyperparameters, find_module, load_model
from deeprules.pretrained.activations import activations
from deeprules.pretrained.pretrained import Pretrained
from deeprules.pretrained.pretrained_contract import check_pretrained
from deeprules.pretrained.pretrained_sources import fetch_pretrained
from deeprules_workflow.schema import complete, load_schema

pytestmark = pytest.mark.usefixtures("uncompiled_fits")
STUDY = {"title": "Motifs", "question": "Is it there?", "endpoint": "planted", "unit": "sequence"}
SOURCES = {
    "made": {
        "simulate": {"kind": "sequences"},
        **dict.fromkeys(("version", "licence", "citation"), "not stated"),
    },
    "far": {
        "url": "https://me:secret@example.org/a.fa",
        "version": "3",
        "licence": "CC0",
        "citation": "A. Author 2020",
    },
}
COMMON = {
    "initialiser": "he_normal",
    "l2": 1e-6,
    "batch_normalisation": True,
    "activation": "relu",
    "dropout": 0.1,
    "loss": "mean_squared_error",
    "optimizer": "adam",
    "learning_rate": 2e-3,
    "batch_size": 128,
}
CNN = {
    "filters": 8,
    "kernel": 7,
    "blocks": 1,
    "position": "ignored",
    "units": 8,
    "augment_shift": 3,
    "strands": "average",
}
MLP = {"input_dropout": 0.1, "units": 8, "hidden_layers": 1}


class Exports:
    """Networks on sequences, on rows, and of several values, each trained a little and exported."""

    def __init__(self, root: Path):
        self.root, self.fits, self.folders = root, {}, {}
        self.train = {}
        for name, module, modality, task, own in (
            ("cnn", "cnn", "sequence", "binary", CNN),
            ("mlp", "mlp", "tabular", "regression", MLP),
            ("mlp_alone", "mlp", "tabular", "multiregression", MLP),
        ):
            train = make_partition(root / name / "train", 100, modality, task, 40)
            fitted = fit(
                Candidate(
                    name,
                    "network",
                    find_module("network", module),
                    alone=name.endswith("_alone"),
                ),
                ChosenHyperparameters(COMMON | own),
                Development(train, train),
                1,
                Budget(2, 2),
            )
            self.fits[name], self.train[name] = root / name / "model.keras", train
            self.folders[name] = root / "export" / name
            fitted.model.save(self.fits[name])
            metric = "auprc" if task == "binary" else "r2"
            export_kipoi(
                self.folders[name],
                whole_network(self.fits[name], None, 40),
                train.dataset,
                made_up_examples(train.features, 8, 1),
                [f"gene {number}" for number in range(40)],
                describe(name, STUDY, train.dataset, SOURCES, 100, metric, 0.5),
                self.fits[name],
            )

    def copy(self, name: str, to: Path) -> Path:
        shutil.copytree(self.folders[name], to)
        return to


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    with uncompiled():
        return Exports(tmp_path_factory.mktemp("exports"))


def test_kipoi_accepts_exports_from_any_folder_and_refuses_altered_ones(exports, tmp_path):
    sound = [exports.copy(name, tmp_path / "moved" / name) for name in exports.folders]
    weights = exports.copy("cnn", tmp_path / "weights")
    model = load_model(weights / "model.keras").model
    model.set_weights([weight + 0.05 for weight in model.get_weights()])
    model.save(weights / "model.keras")
    expected = exports.copy("mlp", tmp_path / "expected")
    with h5py.File(expected / EXPECTED, "a") as file:
        file["preds"][...] += 0.01
    content = yaml.safe_load((expected / "model.yaml").read_text())
    content["test"]["expect"] = str(expected / EXPECTED)
    (expected / "model.yaml").write_text(yaml.safe_dump(content))
    found = kipoi_test([*sound, weights, expected], tmp_path)
    said, _, of_the_altered = found.partition(f"accepted {sound[-1]}\n")
    assert f"accepted {sound[0]}\n" in said and said.count("All predictions match") == 3, said
    assert "compatible with model.schema" in said
    assert "not compatible" not in said and "mismatch" not in said
    for altered in (weights, expected):
        assert f"refused {altered} 1" in of_the_altered, of_the_altered[-3000:]


@pytest.mark.parametrize("name", ["cnn", "mlp", "mlp_alone"])
def test_our_own_loader_brings_back_the_same_network(exports, name):
    features = exports.train[name].features
    model = exports.folders[name] / "model.keras"
    np.testing.assert_array_equal(
        load_model(model).predict(features), load_model(exports.fits[name]).predict(features)
    )
    assert file_sha256(model) == file_sha256(exports.fits[name])


def test_another_run_takes_an_exported_network_as_it_takes_any_folder(exports, tmp_path):
    schema = load_schema("config")
    entry = {"folder": str(exports.folders["cnn"]), "layer": "average"}
    settings = complete({"pretrained": {"own": entry}}, schema)["pretrained"]["own"]
    folder, record = tmp_path / "own", tmp_path / "own.json"
    fetch_pretrained("own", settings, folder, record, pins=tmp_path / "pins", mirrors={})
    dataset, codes = exports.train["cnn"].dataset, np.asarray(exports.train["cnn"].features)
    contract = check_pretrained("own", settings, folder, dataset, read_json(record), 1)
    assert contract["input"]["axes"] == "codes" and contract["input"]["length"] == 40
    np.testing.assert_allclose(
        activations(Pretrained("own", folder, contract), codes, None)[:, 0],
        load_model(exports.fits["cnn"]).predict(codes)[:, 1],
        atol=1e-6,
    )


@pytest.mark.parametrize("name", ["cnn", "mlp", "mlp_alone"])
def test_examples_are_nobodys_and_the_reader_gives_them_to_the_network(exports, name, monkeypatch):
    folder = exports.folders[name]
    with h5py.File(folder / EXPECTED) as file:
        inputs, predictions = file["inputs"][:], file["preds"][:]
    train = np.asarray(exports.train[name].features)
    assert not (inputs[:, None] == train[None]).all(axis=-1).any()
    assert all(np.isin(inputs[:, place], train[:, place]).all() for place in range(40))
    monkeypatch.chdir(folder)
    module = runpy.run_path("dataloader.py")
    reader = module["Sequences" if name == "cnn" else "Rows"]
    path = next((folder / "example_files").iterdir())
    read = [sample["inputs"] for sample in reader(str(path))]
    np.testing.assert_array_equal(np.stack(read), inputs)
    model = load_model(folder / "model.keras").model
    np.testing.assert_allclose(model.predict(inputs, verbose=0), predictions, atol=1e-6)


def test_the_description_says_what_is_known_and_no_secret(exports):
    text = (exports.folders["cnn"] / "model.yaml").read_text()
    content = yaml.safe_load(text)
    info = content["info"]
    several = yaml.safe_load((exports.folders["mlp_alone"] / "model.yaml").read_text())
    values = "The predicted value of each label, in the order a, b"
    assert several["schema"]["targets"] == {"name": "prediction", "shape": "(2,)", "doc": values}
    assert info["license"] == "not stated (training data: CC0; none needed (simulated))"
    assert "Is it there?" in info["doc"] and "AUPRC 0.500" in info["doc"]
    assert "A. Author 2020" in info["trained_on"] and "100 training" in info["trained_on"]
    assert "secret" not in text
    pip = dict(entry.split("==") for entry in content["dependencies"]["pip"])
    assert pip["keras"] == keras.__version__ and pip["numpy"] == np.__version__
    assert {"tensorflow", "tensorflow-cpu"} & pip.keys()
    surroundings = yaml.safe_load((exports.folders["cnn"] / "environment.yaml").read_text())
    assert surroundings["dependencies"][-1]["pip"] == content["dependencies"]["pip"]


def test_an_export_says_what_was_done_to_numbers_before_the_network_saw_them(exports, tmp_path):
    train, network = exports.train["mlp"], load_model(exports.fits["mlp"])
    dataset = replace(train.dataset, transform="log_cpm")
    examples = made_up_examples(train.features, 2, 1)
    names = [f"gene {number}" for number in range(40)]
    export_kipoi(tmp_path / "mlp", network, dataset, examples, names, {})
    for path, key in (("model.yaml", "schema"), ("dataloader.yaml", "output_schema")):
        inputs = yaml.safe_load((tmp_path / "mlp" / path).read_text())[key]["inputs"]
        assert "logarithm of 1 + x) of counts per 1,000,000 of all counts" in inputs["doc"]
    plain = yaml.safe_load((exports.folders["mlp"] / "model.yaml").read_text())
    assert "transformed" not in plain["schema"]["inputs"]["doc"]


def test_the_fit_with_the_best_score_on_tune_is_taken(tmp_path):
    scores = [tmp_path / f"{seed}.json" for seed in range(3)]
    for path, value in zip(scores, (0.7, 0.9, 0.9), strict=True):
        write_json(path, {"train": {"auprc": 1 - value}, "tune": {"auprc": value, "brier": value}})
    models = ["a.keras", "b.keras", "c.keras"]
    assert best_fit(models, scores, "auprc") == (Path("b.keras"), 0.9)
    assert best_fit(models, scores, "brier") == (Path("a.keras"), 0.7)


def test_precision_follows_the_size_of_the_predictions():
    assert precision(np.array([0.1, 0.9])) == 5
    assert precision(np.array([-1234.5])) == 1
    assert precision(np.zeros(3)) == 5


def test_an_export_replaces_an_older_one_and_leaves_nothing_half_written(exports, tmp_path):
    folder = tmp_path / "cnn"
    folder.mkdir()
    (folder / "old").write_text("")
    train = exports.train["cnn"]
    network = load_model(exports.fits["cnn"])
    examples = made_up_examples(train.features, 2, 1)
    export_kipoi(folder, network, train.dataset, examples, [], {})
    assert not (folder / "old").exists() and (folder / "model.yaml").exists()
    with pytest.raises(yaml.YAMLError):
        export_kipoi(folder, network, train.dataset, examples, [], {"doc": object()})
    assert (folder / "model.yaml").exists()
    assert list(tmp_path.iterdir()) == [folder]


def test_a_layer_of_other_code_is_refused(tmp_path):
    class Foreign(keras.layers.Layer):
        def call(self, inputs):
            return inputs

    model = keras.Sequential([keras.Input((3,)), Foreign()])
    with pytest.raises(InputError, match="Foreign"):
        write_layers(tmp_path, model)


def test_a_head_is_joined_to_the_pretrained_model_whose_activations_it_takes(tmp_path):
    pretrained = make_pretrained(tmp_path / "tiny")
    train = make_partition(tmp_path / "train", 60, n_features=40)
    train.features = activations(pretrained, np.asarray(train.features), None)
    hp = COMMON | {"units": 0}
    candidate = needing("network", find_module("network", "kipoi_features"), pretrained, train)
    parts = Development(train, train)
    fitted = fit(candidate, ChosenHyperparameters(hp), parts, 1, Budget(1, 1))
    fitted.model.save(tmp_path / "head.keras")
    codes = np.load(train.folder / "features.npy")
    whole = whole_network(tmp_path / "head.keras", pretrained, 40)
    np.testing.assert_allclose(
        whole.model.predict(codes, verbose=0)[:, 0],
        fitted.model.predict(train.features)[:, 1],
        atol=1e-5,
    )
    export_kipoi(tmp_path / "out", whole, train.dataset, codes[:4], [], {})
    text = (tmp_path / "out" / "custom_objects.py").read_text()
    assert "class PretrainedInput" in text and "deeprules." not in text.replace("deeprules.svg", "")
    other = changed(pretrained, framework="pytorch")
    with pytest.raises(InputError, match="pytorch"):
        whole_network(tmp_path / "head.keras", other, 40)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (">a\nACGT\n", "4 bases, but the model takes 6"),
        (">a\nACG\nTXA\n", "base 5 is 'X'"),
        ("ACGTAC\n", "not a FASTA file"),
    ],
)
def test_the_reader_of_sequences_names_what_it_cannot_take(tmp_path, monkeypatch, text, message):
    shutil.copy(Path(export.__path__[0]) / "sequence_dataloader.py", tmp_path / "dataloader.py")
    schema = {"output_schema": {"inputs": {"shape": "(6,)"}}}
    (tmp_path / "dataloader.yaml").write_text(yaml.safe_dump(schema))
    (tmp_path / "bad.fa").write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=message):
        list(runpy.run_path("dataloader.py")["Sequences"]("bad.fa"))


def test_the_reader_of_sequences_knows_the_codes_of_the_library(tmp_path, monkeypatch):
    shutil.copy(Path(export.__path__[0]) / "sequence_dataloader.py", tmp_path / "dataloader.py")
    schema = {"output_schema": {"inputs": {"shape": "(None,)"}}}
    (tmp_path / "dataloader.yaml").write_text(yaml.safe_dump(schema))
    letters = decode(np.arange(16, dtype=np.uint8))
    (tmp_path / "all.fa").write_text(f">a\n{letters}\n>b\n{letters.lower()}\n>c\nu\n")
    monkeypatch.chdir(tmp_path)
    first, second, third = runpy.run_path("dataloader.py")["Sequences"]("all.fa")
    np.testing.assert_array_equal(first["inputs"], np.arange(16))
    np.testing.assert_array_equal(second["inputs"], np.arange(16))
    assert third["inputs"].tolist() == [8] and third["metadata"]["id"] == "c"


@pytest.mark.parametrize(
    ("text", "message"),
    [("id\ty\nr\t1\n", "1 columns are missing, such as 'x'"), ("x\ty\n1\tmany\n", "row 1")],
)
def test_the_reader_of_rows_names_what_it_cannot_take(tmp_path, monkeypatch, text, message):
    shutil.copy(Path(export.__path__[0]) / "table_dataloader.py", tmp_path / "dataloader.py")
    (tmp_path / "features.txt").write_text("y\nx\n")
    (tmp_path / "bad.tsv").write_text(text)
    (tmp_path / "good.tsv").write_text("x\tid\ty\n1\tr\t\n")
    monkeypatch.chdir(tmp_path)
    rows = runpy.run_path("dataloader.py")["Rows"]
    with pytest.raises(ValueError, match=message):
        list(rows("bad.tsv"))
    (only,) = rows("good.tsv")
    np.testing.assert_array_equal(only["inputs"], np.array([np.nan, 1], np.float32))
