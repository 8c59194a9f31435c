"""What can fail, fails before the test set is opened."""

import shutil
from types import SimpleNamespace

import keras_tuner
import numpy as np
import pandas as pd
import pytest
from partitions import make_partition

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.evaluate.rehearsal import TOLERANCE, check_partitions, check_room, rehearse
from deeprules.files import file_sha256, read_json, write_table
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit, write_fit
from deeprules.fit.models import find_module, load_model
from deeprules.split.partitions import PARTITIONS, partition_hashes, write_partitions

FITTED = {
    "logistic_regression": "baseline",
    "nearest_neighbours": "baseline",
    "majority_class": "nuisance",
}


class Perfect:
    """A model that was fitted on everything."""

    def __init__(self, labels):
        self.labels = labels

    def predict(self, features, examples):
        return np.eye(2)[self.labels]


@pytest.fixture
def tune(tmp_path):
    return make_partition(tmp_path / "tune", 80, "tabular", n_features=5, seed=1)


def frozen_with(recorded):
    """What was frozen of one model with two seeds."""
    return {"models": {"m": {"files": {"a": "", "b": ""}, "tune_scores": recorded}}}


def test_a_model_that_predicts_as_at_its_fit_passes(tune):
    good = Perfect(tune.labels)
    rehearse(frozen_with([1.0, 1.0]), tune, {"a": good, "b": good}.get, "auprc")


@pytest.mark.parametrize("exchanged", ["a", "b"])
def test_an_exchanged_model_is_named(tune, exchanged):
    models = dict.fromkeys("ab", Perfect(tune.labels)) | {exchanged: Perfect(1 - tune.labels)}
    with pytest.raises(InputError, match=rf"{exchanged}: auprc on tune is .* recorded 1.0000") as e:
        rehearse(frozen_with([1.0, 1.0]), tune, models.get, "auprc")
    assert "test set was not opened" in str(e.value)
    assert str(e.value).count("on tune is") == 1


def test_rounding_of_another_processor_passes_and_more_does_not(tune):
    good = Perfect(tune.labels)
    rehearse(frozen_with([1.0, 1 - 0.9 * TOLERANCE]), tune, {"a": good, "b": good}.get, "auprc")
    with pytest.raises(InputError, match="b: auprc"):
        rehearse(frozen_with([1.0, 1 - 1.1 * TOLERANCE]), tune, {"a": good, "b": good}.get, "auprc")


def test_a_score_that_is_not_defined_now_is_no_match(tune, monkeypatch):
    monkeypatch.setattr("deeprules.evaluate.rehearsal.scores", lambda *_: {"auprc": float("nan")})
    with pytest.raises(InputError, match="a: auprc"):
        rehearse(frozen_with([1.0, 1.0]), tune, lambda _: Perfect(tune.labels), "auprc")


@pytest.mark.parametrize("name", FITTED)
def test_what_a_fit_records_is_what_its_file_predicts(tmp_path, tune, name):
    train = make_partition(tmp_path / "train", 120, "tabular", n_features=5)
    kind, parts = FITTED[name], Development(train, tune)
    candidate = Candidate(name, kind, find_module(kind, name))
    best = {"model": name, "kind": kind, "module": name, "hyperparameters": {}}
    fitted = fit(candidate, keras_tuner.HyperParameters(), parts, 1, Budget(1, 1))
    names = ("settings.yaml", "history.tsv", "scores.json", "predictions.parquet", "model.joblib")
    paths = SimpleNamespace(**{one.split(".")[0]: str(tmp_path / one) for one in names})
    write_fit(fitted, best, parts, paths)
    scored = read_json(paths.scores)
    assert scored["model_sha256"] == file_sha256(paths.model)
    frozen = {
        "models": {name: {"files": {paths.model: ""}, "tune_scores": [scored["tune"]["auroc"]]}}
    }
    rehearse(frozen, tune, load_model, "auroc")


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InputError, match="evaluation: cannot be written by this user"):
        check_room(tmp_path / "evaluation", 1)


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path):
    (tmp_path / "results").write_text("")
    with pytest.raises(InputError, match="results/evaluation: cannot be made"):
        check_room(tmp_path / "results" / "evaluation", 1)


def test_a_disk_without_room_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**8))
    check_room(tmp_path, 1)
    with pytest.raises(InputError, match="has 100 MB left, and up to 131 are needed"):
        check_room(tmp_path, 10**6)


@pytest.fixture
def split(tmp_path):
    """The files of a split, by name, and their hashes."""
    examples = pd.DataFrame({"id": list("abcdef"), "label": list("xyxyxy")})
    examples.to_parquet(tmp_path / "examples.parquet")
    np.save(tmp_path / "features.npy", np.arange(12.0).reshape(6, 2))
    suffixes = {"examples": "parquet", "features": "npy"}
    paths = {
        f"{name}_{part}": str(tmp_path / name / f"{part}.{suffix}")
        for name in PARTITIONS
        for part, suffix in suffixes.items()
    }
    partition = np.repeat(PARTITIONS, 2)
    write_partitions(tmp_path / "examples.parquet", tmp_path / "features.npy", partition, paths)
    return paths, {"sha256": partition_hashes(paths)}


def test_partitions_as_they_were_split_pass(split):
    paths, summary = split
    assert len(summary["sha256"]) == 6
    check_partitions(summary, paths)


@pytest.mark.parametrize("name", PARTITIONS)
@pytest.mark.parametrize("column", ["id", "label"])
def test_edited_labels_or_ids_of_a_partition_are_noticed(split, name, column):
    paths, summary = split
    path = paths[f"{name}_examples"]
    table = pd.read_parquet(path)
    write_table(path, table.assign(**{column: table[column].to_numpy()[::-1]}))
    with pytest.raises(InputError, match=rf"{name}/examples.parquet: edited since the split"):
        check_partitions(summary, paths)


@pytest.mark.parametrize("name", PARTITIONS)
def test_edited_features_of_a_partition_are_noticed(split, name):
    paths, summary = split
    np.save(paths[f"{name}_features"], np.zeros((2, 2)))
    with pytest.raises(InputError, match=rf"{name}/features.npy: edited since the split"):
        check_partitions(summary, paths)
