"""A finished run packed, and applied to new examples: what it says, flags and refuses."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import anndata
import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from finished import complete_partition, contents, finish, letters, table_of
from own_tools import make_tool
from partitions import make_dataset
from scipy import sparse
from source_files import fill_in

from deeprules.errors import InputError
from deeprules.feature_store import SparseRows
from deeprules.predict.archived import unpack_model
from deeprules.predict.loading import load_models
from deeprules.predict.new_examples import read_new_examples
from deeprules.predict.packed import PackedModel
from deeprules.predict.packing import _pack_pretrained, pack_model
from deeprules.predict.predicting import predict_examples
from deeprules.predict.training_facts import medians
from deeprules.report.predictions import render_predictions
from deeprules.statistics.metrics import scores
from deeprules_workflow.modules import facts_in

TWO = {"logistic_regression": "baseline", "nearest_neighbours": "baseline"}


@pytest.fixture(scope="module")
def sequences(tmp_path_factory):
    """A finished run of sequences, and what it was packed into."""
    run = finish(tmp_path_factory.mktemp("sequences"), models=TWO)
    before = contents(run)
    pack_model(run, run.parent / "packed-sequences")
    assert contents(run) == before
    return run, run.parent / "packed-sequences"


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """The same of rows of numbers, with values to predict."""
    run = finish(
        tmp_path_factory.mktemp("rows"), "tabular", "regression", models={"ridge": "baseline"}
    )
    pack_model(run, run.parent / "packed-rows")
    return run, run.parent / "packed-rows"


def new_part(folder, modality="sequence", task="binary", n=50, seed=5):
    return complete_partition(folder / "new", n, modality, task, seed)


def write_fasta(folder, names, sequences):
    path = folder / "new.fa"
    path.write_text("".join(f">{n}\n{s}\n" for n, s in zip(names, sequences, strict=True)))
    return path


def apply(folder, packed, path, overlap="error", model=None, **settings):
    """Read and predict; the tables, the summary, and all paths."""
    source = fill_in(sources={"new": {"format": "fasta", **settings}})["sources"]["new"]
    names = {
        "examples": "examples.parquet", "features": "features.npy", "summary": "examples.json"
    }  # fmt: skip
    made = SimpleNamespace(**{key: folder / name for key, name in names.items()})
    opened = PackedModel.open(packed, model)
    read_new_examples(opened, {"new": source}, {"new": path}, made, overlap)
    names = {
        "predictions": "predictions.tsv", "parquet": "predictions.parquet", "scores": "scores.tsv",
        "summary": "summary.json",
    }  # fmt: skip
    outputs = SimpleNamespace(**{key: folder / name for key, name in names.items()})
    paths = SimpleNamespace(examples=made.examples, features=made.features, read=made.summary)
    predict_examples(opened, load_models(opened), paths, outputs, 1)
    summary = json.loads(outputs.summary.read_text())
    return table_of(outputs.predictions), pd.read_csv(outputs.scores, sep="\t"), summary, outputs


def test_every_fit_predicts_as_it_does_by_itself(sequences, tmp_path):
    new = new_part(tmp_path)
    path = write_fasta(tmp_path, new.examples["id"], letters(new.features))
    table, found, summary, outputs = apply(tmp_path, sequences[1], path)
    opened = PackedModel.open(sequences[1])
    each = [one.predict(new.features, None)[:, 1] for one in load_models(opened).values()]
    assert table["id"].tolist() == new.examples["id"].tolist()
    for seed, values in zip((1, 2), each, strict=True):
        np.testing.assert_allclose(table[f"p_yes_seed{seed}"], values, atol=1e-6)
    np.testing.assert_allclose(table["p_yes"], np.mean(each, axis=0), atol=1e-6)
    assert (table["p_yes_lowest"] <= table["p_yes_highest"]).all()
    assert (table["predicted"] == np.where(table["p_yes"] > 0.5, "yes", "no")).all()
    assert table["confidence"].between(0, 1).all()
    assert found.empty and summary["labelled"] == 0
    exact = pd.read_parquet(outputs.parquet)
    np.testing.assert_array_equal(exact["p_yes_seed1"], each[0])


def test_the_confidence_is_that_of_the_predicted_class(sequences, tmp_path):
    shutil.copytree(sequences[1], tmp_path / "packed")
    facts = json.loads((tmp_path / "packed" / "model.json").read_text())
    rare = {"scale": 1.0, "shifts": [1.0, -1.0], "n": 80}  # of the positive class
    facts["models"]["logistic_regression"]["calibration"] = rare
    (tmp_path / "packed" / "model.json").write_text(json.dumps(facts))
    new = new_part(tmp_path)
    path = write_fasta(tmp_path, new.examples["id"], letters(new.features))
    table, _, summary, _ = apply(tmp_path, tmp_path / "packed", path)
    is_yes, calibrated = table["predicted"] == "yes", table["calibrated_yes"]
    np.testing.assert_allclose(table["confidence"], np.where(is_yes, calibrated, 1 - calibrated))
    assert (table["confidence"] < 0.5).any() and sum(summary["confidence"][:5]) > 0


def test_any_model_predicts_and_the_recommended_one_is_stated(sequences, tmp_path):
    new = new_part(tmp_path)
    path = write_fasta(tmp_path, new.examples["id"], letters(new.features))
    _, _, summary, outputs = apply(tmp_path, sequences[1], path, model="nearest_neighbours")
    assert summary["model"] == "nearest_neighbours"
    assert "recommends logistic_regression" in outputs.predictions.read_text()
    facts = json.loads((sequences[1] / "model.json").read_text())
    assert facts["holds_examples"] == ["nearest_neighbours"]
    with pytest.raises(InputError, match="there is no model `cnn`; it has `logistic_regression`"):
        PackedModel.open(sequences[1], "cnn")


def test_chunks_change_nothing(sequences, tmp_path, monkeypatch):
    new = new_part(tmp_path)
    path = write_fasta(tmp_path, new.examples["id"], letters(new.features))
    whole, *_ = apply(tmp_path, sequences[1], path)
    monkeypatch.setattr("deeprules.predict.training_facts.CHUNK", 7)
    parts, *_ = apply(tmp_path, sequences[1], path)
    pd.testing.assert_frame_equal(parts, whole)


def test_labels_make_it_an_external_validation_without_an_opening(sequences, tmp_path):
    new = new_part(tmp_path, n=120)
    table = new.examples[["id", "label"]].assign(sequence=letters(new.features))
    table.loc[0, "label"] = None
    table.to_csv(tmp_path / "new.csv", index=False)
    before = contents(sequences[0])
    path = tmp_path / "new.csv"
    predicted, found, summary, outputs = apply(tmp_path, sequences[1], path, format="table")
    assert contents(sequences[0]) == before
    assert summary["labelled"] == 119 and len(predicted) == 120
    probabilities = np.stack([1 - predicted["p_yes"], predicted["p_yes"]], axis=1)[1:]
    expected = scores("binary", new.labels[1:], probabilities)
    ensemble = found[found["summary"] == "ensemble"].set_index("metric")
    for metric, value in expected.items():
        assert ensemble.loc[metric, "value"] == pytest.approx(value, abs=1e-4), metric
    assert (ensemble["lower"] < ensemble["value"]).mean() > 0.9
    page = render_predictions(page_paths(outputs), "mine")
    assert "External validation" in page and "119 examples have a label" in page
    table["label"] = "other"
    table.to_csv(path, index=False)
    with pytest.raises(InputError, match="no class of the model: other"):
        apply(tmp_path, sequences[1], path, format="table")


def page_paths(outputs):
    from pathlib import Path

    template = Path(__file__).parents[2] / "workflow" / "report" / "predictions.html.j2"
    return SimpleNamespace(
        summary=outputs.summary, scores=outputs.scores, predictions=outputs.parquet,
        template=template,
    )  # fmt: skip


def test_flags_and_the_nearest_training_example(sequences, tmp_path):
    run, packed = sequences
    train = pd.read_parquet(run / "results" / "split" / "train" / "examples.parquet")
    codes = np.load(run / "results" / "split" / "train" / "features.npy")
    one = letters(codes[3:4])[0]
    edited = one[:30] + ("A" if one[30] != "A" else "C") + one[31:]
    named = {"copy": one, "edited": edited, "gc": "GC" * 30, "unknown": "ACGTNNNNNN" * 6}
    path = write_fasta(tmp_path, named, named.values())
    table, _, summary, _ = apply(tmp_path, packed, path)
    table = table.set_index("id")
    assert table.loc["copy", "nearest"] == table.loc["edited", "nearest"] == train["id"][3]
    assert table.loc["copy", "identity"] == 1
    assert 0.9 < table.loc["edited", "identity"] < 1
    assert table.loc["copy", "flags"] == "near_identical"
    assert table.loc["gc", "flags"] == "outside_gc"
    assert "outside_n_share" in table.loc["unknown", "flags"]
    assert summary["flags"]["near_identical"] == 2


@pytest.mark.parametrize("edit", ["none", "turned", "changed"])
def test_examples_of_the_sealed_test_set_are_refused(sequences, tmp_path, edit):
    run, packed = sequences
    sealed = letters(np.load(run / "results" / "sealed" / "test" / "features.npy"))
    if edit == "turned":
        sealed = [one[::-1] for one in sealed]
    elif edit == "changed":
        sealed = [one[:29] + {"A": "C"}.get(one[29], "A") + one[30:] for one in sealed]
    path = write_fasta(tmp_path, [f"x{number}" for number in range(len(sealed))], sealed)
    said = "resemble" if edit == "changed" else "are examples of the sealed test set"
    with pytest.raises(InputError, match=said):
        apply(tmp_path, packed, path)
    assert not (tmp_path / "examples.parquet").exists()


def test_examples_of_the_sealed_test_set_may_be_left_out(sequences, tmp_path):
    run, packed = sequences
    sealed = letters(np.load(run / "results" / "sealed" / "test" / "features.npy"))[:3]
    new = letters(new_part(tmp_path).features)
    path = write_fasta(tmp_path, [f"x{number}" for number in range(53)], [*sealed, *new])
    table, *_, outputs = apply(tmp_path, packed, path, overlap="drop")
    assert table["id"].tolist() == [f"x{number}" for number in range(3, 53)]
    assert "3 examples of the sealed test set were left out" in outputs.predictions.read_text()


@pytest.mark.parametrize("change", ["turned", "more"])
def test_rows_of_the_sealed_test_set_and_of_train_are_known_in_any_order_of_columns(
    rows, tmp_path, change
):
    run, packed = rows
    parts = [run / "results" / name for name in ("sealed/test", "split/train")]
    sealed, train = (np.load(part / "features.npy")[:3] for part in parts)
    new = new_part(tmp_path, "tabular", "regression").features
    names = [f"gene{number}" for number in range(60)]
    table = pd.DataFrame(np.concatenate([sealed, train, new]), columns=names)
    table = table[names[::-1]] if change == "turned" else table.assign(unseen=1.0)
    table.rename(index="x{}".format).to_csv(tmp_path / "new.csv", index_label="id")
    with pytest.raises(InputError, match="3 of the 56 new examples are examples of the sealed"):
        apply(tmp_path, packed, tmp_path / "new.csv", format="matrix")
    found, *_ = apply(tmp_path, packed, tmp_path / "new.csv", "drop", format="matrix")
    assert found["id"].tolist() == [f"x{number}" for number in range(3, 56)]
    assert found["identity"][:3].tolist() == [1, 1, 1]


def test_a_withheld_verdict_stands_at_the_head_of_every_file(tmp_path):
    run = finish(tmp_path / "run", verdict="withheld")
    pack_model(run, tmp_path / "packed")
    new = new_part(tmp_path)
    path = write_fasta(tmp_path, new.examples["id"], letters(new.features))
    *_, outputs = apply(tmp_path, tmp_path / "packed", path)
    head = [line for line in outputs.predictions.read_text().splitlines() if line[0] == "#"]
    assert "# No verdict: it was withheld." in head
    metadata = pyarrow.parquet.read_schema(outputs.parquet).metadata[b"deeprules"].decode()
    assert "No verdict: it was withheld." in metadata.splitlines()
    assert "No verdict" in render_predictions(page_paths(outputs), "mine")


def test_code_that_was_trusted_is_stated(sequences):
    opened = PackedModel.open(sequences[1])
    assert not [line for line in opened.header if "trust" in line]
    opened.model.update(trusted=True, pretrained="basset")
    assert any("`trust: true`" in line and "basset" in line for line in opened.header)


def test_rows_get_values_and_missing_features_the_median(rows, tmp_path):
    new = new_part(tmp_path, "tabular", "regression")
    names = [f"gene{number}" for number in range(60)]
    table = pd.DataFrame(new.features, columns=names, index=new.examples["id"])
    table.to_csv(tmp_path / "new.csv")
    settings = {"format": "matrix"}
    whole, *_ = apply(tmp_path, rows[1], tmp_path / "new.csv", **settings)
    opened = PackedModel.open(rows[1])
    each = [one.predict(new.features, None) for one in load_models(opened).values()]
    np.testing.assert_allclose(whole["prediction"], np.mean(each, axis=0), rtol=1e-5)
    assert "confidence" not in whole and whole["flags"].isna().all()
    assert whole["identity"].between(0.2, 0.8).all()

    turned = table[names[::-1]].drop(columns="gene59").assign(unseen=1.0)
    turned.to_csv(tmp_path / "new.csv")
    part, _, summary, _ = apply(tmp_path, rows[1], tmp_path / "new.csv", **settings)
    assert part["flags"].str.contains("missing_features").all()
    assert any("1 of the 60 features" in note for note in summary["notes"])
    assert any("1 features are unknown" in note for note in summary["notes"])
    assert np.corrcoef(part["prediction"], whole["prediction"])[0, 1] > 0.95

    table[names[:20]].to_csv(tmp_path / "new.csv")
    with pytest.raises(InputError, match="lack 40 of the 60 features"):
        apply(tmp_path, rows[1], tmp_path / "new.csv", **settings)


@pytest.mark.parametrize(("transform", "is_told"), [("log_cpm", True), ("log1p", False)])
def test_other_features_are_told_where_numbers_depend_on_all_of_a_sample(
    rows, tmp_path, transform, is_told
):
    packed = tmp_path / "packed"
    shutil.copytree(rows[1], packed)
    for name, *keys in (("model.json", "data"), ("dataset.json",)):
        facts = json.loads((packed / name).read_text())
        (facts["data"] if keys else facts)["transform"] = transform
        (packed / name).write_text(json.dumps(facts))
    counts = np.random.default_rng(1).poisson(50, (20, 60))
    table = pd.DataFrame(counts, columns=[f"gene{number}" for number in range(60)])
    for more, said in (({}, False), ({"spike_in": 10_000}, is_told)):
        table.assign(**more).rename(index="x{}".format).to_csv(tmp_path / "new.csv")
        _, _, summary, _ = apply(tmp_path, packed, tmp_path / "new.csv", format="matrix")
        assert any("not on the scale of train" in note for note in summary["notes"]) == said


@pytest.mark.parametrize("kind", [np.asarray, SparseRows])
def test_the_median_of_train_is_that_of_all_its_rows(monkeypatch, kind):
    rng = np.random.default_rng(1)
    rows = np.where(rng.random((90, 7)) < 0.6, rng.normal(size=(90, 7)), 0).astype(np.float32)
    rows[:, 0], rows[:60, 1] = np.arange(90) ** 3, 0
    if kind is np.asarray:
        rows[:60, 2], rows[:, 3] = np.nan, np.nan
    monkeypatch.setattr("deeprules.predict.training_facts.CHUNK_VALUES", 200)
    found = medians(kind(rows))
    np.testing.assert_array_equal(np.isnan(found), np.isnan(rows).all(axis=0))
    for column, median in zip(rows.T, found, strict=True):
        known = column[~np.isnan(column)]
        assert not len(known) or median == np.median(known)


def test_features_that_new_data_lack_have_the_median_of_all_of_train(tmp_path, monkeypatch):
    run = finish(tmp_path / "run", "tabular", "regression", models={"ridge": "baseline"})
    path = run / "results" / "split" / "train" / "features.npy"
    train = np.array(np.load(path))
    train[:120, 9] = np.nan  # as of a source that did not measure it
    train[120:, 9] += 5
    np.save(path, train)
    monkeypatch.setattr("deeprules.predict.training_facts.CHUNK", 40)
    pack_model(run, tmp_path / "packed")
    new = new_part(tmp_path, "tabular", "regression").features
    table = pd.DataFrame(new, columns=[f"gene{number}" for number in range(60)])
    table.drop(columns="gene9").to_csv(tmp_path / "new.csv", index_label="id")
    columns = {"id": "id"}
    apply(tmp_path, tmp_path / "packed", tmp_path / "new.csv", format="matrix", columns=columns)
    assert set(np.load(tmp_path / "features.npy")[:, 9]) == {np.nanmedian(train[:, 9])}


def test_the_nearest_row_is_found_and_far_values_are_flagged(rows, tmp_path):
    run, packed = rows
    train = pd.read_parquet(run / "results" / "split" / "train" / "examples.parquet")
    values = np.array(np.load(run / "results" / "split" / "train" / "features.npy")[:3])
    values[1] += 0.01
    values[2] = 100
    names = [f"gene{number}" for number in range(60)]
    table = pd.DataFrame(values, columns=names, index=["same", "near", "far"])
    table.to_csv(tmp_path / "new.csv", index_label="id")
    found, *_ = apply(tmp_path, packed, tmp_path / "new.csv", format="matrix")
    assert found["nearest"][:2].tolist() == train["id"][:2].tolist()
    assert found["identity"][0] == 1 and 0.98 < found["identity"][1] < 1
    assert found["flags"].tolist() == ["near_identical", "near_identical", "outside_features"]


def test_a_label_that_is_no_number_is_named(rows, tmp_path):
    new = new_part(tmp_path, "tabular", "regression")
    table = pd.DataFrame(new.features, columns=[f"gene{number}" for number in range(60)])
    table.insert(0, "id", new.examples["id"])
    table.insert(1, "label", ["high", *map(str, new.labels[1:])])
    table.to_csv(tmp_path / "new.csv", index=False)
    settings = {"format": "matrix", "metadata": ["label"]}
    with pytest.raises(InputError, match="no numbers: high"):
        apply(tmp_path, rows[1], tmp_path / "new.csv", **settings)
    table["label"] = new.labels
    table.to_csv(tmp_path / "new.csv", index=False)
    _, found, *_ = apply(tmp_path, rows[1], tmp_path / "new.csv", **settings)
    assert "r2" in set(found["metric"])


def test_data_of_another_length_or_modality_are_refused(sequences, rows, tmp_path):
    path = write_fasta(tmp_path, ["a", "b"], ["ACGTACGTAC", "ACGTACGTAC"])
    with pytest.raises(InputError, match="takes sequences of 60 bases"):
        apply(tmp_path, sequences[1], path)
    with pytest.raises(
        InputError, match="holds sequence data, and the model `ridge` takes tabular"
    ):
        apply(tmp_path, rows[1], path)


def test_a_run_that_is_not_finished_and_a_folder_that_is_no_model_are_named(tmp_path):
    run = finish(tmp_path / "run")
    (run / "results" / "conclusion" / "verdict.json").unlink()
    with pytest.raises(InputError, match=r"no finished run in .*verdict.json is missing"):
        pack_model(run, tmp_path / "packed")
    assert not (tmp_path / "packed").exists()
    with pytest.raises(InputError, match="is no packed model"):
        PackedModel.open(run)


@pytest.mark.parametrize("kind", ["zip", "gztar", "tar"])
def test_an_archive_stands_for_the_folder_in_it(sequences, tmp_path, kind):
    _, packed = sequences
    shutil.copytree(packed, tmp_path / "made" / "release" / "model")
    (tmp_path / "made" / "release" / "README.md").write_text("A release.")
    archive = shutil.make_archive(tmp_path / "release", kind, tmp_path / "made")
    Path(archive).rename(tmp_path / "theirs")  # whatever its name
    unpack_model(tmp_path / "theirs", tmp_path / "model")
    names = {path.relative_to(packed) for path in packed.rglob("*")}
    assert names == {
        path.relative_to(tmp_path / "model") for path in (tmp_path / "model").rglob("*")
    }
    assert set(load_models(PackedModel.open(tmp_path / "model"))) == {"1", "2"}


def test_an_archive_of_several_models_is_refused(sequences, rows, tmp_path):
    for name, packed in (("first", sequences[1]), ("second", rows[1])):
        shutil.copytree(packed, tmp_path / "made" / name / "model")
    archive = shutil.make_archive(tmp_path / "both", "zip", tmp_path / "made")
    with pytest.raises(InputError, match="several packed models, in `first/model` and `second/mod"):
        unpack_model(archive, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_archives_without_a_model_are_refused(tmp_path):
    (tmp_path / "made").mkdir()
    for name, said in (("notes.txt", "no packed model"), ("ro-crate-metadata.json", "release")):
        (tmp_path / "made" / name).write_text("{}")
        archive = shutil.make_archive(tmp_path / "made.zip", "zip", tmp_path / "made")
        with pytest.raises(InputError, match=said):
            unpack_model(archive, tmp_path / "model")
    Path(archive).write_bytes(Path(archive).read_bytes()[:40])
    with pytest.raises(InputError, match="cannot be unpacked"):
        unpack_model(archive, tmp_path / "model")
    Path(archive).write_text("no archive")
    with pytest.raises(InputError, match="cannot be unpacked"):
        unpack_model(archive, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_model_that_was_exchanged_is_noticed(sequences, tmp_path):
    run, packed = sequences
    shutil.copytree(packed, tmp_path / "packed")
    models = tmp_path / "packed" / "models" / "logistic_regression"
    shutil.copyfile(models.parent / "nearest_neighbours" / "seed1.joblib", models / "seed1.joblib")
    with pytest.raises(InputError, match="is missing or was altered"):
        load_models(PackedModel.open(tmp_path / "packed"))
    shutil.copytree(run, tmp_path / "run")
    fits = tmp_path / "run" / "results" / "fit"
    shutil.copyfile(
        fits / "nearest_neighbours" / "real" / "seed1" / "model.joblib",
        fits / "logistic_regression" / "real" / "seed1" / "model.joblib",
    )
    with pytest.raises(InputError, match="not the model that was frozen"):
        pack_model(tmp_path / "run", tmp_path / "again")


def test_a_packed_model_holds_no_example(sequences):
    _, packed = sequences
    assert not [path for path in packed.rglob("*") if path.name == "features.npy"]
    table = pd.read_parquet(packed / "training" / "examples.parquet")
    assert set(table.columns) == {"id", "canonical_hash"}


def test_a_model_that_needs_covariates_says_which(tmp_path):
    run = finish(tmp_path / "run", models={"metadata": "nuisance"})
    pack_model(run, tmp_path / "packed")
    new = new_part(tmp_path)
    table = new.examples[["id", "batch", "age"]].assign(sequence=letters(new.features))
    table.to_csv(tmp_path / "new.csv", index=False)
    found, *_ = apply(tmp_path, tmp_path / "packed", tmp_path / "new.csv", format="table")
    assert found["p_yes"].notna().all()
    table.drop(columns="age").to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(InputError, match="age is not among those given"):
        apply(tmp_path, tmp_path / "packed", tmp_path / "new.csv", format="table")


def test_a_covariate_may_be_empty_in_a_whole_part_of_the_new_examples(tmp_path, monkeypatch):
    pack_model(finish(tmp_path / "run", models={"metadata": "nuisance"}), tmp_path / "packed")
    new = new_part(tmp_path, n=40)
    age = new.examples["age"].where(~np.isin(np.arange(40), np.arange(10, 20)))
    table = new.examples[["id", "batch"]].assign(age=age, sequence=letters(new.features))
    table.to_csv(tmp_path / "new.csv", index=False)
    given = (tmp_path, tmp_path / "packed", tmp_path / "new.csv")
    whole, *_ = apply(*given, format="table")
    monkeypatch.setattr("deeprules.predict.training_facts.CHUNK", 10)
    parts, *_ = apply(*given, format="table")
    pd.testing.assert_frame_equal(parts, whole)


def test_a_text_where_the_model_takes_a_number_is_named_with_its_row(tmp_path):
    for models in ({"metadata": "nuisance"}, {"naive_bayes": "baseline"}):
        packed = tmp_path / "packed"
        pack_model(finish(tmp_path / next(iter(models)), models=models), packed)
        new = new_part(tmp_path)
        age = ["41", "", "old", *["33"] * (len(new) - 3)]
        table = new.examples[["id", "batch"]].assign(age=age, sequence=letters(new.features))
        table.to_csv(tmp_path / "new.csv", index=False)
        given = (tmp_path, packed, tmp_path / "new.csv")
        if "metadata" in models:
            with pytest.raises(InputError, match=r"row 4 .*'age': 'old' is no number"):
                apply(*given, format="table")
        else:
            apply(*given, format="table")


def test_a_covariate_that_is_a_name_in_train_is_one_where_new_ones_are_all_numbers(tmp_path):
    names = {"age": lambda table: np.resize(["1", "2", "not known"], len(table))}
    run = finish(tmp_path / "run", models={"metadata": "nuisance"}, **names)
    pack_model(run, tmp_path / "packed")
    new = new_part(tmp_path)
    given = new.examples.assign(age=np.resize(["1", "2"], len(new)))
    table = given[["id", "batch", "age"]].assign(sequence=letters(new.features))
    table.to_csv(tmp_path / "new.csv", index=False)
    apply(tmp_path, tmp_path / "packed", tmp_path / "new.csv", format="table")
    assert pd.read_parquet(tmp_path / "examples.parquet")["age"].tolist() == given["age"].tolist()
    exact = pd.read_parquet(tmp_path / "predictions.parquet")
    (model, _) = load_models(PackedModel.open(tmp_path / "packed")).values()
    expected = model.predict(new.features, given)[:, 1]
    np.testing.assert_array_equal(exact["p_yes_seed1"], expected)


def of_library(modality, task):
    """All models of the library that such a run may choose, without a network or covariates."""
    found = {}
    for name, facts in facts_in("baselines").items():
        fits = modality in facts["MODALITIES"] and task in facts["TASKS"]
        if fits and "INPUTS" not in facts and name != "command":
            found[name] = facts["KIND"]
    return found


def write_part(folder, part):
    """New examples as a file, and how it is read."""
    if part.dataset.modality == "sequence":
        return write_fasta(folder, part.examples["id"], letters(part.features)), {}
    names = [f"gene{number}" for number in range(60)]
    pd.DataFrame(part.features, columns=names, index=part.examples["id"]).to_csv(folder / "new.csv")
    return folder / "new.csv", {"format": "matrix"}


@pytest.mark.parametrize(
    ("modality", "task"), [("sequence", "multiclass"), ("tabular", "regression")]
)
def test_any_model_of_the_library_predicts(tmp_path, modality, task):
    models = of_library(modality, task)
    assert len(models) >= 5
    pack_model(finish(tmp_path / "run", modality, task, models=models), tmp_path / "packed")
    new = new_part(tmp_path, modality, task, n=12)
    path, settings = write_part(tmp_path, new)
    for name in models:
        table, *_ = apply(tmp_path, tmp_path / "packed", path, model=name, **settings)
        opened = PackedModel.open(tmp_path / "packed", name)
        each = [one.predict(new.features, None) for one in load_models(opened).values()]
        if task == "regression":
            found, expected = table[["prediction"]], np.mean(each, axis=0)[:, None]
        else:
            classes = new.dataset.classes
            found, expected = table[[f"p_{one}" for one in classes]], np.mean(each, axis=0)
            assert table["predicted"].tolist() == [classes[k] for k in expected.argmax(axis=1)]
            assert len(classes) == 3 and table["confidence"].between(0, 1).all()
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6, err_msg=name)


def test_sparse_new_data_predict_as_dense_ones(tmp_path):
    pack_model(finish(tmp_path / "run", "tabular"), tmp_path / "packed")
    new = new_part(tmp_path, "tabular", n=12)
    new.features = np.maximum(new.features, 0)
    path, settings = write_part(tmp_path, new)
    whole, *_ = apply(tmp_path, tmp_path / "packed", path, **settings)
    names = pd.Index([f"gene{number}" for number in range(60)], dtype=object)
    ids = pd.DataFrame(index=pd.Index(new.examples["id"].astype(object), name=None))
    made = anndata.AnnData(sparse.csr_matrix(new.features), ids, pd.DataFrame(index=names))
    made.write_h5ad(tmp_path / "new.h5ad")
    found, *_ = apply(tmp_path, tmp_path / "packed", tmp_path / "new.h5ad", format="h5ad")
    pd.testing.assert_frame_equal(found, whole)


def test_a_tool_of_ones_own_predicts(tmp_path):
    tool = make_tool(tmp_path, make_dataset())
    run = finish(tmp_path / "run", models={"own": "baseline"}, tools={"own": tool})
    pack_model(run, tmp_path / "packed")
    new = new_part(tmp_path, n=20)
    path, _ = write_part(tmp_path, new)
    table, *_ = apply(tmp_path, tmp_path / "packed", path)
    scored = scores("binary", new.labels, np.stack([1 - table["p_yes"], table["p_yes"]], axis=1))
    assert scored["auroc"] > 0.9
    (tmp_path / "own_tool.py").write_text("raise SystemExit(1)\n")
    with pytest.raises(InputError, match="is gone, or another one"):
        load_models(PackedModel.open(tmp_path / "packed"))


def test_a_pretrained_model_is_packed_without_the_notes_of_snakemake(tmp_path):
    fetched = tmp_path / "run" / "resources" / "pretrained" / "m"
    contract = tmp_path / "run" / "results" / "pretrained" / "m" / "contract.json"
    for path, text in (
        (fetched / "model.safetensors", "weights"),
        (fetched / ".snakemake_timestamp", ""),
        (contract, '{"trust": false}'),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert _pack_pretrained(tmp_path / "run", tmp_path / "model", "m")["pretrained"] == "m"
    packed = tmp_path / "model" / "pretrained" / "m"
    assert [path.name for path in (packed / "folder").iterdir()] == ["model.safetensors"]
    assert (packed / "contract.json").is_file()
