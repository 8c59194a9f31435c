"""Runs of another configuration: what they are asked for, what is taken over, what is refused."""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from deeprules.errors import InputError
from deeprules.files import file_sha256, read_json
from deeprules.pretrain.pretraining import Runner, portable_config, pretrain_supervised

FOLDER = Path(__file__).parents[2]

SNAKEMAKE = """
import json, os, sys
from pathlib import Path
import pandas as pd
arguments = sys.argv[1:]
folder = Path(arguments[arguments.index("--directory") + 1])
Path(folder, "asked.json").write_text(json.dumps([arguments, os.environ.get("SNAKEMAKE_PROFILE")]))
if Path(folder, "fail").exists():
    sys.exit("MissingRuleException: no rule to produce it\\nError: it failed")
export = folder / arguments[0]
export.mkdir(parents=True, exist_ok=True)
Path(export, "model.yaml").write_text("type: keras\\n")
Path(export, "sub").mkdir(exist_ok=True)
Path(export, "sub", "data").write_text("x")
split = folder / "results/split"
split.mkdir(parents=True, exist_ok=True)
Path(split, "split.json").write_text(json.dumps({"sizes": {"train": {"n": 7}}}))
for name, seen in {"train": [1, 2, 2], "tune": [3]}.items():
    Path(split, name).mkdir(exist_ok=True)
    pd.DataFrame({"canonical_hash": seen}).to_parquet(split / name / "examples.parquet")
"""

