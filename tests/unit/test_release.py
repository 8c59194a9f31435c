"""A released folder: it predicts by itself, needs what it says, and holds nothing of the data."""

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from finished import canonical_hashes, finish, letters
from planted import texts

from deeprules.encoding import encode
from deeprules.errors import InputError
from deeprules.files import read_json, read_table
from deeprules.release import folder as folders
from deeprules.release.apply import main
from deeprules.release.checksums import check_release, write_checksums
from deeprules.release.compare import largest_difference, read_predictions
from deeprules.release.crate import write_crate
from deeprules.release.environment import plain, requirements
from deeprules.release.folder import LOCKS, lay_out_release
from deeprules_workflow.fingerprint import library_files
from deeprules_workflow.predictions import data_defaults, reader_settings

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
CHOICE = {"model": "logistic_regression", "why": "the verdict speaks for it", "kind": "baseline"}
LOCK, PRIVATE = ((ROOT / "envs" / name).read_text() for name in LOCKS)
RUN = {"recorded": "2026-01-05T10:00:00+00:00", "git": {"commit": "a" * 40}}
SOURCE = {
    "source": "made",
    "version": "1",
    "licence": "CC0",
    "citation": "none",
    "sha256": "b" * 64,
}


def code(*formats):
    readers = [f"datasets.{name}" for name in formats]
    found = library_files(
        SCRIPTS, "predict_examples", "release.apply", *readers, "baselines.logistic_regression"
    )
    packages = {folder / "__init__.py" for one in found for folder in one.parents}
    return sorted(
        one.relative_to(SCRIPTS).as_posix()
        for one in {*found, *(path for path in packages if path.is_file())}
    )


def release(folder: Path, modality: str, *formats, config=None, of=None) -> Path:
    """The release of a new run or, given one, of a copy of it."""
    run = folder / "run"
    shutil.copytree(of, run) if of else finish(run, modality)
    if config:
        path = run / "results" / "config.yaml"
        path.write_text(yaml.safe_dump(config(yaml.safe_load(path.read_text()))))
    card, made = folder / "card.md", folder / "release"
    card.write_text("---\nlicense: cc0-1.0\n---\n\n# A card\n")
    made.mkdir()
    readers = {"formats": reader_settings(formats), "defaults": data_defaults()}
    lay_out_release(made, run, CHOICE, card, readers, code(*formats), ROOT)
    write_crate(made, read_json(made / "model" / "model.json"), RUN, "cc0-1.0", [SOURCE])
    write_checksums(made)
    return made


@pytest.fixture(scope="module")
def sequences(tmp_path_factory):
    return release(tmp_path_factory.mktemp("sequences"), "sequence", "fasta", "table")


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return release(tmp_path_factory.mktemp("rows"), "tabular", "matrix")


