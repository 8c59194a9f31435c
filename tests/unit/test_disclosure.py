"""Data that are not public: nothing of an individual stands in anything that leaves."""

import gzip
import io
import pickle
import shutil
import tarfile
import zipfile
from pathlib import Path

import h5py
import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from planted import NUMBER, SHARE, WORD, found_in
from report_fixture import TEMPLATE, ReportFixture

from deeprules.conclude.archive import describe_files, lay_out
from deeprules.conclude.archive_crate import write_crate
from deeprules.errors import InputError
from deeprules.files import read_json, read_table, write_json, write_table
from deeprules.paper import kit
from deeprules.paper.paragraphs import paragraphs
from deeprules.privacy.disclosure import GONE, Disclosure
from deeprules.privacy.gate import (
    is_public,
    require_public,
    smallest_count,
    why_weights_stay,
)
from deeprules.report.page import render_report
from deeprules.report.results import Results

FOLDER = Path(__file__).parents[2]
TASKS = ("binary", "regression")
NAME = f"{WORD}-anna"


def config_of(sensitivity, **privacy):
    return {"data": {"sensitivity": sensitivity}, "privacy": privacy}


def closed(**privacy):
    return Disclosure.of(config_of("identifiable", **privacy), {})


def plant(run: ReportFixture) -> None:
    """Put names and numbers of individuals into everything that a stage may leave them in."""
    rare = {"n": 3, "n_units": 3, "held_out": 3}
    for name, path in run.inputs.items():
        if not str(path).endswith((".tsv", ".parquet")):
            continue
        table = read_table(path)
        if table.empty:
            continue
        row = table.iloc[[-1]].copy()
        for column in table:
            if column in ("id", "ids", "such_as", "examples", "canonical_hash", "row"):
                table[column] = f"{WORD}-{name}-{column}"
            elif column in ("problem", "remedy", "note"):
                table[column] = f"3 examples such as '{WORD}-{name}'"
        if name in ("predictions", "pca"):
            numbers = table.select_dtypes(float).columns
            table[numbers] = SHARE if name == "predictions" else NUMBER
            table["label"] = NUMBER if run.task == "regression" else table.get("label", "")
        for column in {"batch", "slice"} & {*table}:
            row = row.assign(**{column: NAME}, **{key: n for key, n in rare.items() if key in row})
            if name == "batches":
                row[[*row.columns.drop("batch")]] = 2
            table = pd.concat([table, row], ignore_index=True)
        if name == "slices":
            quarter = f"highest quarter, 12 to {NUMBER}"
            table = pd.concat([table, row.assign(slice=quarter, n=300)], ignore_index=True)
        write_table(path, table)
    audit = [f"2 examples without a label, such as '{WORD}'. Fill it in."]
    run.edit("audit", warnings=audit, n_duplicates=3)
    slices = read_json(run.inputs["slice_summary"])
    for model in slices["models"]:
        model["lowest"] = f"`cnn` scores lowest in batch {NAME} (3 examples): .1 against .2."
        model["worst"] = [f"`cnn` is worse in the highest quarter of age, 12 to {NUMBER} (9 rows)."]
        model["n_worse"] = 1
    write_json(run.inputs["slice_summary"], slices)
    caution = {"tip": 4, "withholds": False, "title": f"One of '{WORD}'?"}
    caution["sentence"] = f"The batch {NAME} has 3 examples."
    run.edit("verdict", cautions=[caution], reasons=[f"See '{WORD}'."])


def declare(run: ReportFixture, sensitivity: str) -> None:
    run.config["data"]["sensitivity"] = sensitivity
    Path(run.inputs["config"]).write_text(yaml.safe_dump(run.config, sort_keys=False))


def write_all(run: ReportFixture, folder: Path) -> Results:
    """All that is written of a run for others: report, paper kit and archive."""
    folder.mkdir()
    results = run.load()
    (folder / "report.html").write_text(render_report(results, TEMPLATE))
    kit.write_kit(results, FOLDER / "workflow/paper", folder / "paper")
    inputs = [path for path in run.inputs.values() if isinstance(path, str)]
    laid_out = folder.with_name(f"{folder.name}-laid-out")
    laid_out.mkdir()
    ledger = Path(run.params["ledger"])
    files = lay_out(laid_out, inputs, ledger.parent, FOLDER, results.disclosure)
    for name in ("scripts", "workflow", "envs"):
        shutil.rmtree(laid_out / name)
    files = [path for path in files if (laid_out / path).exists()]
    write_crate(folder / "run.zip", laid_out, describe_files(laid_out, files), [])
    return results


