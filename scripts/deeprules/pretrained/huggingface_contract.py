"""The check of a model of Hugging Face before anything is trained: does it fit, does it run?"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.files import read_json
from deeprules.pretrained.kipoi_inputs import plan_windows
from deeprules.pretrained.pretrained_contract import (
    check_framework,
    describe,
    folder_sha256,
    width,
)
from deeprules.pretrained.pretrained_input import Settled
from deeprules.pretrained.safetensors_files import count_weights
from deeprules.pretrained.transformers_program import CONFIG, HIDDEN, LAST
from deeprules.wording import format_count

BYTES = 4
"""Bytes of a weight as it is computed with, `float32`, whatever the files hold."""
RESERVE_MB = 1500
"""Memory that the job, which waits, and PyTorch take beside the weights (seen: 0.7 and 0.4 GB)."""
TRAINED = 6
"""Numbers that stand for a weight while it is trained: itself, its gradient, two of the optimizer,
and copies of what it was before and at the best epoch."""
LAYERS = ("num_hidden_layers", "n_layer", "num_layers", "n_layers")
"""What config.json calls the number of layers, which differs between architectures."""
REMEDY = (
    "Run with --use-conda, which makes envs/huggingface.yaml; or install "
    "envs/requirements-huggingface.lock and PyTorch in an environment of their own, and set "
    "`python:` of this model to its interpreter (see envs/README.md)."
)


def check_huggingface(
    name: str,
    settings: Mapping,
    folder: str | Path,
    dataset: Dataset,
    record: Mapping,
    seed: int,
    hidden: Sequence[str],
    memory_mb: int,
    interpreter: str | None = None,
    is_trained: bool = False,
) -> dict:
    """The contract of a model of Hugging Face with the data.

    Parameters
    ----------
    name, settings : the entry `pretrained.<name>` of the configuration
    folder : with its files
    record : where the model came from
    seed : of the random sequences that it is tried on, and of its twin's weights
    hidden : folders and files with data and labels, which its process must not see
    memory_mb : memory of a job
    interpreter : of the environment that was made for such models; `python` comes before it
    is_trained : whether a network of the run trains its weights

    Returns
    -------
    dict
        As `check_pretrained` gives it, with `pooling` and `seed`.

    Raises
    ------
    InputError
        If the model does not fit data, configuration or memory, or does not run.
    """
    folder, python = Path(folder), settings["python"] or interpreter
    if dataset.modality != "sequence":
        raise InputError(f"pretrained.{name}: takes DNA, but the data are {dataset.modality}.")
    files = sorted(folder.glob("*.safetensors"))
    n_weights, config = count_weights(files), read_json(folder / CONFIG)
    n_bytes = sum(file.stat().st_size for file in files)
    _check_memory(name, n_weights, n_bytes, memory_mb, is_trained)
    layer = _layer(name, settings["layer"], config)
    check_framework(name, "transformers", python, REMEDY)
    settled = Settled(_input(settings["input"], dataset.n_features))
    length = settled.settings["length"]
    windows = plan_windows(dataset.n_features, length, settings["lengths"])
    contract = {
        "name": name,
        "framework": "transformers",
        "weights": None,
        "trust": False,
        "python": python,
        "layer": layer,
        "layers": [],
        "pooling": settings["pooling"],
        "seed": seed,
        "input": settled.settings,
        "data_length": dataset.n_features,
        "lengths": settings["lengths"],
        "folder_sha256": folder_sha256(folder),
        "hidden": list(hidden),
        "cautions": [],  # it brings no code
    }
    contract["n_outputs"] = width(contract, folder, seed)
    settled.checks += _facts(config, n_weights, len(files), contract)
    settled.warnings += _doubts(record)
    describe(settled, contract, len(windows.starts), record)
    return {**contract, "checks": settled.checks, "warnings": settled.warnings}


def _check_memory(
    name: str, n_weights: int, n_bytes: int, memory_mb: int, is_trained: bool
) -> None:
    """Refuse a model that a job has no memory for, before it is loaded.

    Files of shorter numbers (`n_bytes` in all) lie in memory beside those that are computed with:
    of 300 million weights the process was seen to take 1.6 GB, 2.1 GB from files of half the size.
    """
    needed = n_weights * BYTES
    loading = needed + (n_bytes if n_bytes < needed else 0)
    needed = max(loading, TRAINED * needed if is_trained else 0) / 1e6 + RESERVE_MB
    if needed > memory_mb:
        work = " in training" if is_trained else ""
        raise InputError(
            f"pretrained.{name}: it has {format_count(n_weights)} weights, which{work} with what "
            f"else a job holds take about {format_count(round(needed))} MB, and a job has "
            f"{format_count(memory_mb)} MB (`compute.mem_mb`). Nothing was loaded. Raise that, or "
            "use a smaller model."
        )


def _input(given: Mapping, data_length: int) -> dict:
    """Length (None for all of a sequence), strand and k-mers of the text."""
    length = given["length"] if (given["length"] or data_length) < data_length else None
    return {"length": length, "strand": given["strand"] or "as_given", "kmer": given["kmer"]}


def _layer(name: str, given: str | None, config: Mapping) -> str:
    """The layer, which must be one that config.json speaks of where it says how many there are."""
    layer = given or LAST
    n_layers = next((config[key] for key in LAYERS if isinstance(config.get(key), int)), None)
    if layer != LAST and n_layers is not None and int(layer.removeprefix(HIDDEN)) > n_layers:
        raise InputError(
            f"pretrained.{name}.layer: the model has {n_layers} layers, so there is no `{layer}`. "
            f"Give `{LAST}`, or one of {HIDDEN}0 (the embeddings) to {HIDDEN}{n_layers}."
        )
    return layer


def _facts(config: Mapping, n_weights: int, n_files: int, contract: Mapping) -> list[str]:
    """What the model is and how it is read, in sentences."""
    kmer, kind = contract["input"]["kmer"], config.get("model_type", "a kind not stated")
    words = f"overlapping words of {kmer} letters" if kmer else "one text of letters"
    pooling = {
        "mean": "the mean over its tokens",
        "max": "the maximum over its tokens",
        "first": "the state of its first token",
    }
    return [
        f"It is a model of transformers ({kind}) with {format_count(n_weights)} weights in "
        f"{n_files} {'file' if n_files == 1 else 'files'} of safetensors; code of its repository "
        "is never run.",
        f"A sequence is given to its tokeniser as {words}; its features are "
        f"{pooling[contract['pooling']]}.",
        f"Its twin has the same architecture and weights drawn once at random (seed "
        f"{contract['seed']}).",
    ]


def _doubts(record: Mapping) -> list[str]:
    """Where configuration and card disagree about the licence."""
    card = record.get("card_licence")
    if card is None or card.lower() == record["licence"].lower():
        return []
    return [f"Its card states the licence {card}, and the configuration {record['licence']}."]


def interpreter_in(prefix: str | Path | None) -> str | None:
    """The interpreter of the conda environment that a file names; None where it is empty."""
    found = Path(prefix).read_text(encoding="utf-8").strip() if prefix else ""
    return str(Path(found, "bin", "python")) if found else None