SETTINGS = {
    "pretrain": {"config": "other.yaml", "model": "cnn"},
    "version": "not stated",
    "licence": "CC0",
    "citation": "not stated",
    "trust": False,
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A working directory with another configuration and a stand-in for Snakemake."""
    folder = tmp_path / "project"
    (folder / "snakemake").mkdir(parents=True)
    (folder / "snakemake" / "__init__.py").write_text("")
    (folder / "snakemake" / "__main__.py").write_text(SNAKEMAKE)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("SNAKEMAKE_PROFILE", "cluster")
    (folder / "data.tsv").write_text("")
    (folder / "study.yaml").write_text("")
    config = {
        "study": "study.yaml",
        "data": {
            "sources": {
                "here": {"url": "data.tsv"},
                "absent": {"url": "not/here.tsv"},
                "far": {"url": "https://example.org/data.tsv"},
                "made": {"simulate": {"kind": "sequences"}},
            }
        },
        "mirrors": {"https://example.org": str(folder), "ftp://a": "https://b"},
    }
    (folder / "other.yaml").write_text(yaml.safe_dump(config))
    return folder


def run(project, **runner):
    pretrain_supervised(
        "name",
        SETTINGS,
        project / "other.yaml",
        "results/pretraining/name",
        project / "resources" / "pretrained" / "name",
        project / "record.json",
        project / "contents.parquet",
        Runner(sys.executable, "Snakefile", 2, **runner),
    )
    return read_json(project / "results/pretraining/name/asked.json")


def test_the_other_run_shares_the_environments_of_this_one(project):
    (project / "resources" / "pretrained").mkdir(parents=True)
    asked, _ = run(project, deployment=["conda"], conda_prefix="environments")
    assert asked[asked.index("--conda-prefix") + 1] == str(project / "environments")


def test_what_the_model_was_trained_on_is_kept_by_its_hashes(project):
    (project / "resources" / "pretrained").mkdir(parents=True)
    run(project)
    assert pd.read_parquet(project / "contents.parquet")["canonical_hash"].tolist() == [1, 2, 3]


def test_the_other_run_ends_at_the_exported_network(project):
    (project / "resources" / "pretrained").mkdir(parents=True)
    asked, profile = run(project, deployment=["conda"])
    assert asked[0] == "results/export/cnn"
    assert profile is None
    for option, value in (
        ("--cores", "2"),
        ("--directory", "results/pretraining/name"),
        ("--workflow-profile", "none"),
        ("--software-deployment-method", "conda"),
        ("--conda-prefix", str(project / ".snakemake/conda")),
    ):
        assert asked[asked.index(option) + 1] == value
    assert {"--nolock", "--rerun-incomplete"} <= set(asked)
    folder = project / "resources" / "pretrained" / "name"
    assert (folder / "sub" / "data").read_text() == "x"
    record = read_json(project / "record.json")
    assert record["source"] == "pretrain" and record["given"] == "other.yaml"
    assert record["licence"] == "CC0"
    assert record["pretraining"]["sizes"] == {"train": {"n": 7}}
    assert record["pretraining"]["config_sha256"] == file_sha256(project / "other.yaml")
    assert {file["file"]: file["sha256"] for file in record["files"]} == {
        name: file_sha256(folder / name) for name in ("model.yaml", "sub/data")
    }
    assert str(project) not in (project / "record.json").read_text()


def test_a_failed_run_is_told_and_what_is_finished_stays(project, caplog):
    caplog.set_level(logging.INFO, "deeprules")
    directory = project / "results" / "pretraining" / "name"
    directory.mkdir(parents=True)
    (directory / "fail").write_text("")
    with pytest.raises(InputError, match=r"pretrained.name: the run of [\s\S]*it failed") as caught:
        run(project)
    assert "no rule to produce it" in caplog.text
    assert "Traceback" not in str(caught.value)
    assert not (project / "resources").exists() and not (project / "record.json").exists()
    assert not (directory / "config.yaml").exists()  # its addresses may hold passwords
    (directory / "fail").unlink()
    (directory / "half").write_text("finished before")
    (project / "resources" / "pretrained").mkdir(parents=True)
    run(project)
    assert (directory / "half").read_text() == "finished before"


def test_local_files_mean_the_same_from_another_folder(project):
    config = portable_config("other.yaml")
    assert config["study"] == str(project / "study.yaml")
    sources = config["data"]["sources"]
    assert sources["here"]["url"] == str(project / "data.tsv")
    assert sources["absent"]["url"] == "not/here.tsv"
    assert sources["far"]["url"] == "https://example.org/data.tsv"
    assert config["mirrors"] == {"https://example.org": str(project), "ftp://a": "https://b"}


@pytest.mark.parametrize("text", ["a: [", "- a", "\xff", "seed: 1\nseed: 2\n"])
def test_what_is_no_configuration_is_refused(tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"bad\.yaml: (is not a configuration|line \d)"):
        portable_config(path)


def planned(folder, entry, *targets):
    """Rules of a dry run of a small configuration with one pretrained model."""
    source = {"format": "table", "simulate": {"kind": "sequences", "n": 60, "length": 40}}
    config = {
        "study": str(FOLDER / "config/examples/simulated_transfer/study.yaml"),
        "data": {
            "modality": "sequence",
            "task": "binary",
            "label": "label",
            "positive": "positive",
            "sources": {"made": source},
        },
        "pretrained": {"name": {"pretrain": entry}},
        "models": {"cnn": None, "head": {"module": "kipoi_features", "pretrained": "name"}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", *targets, "--snakefile", FOLDER / "Snakefile"]
    command += ["--configfile", "config.yaml", "--cores", "2", "--dry-run"]
    result = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert result.returncode == 0, result.stdout[-3000:]
    return set(re.findall(r"^(?:local)?rule (\w+):", result.stdout, re.MULTILINE))


def test_an_export_needs_neither_the_test_partition_nor_other_models(tmp_path):
    (tmp_path / "other.yaml").write_text("")
    supervised = {"config": "other.yaml"}
    rules = planned(tmp_path, supervised, "results/export/cnn")
    assert rules == {
        *("simulate_source", "build_dataset", "audit_dataset", "split_dataset", "write_study"),
        *("check_network", "tune_network", "fit_network", "export_kipoi"),
    }
    rules = planned(tmp_path, supervised, "results/export/head")
    assert {"pretrain_supervised", "check_pretrained", "extract_activations"} <= rules
    assert "evaluate_test" not in rules


def test_masked_pretraining_fetches_and_cuts_its_sequences(tmp_path):
    (tmp_path / "genome.fa").write_text(">a\nACGT\n")
    rules = planned(tmp_path, {"sequences": "genome.fa"}, "resources/pretrained/name")
    assert {"download_unlabelled", "cut_windows", "pretrain_masked", "build_dataset"} <= rules
    assert "split_dataset" not in rules