@pytest.fixture(autouse=True)
def numbers_of_figures_alone(monkeypatch):
    """Drawings take long, and show what the tables beside them hold."""
    monkeypatch.setattr(kit, "save_vector", lambda figure, width, *paths: None)
    monkeypatch.setattr(kit, "save_components", lambda *facts: None)


@pytest.mark.parametrize("task", TASKS)
def test_nothing_of_an_individual_leaves(task, tmp_path):
    run = ReportFixture(tmp_path / "run", task=task)
    plant(run)
    declare(run, "identifiable")
    results = write_all(run, tmp_path / "closed")
    assert not found_in(tmp_path / "closed")
    assert results.disclosure.left_out["predictions"] > 0 and NAME in results.disclosure.names
    page = (tmp_path / "closed/report.html").read_text()
    assert "fewer than 5" in page and GONE in page
    # What is not about individuals is still there.
    assert "random forest" in page and results.verdict["sentence"] in page


def test_of_public_data_all_of_it_is_shown_and_found(tmp_path):
    run = ReportFixture(tmp_path / "run", task="regression")
    plant(run)
    write_all(run, tmp_path / "open")
    found = " ".join(found_in(tmp_path / "open"))
    for name in ("report.html:", "report.html (an array)", "predictions.tsv", "pca_1.tsv"):
        assert name in found, name
    assert "run.zip/results/audit/duplicates.tsv" in found


