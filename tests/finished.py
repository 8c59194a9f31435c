"""A small finished run, as far as predictions need one, without a run of the workflow."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from partitions import make_partition
from source_files import fill_in

from deeprules.data import Development, Partition
from deeprules.encoding import reverse_complement
from deeprules.evaluate.freezing import freeze_models
from deeprules.evaluate.identity import Sketches, turned_hashes
from deeprules.evaluate.ledger import append_entry
from deeprules.evaluate.request import Request
from deeprules.files import file_sha256
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitted_files import files_of_fit
from deeprules.fit.fitting import fit, write_fit
from deeprules.fit.models import FILE_NAMES, ChosenHyperparameters, find_module
from deeprules.ingest.dataset_files import row_hashes
from deeprules.tasks import is_mixed, predicts_values

SEEDS = (1, 2)
CNN = {
    "initialiser": "he_normal", "l2": 1e-6, "batch_normalisation": True, "activation": "relu",
    "dropout": 0.1, "loss": "mean_squared_error", "optimizer": "adam", "learning_rate": 2e-3,
    "batch_size": 256, "filters": 8, "kernel": 7, "blocks": 1, "position": "ignored", "units": 8,
    "augment_shift": 3, "strands": "average",
}  # fmt: skip


def canonical_hashes(features: np.ndarray) -> np.ndarray:
    """Hashes of rows, those of sequences the same for both strands."""
    content = row_hashes(features)
    if features.dtype != np.uint8:
        return content
    return np.minimum(content, row_hashes(reverse_complement(features)))


def complete_partition(folder: Path, n: int, modality: str, task: str, seed: int, **columns):
    """A partition with all columns that a run's has, and more if given."""
    part = make_partition(folder, n, modality, task, n_features=60, seed=seed)
    examples = part.examples.assign(canonical_hash=canonical_hashes(part.features), **columns)
    if modality == "sequence":
        examples = examples.assign(raw_length=60, n_share=np.float32(0))
    examples.to_parquet(folder / "examples.parquet", index=False)
    return Partition(folder, part.dataset)


def finish(
    run: Path, modality="sequence", task="binary", verdict="baseline", models=None, tools=None,
    **columns,
) -> Path:  # fmt: skip
    """Write a finished run of baselines into a folder; returns the folder.

    `tools` are those that models run, by the name of the model.
    """
    models, tools = models or {"logistic_regression": "baseline"}, tools or {}
    results = run / "results"
    parts = {
        name: complete_partition(results / "split" / name, n, modality, task, seed, **columns)
        for seed, (name, n) in enumerate({"train": 200, "tune": 80}.items())
    }
    sealed = complete_partition(results / "sealed" / "test", 60, modality, task, seed=9)
    development, dataset = Development(**parts), sealed.dataset
    entries, paths = [], []
    for name, kind in models.items():
        module = "command" if name in tools else name
        found = find_module(kind, module)
        candidate = Candidate(name, kind, found, needed=tools.get(name))
        for seed in SEEDS:
            folder = results / "fit" / name / "real" / f"seed{seed}"
            folder.mkdir(parents=True)
            best = {"model": name, "kind": kind, "module": module, "hyperparameters": {}}
            hp = hyperparameters(candidate, development.train)
            fitted = fit(candidate, hp, development, seed, Budget(2, 2))
            paths.append(files_of_fit(folder, FILE_NAMES[kind]))
            write_fit(fitted, best, development, paths[-1])
            entries.append({"model": name, "kind": kind, "seed": seed})
    write_facts(run, dataset, models, modality, task, verdict)
    for name, tool in tools.items():
        enter_tool(run, name, tool)
    objective = "r2" if predicts_values(task) else "rank_score" if is_mixed(task) else "auprc"
    frozen = freeze_models(
        entries, [one.model for one in paths], [one.scores for one in paths], objective, "0" * 64
    )
    (results / "frozen.json").write_text(json.dumps(frozen))
    enter(run / "records" / "ledger", sealed)
    return run


def hyperparameters(candidate, train):
    """The first value of every hyperparameter that a baseline asks for; for a network `CNN`."""
    if candidate.kind == "network":
        return ChosenHyperparameters(CNN)
    import keras_tuner

    hp = keras_tuner.HyperParameters()
    candidate.build(hp, train)
    return ChosenHyperparameters(hp.values)


def write_facts(run: Path, dataset, models, modality: str, task: str, verdict: str) -> None:
    """Write what a run says of its data, its configuration and its verdict."""
    results = run / "results"
    for name in ("dataset", "conclusion"):
        (results / name).mkdir(parents=True)
    facts = {**dataset.__dict__, "notes": []}
    (results / "dataset" / "dataset.json").write_text(json.dumps(facts))
    names = [] if modality == "sequence" else [f"gene{number}" for number in range(60)]
    (results / "dataset" / "feature_names.txt").write_text("".join(f"{one}\n" for one in names))
    tasks = dict(zip(dataset.labels, task.split("-"), strict=True)) if is_mixed(task) else {}
    data = fill_in(
        modality=modality, task="mixed" if tasks else task, tasks=tasks,
        label=list(dataset.labels) or "label", batch="batch", covariates=["age"],
        positive="yes" if tasks or task in ("binary", "multilabel") else None,
        sources={"made": {"format": "table"}},
    )  # fmt: skip
    entries = {name: {"space": {}, "module": name} for name in models}
    config = {"data": data, "seed": 1, "models": entries}
    (results / "config.yaml").write_text(yaml.safe_dump(json.loads(json.dumps(config))))
    study = {"study": {"title": "A study", "question": "Is it so?"}, "sha256": "0" * 64}
    (results / "study.json").write_text(json.dumps(study))
    sentence = "No verdict: it was withheld." if verdict == "withheld" else "The baseline it is."
    said = {"verdict": verdict, "sentence": sentence, "network": None}
    said["baseline"] = next(iter(models))
    (results / "conclusion" / "verdict.json").write_text(json.dumps(said))


def enter_tool(run: Path, name: str, tool) -> None:
    """Write the description of a user's tool that a model runs."""
    path = run / "results" / "tools" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    facts = {key: value for key, value in tool.__dict__.items() if key != "place"}
    facts |= {"paths": tool.place.files, "prefix": tool.place.prefix}
    path.write_text(json.dumps(facts))
    config = yaml.safe_load((run / "results" / "config.yaml").read_text())
    config["models"][name]["module"] = "command"
    (run / "results" / "config.yaml").write_text(yaml.safe_dump(config))


def enter(ledger: Path, sealed: Partition) -> None:
    """Enter an opening of the test set, as a run does."""
    contents = sealed.examples["canonical_hash"].to_numpy(np.uint64)
    is_sequence = sealed.dataset.modality == "sequence"
    sketches = Sketches.of(sealed)
    request = Request(
        "0" * 64, contents, contents, "0" * 64, {"study": {}, "sha256": "0" * 64}, "auprc", 0.02,
        names=contents, turned=turned_hashes(sealed.features) if is_sequence else None,
        sketches=sketches,
    )  # fmt: skip
    append_entry(ledger, [], request.facts, request.examples_text, sketches.kept(contents))


def contents(folder: Path) -> dict[str, str]:
    """Hash of every file in a folder."""
    return {
        str(path.relative_to(folder)): file_sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def letters(codes: np.ndarray) -> list[str]:
    """Sequences of codes as text."""
    from deeprules.encoding import decode

    return [decode(row) for row in codes]


def table_of(path: Path) -> pd.DataFrame:
    """A table with sentences at its head."""
    return pd.read_csv(path, sep="\t", comment="#")
