"""The check of a model of Hugging Face: what does not fit is refused before anything is loaded."""

import json
import os
import sys
from pathlib import Path

import pytest
from hub_models import CONFIG, bert_tensors, safetensors, tiny_files

from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.pretrained.huggingface_contract import check_huggingface, interpreter_in

PYTHON = os.environ.get("DEEPRULES_TRANSFORMERS", "")
SETTINGS = {
    **{"python": None, "trust": False, "layer": None, "pooling": "mean", "lengths": "crop"},
    "input": {"length": None, "strand": None, "kmer": 3},
}
RECORD = {"licence": "MIT", "card_licence": "apache-2.0", "source": "huggingface"}
N_WEIGHTS = sum(tensor.size for tensor in bert_tensors().values())


@pytest.fixture
def folder(tmp_path):
    for name, content in tiny_files().items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def check(
    folder,
    modality="sequence",
    length=40,
    memory_mb=4000,
    interpreter=None,
    is_trained=False,
    **changes,
):
    dataset = Dataset(modality, "binary", ("no", "yes"), length, (), False, False)
    settings = {**SETTINGS, **changes, "input": SETTINGS["input"] | changes.get("input", {})}
    given = (memory_mb, interpreter, is_trained)
    return check_huggingface("tiny", settings, folder, dataset, RECORD, 7, ["results"], *given)


def refusal(folder, **changes):
    with pytest.raises(InputError) as error:
        check(folder, **changes)
    return str(error.value)


def test_a_model_larger_than_a_jobs_memory_is_refused_by_its_header(folder):
    assert refusal(folder, memory_mb=1500) == (
        f"pretrained.tiny: it has {N_WEIGHTS:,} weights, which with what else a job holds take "
        "about 1,500 MB, and a job has 1,500 MB (`compute.mem_mb`). Nothing was loaded. Raise "
        "that, or use a smaller model."
    )
    # A header alone, of a file with a hole: 2.5 billion weights of which nothing is read.
    header = {"a": {"dtype": "F16", "shape": [50000, 50000], "data_offsets": [0, 5 * 10**9]}}
    text = json.dumps(header).encode()
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + 5 * 10**9)
    assert refusal(folder, memory_mb=8000) == (
        "pretrained.tiny: it has 2,500,000,000 weights, which with what else a job holds take "
        "about 16,500 MB, and a job has 8,000 MB (`compute.mem_mb`). Nothing was loaded. Raise "
        "that, or use a smaller model."
    )


def test_a_model_that_is_trained_takes_six_times_its_weights(folder):
    # 300 million weights: 1,200 MB to use them, and the rest of what a job holds.
    header = {"a": {"dtype": "F32", "shape": [30000, 10000], "data_offsets": [0, 12 * 10**8]}}
    text = json.dumps(header).encode()
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + 12 * 10**8)
    assert "cannot be imported" in refusal(folder, memory_mb=2700)
    assert refusal(folder, memory_mb=8600, is_trained=True) == (
        "pretrained.tiny: it has 300,000,000 weights, which in training with what else a job holds "
        "take about 8,700 MB, and a job has 8,600 MB (`compute.mem_mb`). Nothing was loaded. Raise "
        "that, or use a smaller model."
    )
    assert "cannot be imported" in refusal(folder, memory_mb=8700, is_trained=True)


def test_a_layer_that_the_model_has_not_is_told_from_its_configuration(folder):
    assert refusal(folder, layer="hidden_states/3") == (
        "pretrained.tiny.layer: the model has 2 layers, so there is no `hidden_states/3`. Give "
        "`last_hidden_state`, or one of hidden_states/0 (the embeddings) to hidden_states/2."
    )


def test_without_an_interpreter_of_its_own_it_says_what_to_do(folder, tmp_path):
    assert refusal(folder) == (
        "pretrained.tiny: the model is one of transformers, but torch and transformers cannot be "
        "imported in the environment that runs the workflow. Run with --use-conda, which makes "
        "envs/huggingface.yaml; or install envs/requirements-huggingface.lock and PyTorch in an "
        "environment of their own, and set `python:` of this model to its interpreter (see "
        "envs/README.md)."
    )
    gone = tmp_path / "gone"
    said = f"pretrained.tiny.python: there is no interpreter {gone}."
    assert refusal(folder, python=str(gone)) == said
    assert "torch and transformers cannot be imported in" in refusal(folder, python=sys.executable)


def test_tables_are_refused(folder):
    assert refusal(folder, modality="tabular") == (
        "pretrained.tiny: takes DNA, but the data are tabular."
    )


def test_a_file_cut_short_is_refused(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(safetensors(bert_tensors())[:-1])
    assert "is no whole file of safetensors" in refusal(folder)


def test_the_interpreter_of_an_environment_is_found(tmp_path):
    (tmp_path / "prefix").write_text("/environments/abc\n")
    (tmp_path / "empty").write_text("")
    assert interpreter_in(tmp_path / "prefix") == "/environments/abc/bin/python"
    assert interpreter_in(tmp_path / "empty") is None
    assert interpreter_in([]) is None


@pytest.mark.skipif(
    not Path(PYTHON).is_file(),
    reason="DEEPRULES_TRANSFORMERS names no interpreter with torch and transformers",
)
def test_what_fits_gets_a_contract(folder):
    found = check(folder, interpreter=PYTHON, length=100, input={"length": 40}, lengths="tile")
    assert (found["framework"], found["layer"]) == ("transformers", "last_hidden_state")
    assert (found["n_outputs"], found["seed"], found["python"]) == (
        CONFIG["hidden_size"],
        7,
        PYTHON,
    )
    assert found["input"] == {"length": 40, "strand": "as_given", "kmer": 3}
    assert (found["trust"], found["cautions"], found["hidden"]) == (False, [], ["results"])
    assert found["checks"] == [
        f"It is a model of transformers (bert) with {N_WEIGHTS:,} weights in 1 file of "
        "safetensors; code of its repository is never run.",
        "A sequence is given to its tokeniser as overlapping words of 3 letters; its features are "
        "the mean over its tokens.",
        "Its twin has the same architecture and weights drawn once at random (seed 7).",
        "The features are 16 activations of the layer last_hidden_state; on random sequences all "
        "were finite.",
    ]
    assert found["warnings"] == [
        "Its card states the licence apache-2.0, and the configuration MIT.",
        "It takes 40 bases and the data have 100: it sees 3 windows of each, whose activations "
        "are averaged.",
    ]