def test_planted_values_are_found_in_files_of_every_kind(tmp_path):
    table = pd.DataFrame({"id": [WORD], "x": [NUMBER]})
    table.to_parquet(tmp_path / "a.parquet")
    np.savez_compressed(tmp_path / "b.npz", values=np.array([SHARE]))
    np.save(tmp_path / "c.npy", np.array([NUMBER]))
    (tmp_path / "d.tsv.gz").write_bytes(gzip.compress(WORD.encode()))
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("in.svg", f"<text>{WORD}</text>")
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as packed:
        packed.writestr("in.zip", inner.getvalue())
    (tmp_path / "f.html").write_text("ZQX&#80;ERSON")
    (tmp_path / "g.txt").write_text("nothing")
    joblib.dump({"rows": np.array([1.0, NUMBER])}, tmp_path / "h.joblib", compress=3)
    (tmp_path / "i.pickle").write_bytes(pickle.dumps(np.array([SHARE], np.float32)))
    with h5py.File(tmp_path / "j.h5", "w") as file:
        file.create_dataset("w", data=np.array([NUMBER]), compression="gzip")
    with zipfile.ZipFile(tmp_path / "k.keras", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(tmp_path / "j.h5", "model.weights.h5")
    with tarfile.open(tmp_path / "l.tar.gz", "w:gz") as packed:
        packed.add(tmp_path / "a.parquet", "inner.parquet")
    (tmp_path / "m.txt").write_text("x: nothing")
    found = {one[0] for one in found_in(tmp_path)}
    assert found == set("abcdefhijkl")


def test_small_counts_take_what_would_tell_them_with_them():
    table = pd.DataFrame({"label": ["a", "b", "c", "d"], "n": [400, 3, 60, 30]})
    assert [*closed().shown("classes", table)["label"]] == ["a", "c"]
    assert [*closed(smallest_count=50).shown("classes", table)["label"]] == ["a", "c"]
    enough = table.assign(n=[400, 5, 60, 30])
    assert len(closed().shown("classes", enough)) == 4
    sizes = {"sizes": {"test": {"n": 36, "labels": {"a": 20, "b": 2, "c": 14}}}}
    labels = closed().shown("split", sizes)["sizes"]["test"]["labels"]
    assert labels == {"a": 20, "b": None, "c": None}


def test_a_subgroup_of_a_few_is_named_nowhere(tmp_path):
    table = pd.DataFrame({"model": "cnn", "column": "site", "subgroup": ["Oslo", "Basel", NAME]})
    write_table(tmp_path / "subgroups.tsv", table.assign(n=[90, 40, 3]))
    door = Disclosure.of(config_of("controlled"), {"subgroups": tmp_path / "subgroups.tsv"})
    assert door.names == {NAME}
    assert door.shown("subgroup_summary", {"sentences": [f"{NAME} (n = 3) is too small."]}) == {
        "sentences": [f"{GONE} (n = fewer than 5) is too small."]
    }


def test_a_confusion_matrix_has_no_small_cell_and_none_that_tells_it():
    cells = [("a", "a", 90), ("a", "b", 2), ("a", "c", 7), ("b", "a", 0), ("b", "b", 50)]
    cells += [("b", "c", 20), ("c", "a", 1), ("c", "b", 1), ("c", "c", 40)]
    table = pd.DataFrame(cells, columns=["true", "predicted", "n"]).assign(model="cnn")
    shown = closed().shown("confusion", table)["n"]
    assert shown.isna().tolist() == [False, True, True, False, False, False, True, True, False]


@pytest.mark.parametrize(
    ("counts", "share"), [([300, 3, 60, 30], "76%"), ([390, 3], None), ([200, 193], "51%")]
)
def test_the_share_of_the_largest_class_is_of_all_examples(tmp_path, counts, share):
    task = "binary" if len(counts) == 2 else "multiclass"
    run = ReportFixture(tmp_path, task=task)
    declare(run, "identifiable")
    write_table(run.inputs["classes"], pd.DataFrame({"label": run.classes, "n": counts}))
    run.edit("audit", n_kept=sum(counts))
    sizes = read_json(run.inputs["split"])["sizes"]
    sizes["test"]["labels"] = dict(zip(run.classes, counts, strict=True))
    run.edit("split", sizes=sizes)
    said = paragraphs(run.load(), FOLDER / "workflow/paper/parts")
    for name in ("imbalance", "metric_choice"):
        assert (f"largest class holds {share} of" in said[name]) == bool(share), said[name]
        assert share or "%" not in said[name]
    assert said["split"].count("not shown") == (2 if 3 in counts else 0)


def test_a_curve_has_no_step_an_example():
    x = np.linspace(0, 1, 101)
    curve = pd.DataFrame({"model": "cnn", "class": "a", "fpr": x, "tpr": x**0.5})
    shown = closed().shown("roc_curve", curve)
    assert len(shown) == 20 and {*shown["fpr"]} <= {*x}
    assert shown["fpr"].iloc[0] == 0 and shown["fpr"].iloc[-1] == 1
    risk = pd.DataFrame({"model": "cnn", "confidence": "p", "coverage": x[1:], "error": x[1:]})
    assert closed().shown("risk_coverage", risk)["coverage"].min() >= 0.05


def test_text_loses_what_comes_from_one_example():
    door = closed()
    door.names.add("clinic 9")
    text = "3 examples of clinic 9 without a label, such as 'p 7'. Model's F1 in 3 fits is .3."
    assert door.shown("", text) == (
        f"fewer than 5 examples of {GONE} without a label, such as {GONE}. Model's F1 in 3 fits "
        "is .3."
    )
    assert door.shown("study", text) == text
    for few, said in (
        (
            "3 of the 1,180 test examples (n = 3)",
            "fewer than 5 of the 1,180 test examples (n = few",
        ),
        ("1 training example in 4 fits", "fewer than 5 training example in 4 fits"),
        ("13 examples of 4 models, n = 31", "13 examples of 4 models, n = 31"),
    ):
        assert door.shown("", few).startswith(said)
    assert door.shown("left_out_batches", {"by_batch": {"clinic 9": 1.0}}) == {"by_batch": {}}
    facts = {"n_duplicates": 3, "n_examples": 800}
    shown = door.shown("audit", facts)
    assert f"{shown['n_duplicates']:,}" == "fewer than 5" and shown["n_examples"] == 800


def test_public_results_are_untouched():
    table = pd.DataFrame({"id": ["p1"], "n": [1]})
    assert Disclosure.of(config_of("public"), {}).shown("predictions", table) is table


def test_weights_of_data_that_are_not_public_stay():
    assert not why_weights_stay(config_of("public"), holds_examples=True)
    for sensitivity in ("controlled", "identifiable"):
        config = config_of(sensitivity)
        assert sensitivity in why_weights_stay(config)
        assert "training examples" in why_weights_stay(config, holds_examples=True)
        with pytest.raises(InputError, match=f"Kipoi model is not made here. .*{sensitivity}"):
            require_public(config, "A Kipoi model")
    require_public(config_of("public"), "A Kipoi model")


def test_a_sensitivity_that_is_no_word_of_ours_is_refused():
    for word in ("Public", "private", "identifable"):
        with pytest.raises(InputError, match=word):
            is_public(config_of(word))
    assert is_public({"data": {"sensitivity": None}}) and is_public({"data": {}})
    assert smallest_count({"data": {}}) == 5