def test_the_folder_predicts_its_example_as_expected(sequences):
    """By its own program, with the packages of this Python and the code of the folder alone."""
    environment = {**os.environ, "DEEPRULES_HERE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, str(sequences / "predict.py"), "--check"]
    place = {"env": environment, "cwd": sequences.parent}
    done = subprocess.run(command, **place, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "8 examples, largest difference 0.0e+00: as expected" in done.stdout
    table = read_predictions(sequences / "example" / "expected.tsv")
    assert len(table) == 8 and table["p_yes"].between(0, 1).all() and table["p_yes"].nunique() > 1
    check_release(sequences)
    assert not list(sequences.rglob(".unfinished*"))


def test_predictions_are_those_of_the_run(sequences, tmp_path):
    """Examples of tune, given to the folder, get what the run predicted of them."""
    results = sequences.parent / "run" / "results"
    known = read_table(results / "fit/logistic_regression/real/seed1/predictions.parquet")
    known = known[known["partition"] == "tune"].set_index("id")["p_yes"]
    examples = pd.read_parquet(results / "split/tune/examples.parquet")
    bases = letters(np.load(results / "split/tune/features.npy"))
    records = zip(examples["id"], bases, strict=True)
    (tmp_path / "tune.fa").write_text("".join(f">{name}\n{one}\n" for name, one in records))
    assert main(sequences, [str(tmp_path / "tune.fa"), str(tmp_path / "out.tsv")]) == 0
    found = read_predictions(tmp_path / "out.tsv").set_index("id")["p_yes_seed1"]
    assert np.abs(found.loc[known.index] - known).max() < 1e-6


def test_numbers_are_predicted_from_a_table(rows, tmp_path, capsys):
    assert main(rows, ["--check"]) == 0
    table = pd.read_csv(rows / "example" / "input.tsv", sep="\t")
    table.drop(columns=table.columns[3:]).to_csv(tmp_path / "few.tsv", sep="\t", index=False)
    assert main(rows, [str(tmp_path / "few.tsv"), str(tmp_path / "out.tsv")]) == 1
    assert "The new data lack" in capsys.readouterr().err


def test_features_that_are_not_there_or_not_known_are_told(rows, tmp_path, capsys):
    table = pd.read_csv(rows / "example" / "input.tsv", sep="\t")
    table = table.drop(columns="gene7").assign(spike_in=1.0)
    table.to_csv(tmp_path / "new.csv", index=False)
    assert main(rows, [str(tmp_path / "new.csv"), str(tmp_path / "out.tsv")]) == 0
    said = capsys.readouterr().err
    assert "1 of the 60 features of the model are not in the new data" in said
    assert "1 features are unknown to the model" in said


def test_what_it_cannot_read_is_told_in_a_sentence(sequences, tmp_path, capsys):
    (tmp_path / "short.fa").write_text(">a\nACGT\n")
    for name, said in (("gone", "there is no such file."), ("short", "sequences of 60 bases")):
        assert main(sequences, [str(tmp_path / f"{name}.fa"), str(tmp_path / "out.tsv")]) == 1
        assert said in capsys.readouterr().err
    assert not (tmp_path / "out.tsv").exists()


def test_an_altered_model_is_refused(sequences, tmp_path, capsys):
    other = tmp_path / "release"
    shutil.copytree(sequences, other)
    (model, *_) = sorted((other / "model" / "models").rglob("seed1.*"))
    model.write_bytes(model.read_bytes() + b"x")
    assert main(other, [str(other / "example" / "input.fa"), str(tmp_path / "out.tsv")]) == 1
    assert "was altered" in capsys.readouterr().err
    with pytest.raises(InputError, match="missing or was altered"):
        check_release(other)


def test_another_prediction_is_found_out(sequences, tmp_path):
    expected = read_predictions(sequences / "example" / "expected.tsv")
    assert largest_difference(expected, expected) == 0
    assert largest_difference(expected.assign(p_yes=expected["p_yes"] + 2e-6), expected) > 1e-6
    assert largest_difference(expected.assign(predicted="another"), expected) == np.inf
    assert largest_difference(expected.assign(p_yes=np.nan), expected) == np.inf
    assert largest_difference(expected.head(3), expected) == np.inf


def test_it_holds_one_model_and_no_example_of_the_data(sequences, rows):
    for made in (sequences, rows):
        facts = read_json(made / "model" / "model.json")
        assert list(facts["models"]) == ["logistic_regression"]
        assert facts["recommended"] == {name: CHOICE[name] for name in ("model", "why")}
        assert not list(made.rglob("features.npy"))
    known = np.load(sequences.parent / "run/results/split/train/features.npy")
    drawn = (sequences / "example" / "input.fa").read_text().split("\n")[1::2]
    assert not set(canonical_hashes(np.array(encode(drawn)))) & set(canonical_hashes(known))


def closed_and_private(config):
    config["data"]["sensitivity"] = "identifiable"
    config["models"]["logistic_regression"]["private"] = True
    return config


def examples_in(folder: Path, run: Path) -> list[str]:
    """Ids, sequences and hashes of examples of train and tune that stand in files of a folder."""
    parts = [run / "results" / "split" / name for name in ("train", "tune")]
    tables = [read_table(part / "examples.parquet") for part in parts]
    rows = np.concatenate([np.load(part / "features.npy") for part in parts])
    known = [id.encode() for table in tables for id in table["id"]]
    known += [one.encode() for one in letters(rows)] + [row.tobytes() for row in rows]
    known += [one.tobytes() for table in tables for one in table["canonical_hash"].to_numpy()]
    found = []
    for path in (one for one in folder.rglob("*") if one.is_file()):
        content = [text.encode() for _, text in texts(path.name, path.read_bytes())]
        content.append(path.read_bytes())
        if path.suffix == ".joblib":
            content.append(pickle.dumps(joblib.load(path)))
        if any(one in text for one in known for text in content):
            found.append(path.relative_to(folder).as_posix())
    return sorted(found)


def test_nothing_of_an_example_is_in_what_is_released_of_a_private_model(tmp_path, sequences):
    run = sequences.parent / "run"
    made = release(tmp_path, "sequence", "fasta", "table", config=closed_and_private, of=run)
    assert examples_in(made, tmp_path / "run") == []
    facts = read_json(made / "model" / "model.json")
    assert facts["training"]["ranges"] == {} and facts["tested"] is None
    assert facts["models"]["logistic_regression"]["calibration"]["scale"] == 1
    assert list((made / "model" / "training").iterdir()) == []
    assert main(made, ["--check"]) == 0
    # The search finds what is released of public data: who was in train.
    assert "model/training/examples.parquet" in examples_in(sequences, run)


def test_it_needs_what_it_says_with_hashes(sequences):
    text = (sequences / "requirements.txt").read_text()
    names = {plain(line.split("==")[0]) for line in text.splitlines() if "==" in line}
    assert {"numpy", "pandas", "scikit-learn", "pyarrow", "scipy", "joblib"} <= names
    assert not {"snakemake", "tensorflow-cpu", "keras", "plotly", "pysam", "ruff"} & names
    assert text.count("--hash=sha256:") > len(names)


def test_packages_of_other_versions_are_pinned_without_hashes():
    assert "numpy==1.0\n" in requirements([LOCK], {"numpy": "1.0"})
    assert "--hash" not in requirements([LOCK], {"numpy": "1.0"})
    assert "new-package==2" in requirements([LOCK], {"new-package": "2"})
    assert "torch==2.6.0\n" in requirements([LOCK], {"torch": "2.6.0+cpu"})


def test_what_a_package_needs_is_taken_from_the_lock_too():
    version = LOCK.split("\npandas==")[1].split(" ")[0]
    text = requirements([LOCK], {"pandas": version})
    names = {line.split("==")[0] for line in text.splitlines() if "==" in line}
    assert {"pandas", "numpy", "python-dateutil"} <= names
    assert names <= {"pandas", "numpy", "python-dateutil", "six", "tzdata", "pytz"}


def test_a_network_finds_its_backend_on_other_machines_too():
    version = LOCK.split("\ntensorflow-cpu==")[1].split(" ")[0]
    text = requirements([LOCK], {"tensorflow-cpu": version})
    assert re.search(r"^tensorflow==\S+ ; .*platform_machine", text, re.MULTILINE)
    assert "\ntensorflow-cpu==" in text and "\nprotobuf==" in text


def test_a_private_network_has_hashes_from_both_locks():
    imported = "jax", "keras", "opt-einsum"
    text = requirements([LOCK, PRIVATE], {one: version_of(one) for one in imported})
    entries = re.split(r"\n(?=\S+==)", text.partition("\n")[2])
    names = [(one.split("==")[0], one.split(" \\")[0]) for one in entries]
    assert {"jaxlib", "numpy", *imported} <= {name for name, _ in names}
    assert "attrs" not in dict(names) and "jax-privacy" not in dict(names)
    assert len(names) == len(set(names)) and all("--hash=sha256:" in one for one in entries)


def version_of(package):
    return re.search(rf"^{package}==(\S+)", LOCK + PRIVATE, re.MULTILINE)[1]


def test_the_crate_names_every_file_and_the_data(sequences):
    graph = json.loads((sequences / "ro-crate-metadata.json").read_text())["@graph"]
    entities = {one["@id"]: one for one in graph}
    listed = (sequences / "checksums.sha256").read_text().splitlines()
    files = {line.split("  ")[1]: line.split("  ")[0] for line in listed}
    for name, sha256 in files.items():
        if name != "ro-crate-metadata.json":
            assert entities[name]["sha256"] == sha256
    assert entities["./"]["mainEntity"] == {"@id": "#model"}
    assert entities["#source-made"]["license"] == "CC0"


def test_a_model_that_differs_at_each_call_is_not_released(sequences, tmp_path, monkeypatch):
    random = np.random.default_rng(0)

    def predict(folder, example, output):
        output.write_text(f"id\tp_yes\na\t{random.random()}\n")
        return []

    monkeypatch.setattr(folders, "_predict", predict)
    (tmp_path / "release").mkdir()
    readers = {"formats": reader_settings(["fasta"]), "defaults": data_defaults()}
    terms = (sequences.parent / "run", CHOICE, sequences / "README.md", readers)
    with pytest.raises(InputError, match="other predictions at each call"):
        lay_out_release(tmp_path / "release", *terms, code("fasta"), ROOT)


def test_a_folder_that_does_not_predict_is_not_released(sequences, tmp_path):
    (tmp_path / "predict.py").write_text("raise SystemExit('no model')")
    with pytest.raises(InputError, match="does not predict its own example: no model"):
        folders._predict(tmp_path, tmp_path / "input.fa", tmp_path / "out.tsv")
