"""Freezing: hashes of models, the choice on tune, and what was altered since."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from deeprules.errors import InputError
from deeprules.evaluate.freezing import freeze_models, models_sha256, verify_models
from deeprules.files import file_sha256, read_json, write_json
from deeprules.fit.fitted_files import model_sha256

TUNE_SCORES = {
    "cnn": ("network", [0.9, 0.8]),
    "mlp": ("network", [0.82, 0.82]),
    "forest": ("baseline", [0.7, 0.7]),
    "gc": ("nuisance", [0.6, 0.5]),
}


@pytest.fixture
def fits(tmp_path):
    """Entries, model files and score files of two fits a model."""
    entries, models, scores = [], [], []
    for name, (kind, values) in TUNE_SCORES.items():
        for seed, value in enumerate(values, start=1):
            folder = tmp_path / name / f"seed{seed}"
            folder.mkdir(parents=True)
            (folder / "model.joblib").write_text(f"{name} {seed}")
            scored = {"tune": {"auprc": value, "brier": value}}
            scored["model_sha256"] = file_sha256(folder / "model.joblib")
            write_json(folder / "scores.json", scored)
            entries.append({"model": name, "kind": kind, "seed": seed})
            models.append(str(folder / "model.joblib"))
            scores.append(str(folder / "scores.json"))
    return entries, models, scores


def write_keras(path, saved, shared_id, weights=b"weights", config=None):
    """A `.keras` archive as Keras writes it."""
    config = config or {"layers": [{"units": 3, "shared_object_id": shared_id}]}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"date_saved": saved}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", weights)
    return path


def test_the_best_mean_on_tune_is_chosen_for_each_kind(fits):
    frozen = freeze_models(*fits, "auprc", "s" * 64)
    assert frozen["chosen"] == {"network": "cnn", "baseline": "forest", "nuisance": "gc"}
    cnn = frozen["models"]["cnn"]
    assert cnn["tune_score"] == pytest.approx(0.85)
    assert (cnn["tune_scores"], cnn["seeds"], cnn["kind"]) == ([0.9, 0.8], [1, 2], "network")
    assert cnn["files"] == {path: file_sha256(path) for path in fits[1][:2]}
    assert frozen["study_sha256"] == "s" * 64


def test_a_lower_score_is_chosen_where_lower_is_better(fits):
    assert freeze_models(*fits, "brier", "s")["chosen"]["network"] == "mlp"


def test_a_kind_that_was_not_entered_is_none(fits):
    no_networks = [part[4:] for part in fits]
    assert freeze_models(*no_networks, "auprc", "s")["chosen"]["network"] is None


@pytest.mark.parametrize("score", [None, "missing"])
def test_a_fit_without_a_score_is_refused(fits, score):
    tune = {} if score == "missing" else {"auprc": score}
    write_json(fits[2][2], {"tune": tune})
    with pytest.raises(InputError, match=r"mlp/seed1/scores.json: no score 'auprc' on tune"):
        freeze_models(*fits, "auprc", "s")


def test_a_score_that_is_nan_is_refused(fits):
    with open(fits[2][0], "w") as file:
        json.dump({"tune": {"auprc": np.nan}}, file)
    with pytest.raises(InputError, match="no score"):
        freeze_models(*fits, "auprc", "s")


@pytest.mark.parametrize("name", TUNE_SCORES)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_model_exchanged_between_its_fit_and_the_freeze_is_named(fits, name, seed):
    path = Path(fits[1][2 * list(TUNE_SCORES).index(name) + seed])
    path.write_text("fitted on everything")
    with pytest.raises(InputError, match=rf"{name}/seed{seed + 1}/model.joblib: is not the model"):
        freeze_models(*fits, "auprc", "s")


def test_a_fit_that_recorded_no_hash_is_refused(fits):
    scored = read_json(fits[2][0])
    del scored["model_sha256"]
    write_json(fits[2][0], scored)
    with pytest.raises(InputError, match="is not the model that was fitted"):
        freeze_models(*fits, "auprc", "s")


def test_frozen_models_verify(fits):
    verify_models(freeze_models(*fits, "auprc", "s"), fits[1], "auprc")


def test_altered_missing_and_added_models_are_named(fits):
    frozen = freeze_models(*fits, "auprc", "s")
    altered, missing, *rest = fits[1]
    with open(altered, "a") as file:
        file.write("trained a little longer")
    with pytest.raises(InputError) as stopped:
        verify_models(frozen, [altered, *rest, "results/new.joblib"], "auprc")
    message = str(stopped.value)
    assert f"{altered}: altered" in message
    assert f"{missing}: frozen, but not" in message
    assert "results/new.joblib: not frozen" in message
    assert "was not opened" in message


def test_a_choice_that_does_not_follow_from_tune_is_noticed(fits):
    frozen = freeze_models(*fits, "auprc", "s")
    frozen["chosen"]["network"] = "mlp"
    with pytest.raises(InputError, match="it was edited"):
        verify_models(frozen, fits[1], "auprc")


@pytest.mark.parametrize(
    "edit",
    [
        lambda frozen: frozen["models"]["mlp"].update(tune_score=0.99),
        lambda frozen: frozen["models"]["mlp"].update(kind="winner"),
        lambda frozen: frozen["models"]["mlp"].update(seeds=[1]),
        lambda frozen: frozen["models"]["mlp"].update(tune_scores=[0.82]),
        lambda frozen: frozen["models"]["mlp"].update(tune_scores=["a", "b"]),
        lambda frozen: frozen["models"]["mlp"].pop("files"),
        lambda frozen: frozen.update(models=[]),
        lambda frozen: frozen.update(models=None),
        lambda frozen: frozen.clear(),
    ],
)
def test_an_edited_frozen_json_is_noticed(fits, edit):
    frozen = freeze_models(*fits, "auprc", "s")
    edit(frozen)
    with pytest.raises(InputError, match=r"frozen\.json.* edited"):
        verify_models(frozen, fits[1], "auprc")


def test_another_objective_is_noticed(fits):
    with pytest.raises(InputError, match="chosen by auprc but are to be judged by mcc"):
        verify_models(freeze_models(*fits, "auprc", "s"), fits[1], "mcc")


def test_one_hash_stands_for_all_models_in_any_order(fits):
    backwards = [part[::-1] for part in fits]
    first, second = (freeze_models(*one, "auprc", "s") for one in (fits, backwards))
    assert models_sha256(first) == models_sha256(second)
    without_one = freeze_models(*[part[1:] for part in fits], "auprc", "s")
    assert models_sha256(first) != models_sha256(without_one)


def test_a_network_saved_twice_has_one_hash(tmp_path):
    first = model_sha256(write_keras(tmp_path / "a.keras", "2026-01-01", 140))
    assert model_sha256(write_keras(tmp_path / "b.keras", "2026-01-02", 139)) == first
    other_weights = write_keras(tmp_path / "c.keras", "2026-01-01", 140, weights=b"others!")
    other_units = write_keras(tmp_path / "d.keras", "2026-01-01", 140, config={"units": 4})
    assert len({first, model_sha256(other_weights), model_sha256(other_units)}) == 3
