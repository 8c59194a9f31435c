"""A finished run of several labels, applied to new examples and variants."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from finished import complete_partition, finish, letters
from test_predict import apply, page_paths

from deeprules.errors import InputError
from deeprules.predict.effects import Null, effect_columns, effect_rows
from deeprules.predict.loading import load_models
from deeprules.predict.outcomes import outcome_of
from deeprules.predict.packed import PackedModel
from deeprules.predict.packing import pack_model
from deeprules.report.predictions import render_predictions
from deeprules.statistics.metrics import scores
from deeprules.statistics.predictions import of_label


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    run = finish(tmp_path_factory.mktemp("labels"), task="multilabel")
    pack_model(run, run.parent / "packed-labels")
    return run.parent / "packed-labels"


@pytest.fixture
def new(tmp_path):
    return complete_partition(tmp_path / "new", 120, "sequence", "multilabel", 5)


def table_of_new(new, **columns):
    """A table as users write it: yes, no, or an empty cell."""
    words = {0.0: "no", 1.0: "yes"}
    given = {name: new.examples[f"label_{name}"].map(words) for name in ("a", "b")}
    sequences = letters(new.features)
    return new.examples[["id"]].assign(**{"sequence": sequences, **given, **columns})


def test_each_label_has_its_probabilities(packed, new, tmp_path):
    path = tmp_path / "new.csv"
    table_of_new(new).drop(columns=["a", "b"]).to_csv(path, index=False)
    table, found, summary, outputs = apply(tmp_path, packed, path, format="table")
    opened = PackedModel.open(packed)
    each = [one.predict(new.features, None) for one in load_models(opened).values()]
    for number, name in enumerate("ab"):
        expected = np.mean([one[:, number] for one in each], axis=0)
        np.testing.assert_allclose(table[f"p_{name}"], expected, atol=1e-6)
        assert table[f"calibrated_{name}"].between(0, 1).all()
        np.testing.assert_allclose(table[f"p_{name}_seed1"], each[0][:, number], atol=1e-6)
    both = (table["p_a"] >= 0.5) & (table["p_b"] >= 0.5)
    assert (table["predicted"] == "a + b").equals(both) and both.any()
    assert summary["predicted"]["a"] == (table["p_a"] >= 0.5).sum()
    assert found.empty and summary["labelled"] == 0
    assert "Predicted labels" in render_predictions(page_paths(outputs), "mine")


def test_labels_of_new_examples_are_scored_one_by_one_and_together(packed, new, tmp_path):
    path = tmp_path / "new.csv"
    table_of_new(new).to_csv(path, index=False)
    table, found, summary, outputs = apply(tmp_path, packed, path, format="table")
    probabilities = table[["p_a", "p_b"]].to_numpy()
    assert summary["labelled"] == np.isfinite(new.labels).any(axis=1).sum()
    ensemble = found[found["summary"] == "ensemble"].set_index(["label", "metric"])["value"]
    together = scores("multilabel", new.labels, probabilities)["auroc"]
    assert ensemble["mean of 2", "auroc"] == pytest.approx(together, abs=1e-4)
    for number, name in enumerate("ab"):
        expected = scores("binary", *of_label("multilabel", new.labels, probabilities, number)[1:])[
            "auroc"
        ]
        assert ensemble[name, "auroc"] == pytest.approx(expected, abs=1e-4)
    assert "mean of 2" in render_predictions(page_paths(outputs), "mine")


def test_a_label_that_new_data_lack_is_said(packed, new, tmp_path):
    path = tmp_path / "new.csv"
    table_of_new(new).drop(columns="b").to_csv(path, index=False)
    _, found, summary, _ = apply(tmp_path, packed, path, format="table")
    assert set(found["label"]) == {"a", "mean of 1"}
    assert any("label b has no column" in note for note in summary["notes"])
    assert any("Not scored" in note and "b" in note for note in summary["score_notes"])


def test_a_third_value_is_refused(packed, new, tmp_path):
    path = tmp_path / "new.csv"
    table = table_of_new(new)
    table.loc[3, "a"] = "maybe"
    table.to_csv(path, index=False)
    with pytest.raises(InputError, match="labels are maybe, no"):
        apply(tmp_path, packed, path, format="table")


def test_a_tie_is_no_label_as_in_the_scores(packed):
    outcome = outcome_of(PackedModel.open(packed).dataset)
    tied = np.array([[0.5, 0.5], [0.5, 0.6]])
    assert list(outcome.columns(tied, tied)["predicted"]) == ["none", "b"]


@pytest.mark.parametrize("name", ["score_sd", "x_seed1", "read_forward"])
def test_a_label_may_be_named_as_columns_beside_effects_are(packed, name):
    dataset = replace(PackedModel.open(packed).dataset, labels=("a", name))
    columns = effect_columns(dataset)
    table = pd.DataFrame({column: [0.1, -3.0] for column in columns})
    null = Null(table, columns, np.array([False, False]))
    p = null.p_values(f"effect_{name}", np.array([-4.0]), np.array([False]))
    np.testing.assert_allclose(p, 1 / 3)


def test_a_variant_has_an_effect_on_each_label(packed, new):
    opened = PackedModel.open(packed)
    models = load_models(opened)
    windows = np.stack([new.features[:5], new.features[5:10]], axis=1)
    found = effect_rows(opened, models, windows)
    model = models["1"]
    ahead, behind = (model.predict(windows[:, place], None)[:, 1] for place in (0, 1))
    odds = np.log(behind / (1 - behind)) - np.log(ahead / (1 - ahead))
    assert {"effect_a", "effect_b", "effect_b_sd"} <= {*found}
    turned = effect_rows(opened, models, windows[:, ::-1])
    np.testing.assert_allclose(turned["effect_b"], -found["effect_b"])
    assert np.corrcoef(odds, found["effect_b_seed1"])[0, 1] > 0


def test_a_value_is_predicted_beside_a_label_that_is_there_or_not(tmp_path):
    task = "binary-regression"
    models = {"nearest_neighbours": "baseline"}
    run = finish(tmp_path / "run", task=task, models=models)
    pack_model(run, tmp_path / "packed")
    new = complete_partition(tmp_path / "new", 120, "sequence", task, 5)
    path = tmp_path / "new.csv"
    table_of_new(new, b=new.examples["label_b"] + 0.5).to_csv(path, index=False)
    table, found, summary, outputs = apply(tmp_path, tmp_path / "packed", path, format="table")
    assert {"p_a", "calibrated_a", "prediction_b"} <= {*table} and "calibrated_b" not in table
    assert {*table["predicted"]} == {"a", "none"}
    assert summary["predicted"] == {"a": int((table["p_a"] >= 0.5).sum())}
    assert {*found["label"]} == {"a", "b", "mean of 2"}
    assert {*found.query("label == 'mean of 2'")["metric"]} == {"rank_score"}
    assert "mean of 2" in render_predictions(page_paths(outputs), "mine")
    opened = PackedModel.open(tmp_path / "packed")
    windows = np.stack([new.features[:5], new.features[5:10]], axis=1)
    effects = effect_rows(opened, load_models(opened), windows)
    assert {"effect_a", "effect_b"} <= {*effects}
