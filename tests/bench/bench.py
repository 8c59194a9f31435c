"""Measure what the workflow adds to the work itself; `make bench` prints a table.

Ratios are of times within one run; absolute times hold for the machine that is named.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parents[2]
sys.path[:0] = [str(FOLDER / "scripts"), str(FOLDER / "tests"), str(FOLDER / "tests" / "workflow")]

from measuring import CNN, peak_gb  # noqa: E402
from projects import small_config, snakemake, write_project  # noqa: E402

from deeprules.costs import read_usage  # noqa: E402
from deeprules.files import read_json, read_table  # noqa: E402


def training_step() -> str:
    """Time of a training step in `train_network` over that in bare `keras.Model.fit`."""
    import keras
    from partitions import make_partition

    from deeprules.arithmetic import start_fit
    from deeprules.data import Development
    from deeprules.fit.budget import Budget
    from deeprules.fit.candidates import Candidate
    from deeprules.fit.models import ChosenHyperparameters, find_module
    from deeprules.fit.training import compile_network, train_network

    hp, module = ChosenHyperparameters(CNN), find_module("network", "cnn")
    with tempfile.TemporaryDirectory() as folder:
        train = make_partition(Path(folder) / "train", 6400, n_features=200)
        tune = make_partition(Path(folder) / "tune", 128, n_features=200, seed=1)
        x, y = np.array(train.features), train.labels

        candidate = Candidate("cnn", "network", module)

        def bare():
            start_fit(1)
            model, batch_size = compile_network(candidate, hp, train)
            timer = EpochTimer()
            model.fit(x, y, batch_size, 4, callbacks=[timer], verbose=0,
                      validation_data=(np.array(tune.features), tune.labels))  # fmt: skip
            return timer.seconds

        def ours():
            timer = EpochTimer()
            budget = Budget(max_epochs=4, patience=4)
            parts = Development(train, tune)
            train_network(candidate, hp, parts, 1, budget, timer.on_epoch_end)
            return timer.seconds

        class EpochTimer(keras.callbacks.Callback):
            def __init__(self):
                super().__init__()
                self.ends = []

            def on_epoch_end(self, epoch, logs=None):
                self.ends.append(time.perf_counter())

            @property
            def seconds(self):
                return float(np.min(np.diff(self.ends)))

        pairs = [(bare(), ours()) for _ in range(5)]
    ratios = [without / within for without, within in pairs]
    return f"{np.median(ratios):.2f}x of bare fit (range {min(ratios):.2f}-{max(ratios):.2f})"


def fit_again() -> str:
    """Core time of a fit of one epoch beside its epoch: traced anew, and in a network of before."""
    from partitions import make_partition

    from deeprules.arithmetic import set_threads
    from deeprules.data import Development
    from deeprules.fit import compiled_networks
    from deeprules.fit.budget import Budget
    from deeprules.fit.candidates import Candidate
    from deeprules.fit.fitting import fit
    from deeprules.fit.models import ChosenHyperparameters, find_module

    set_threads(1)
    candidate = Candidate("cnn", "network", find_module("network", "cnn"))
    with tempfile.TemporaryDirectory() as folder:
        parts = [make_partition(Path(folder) / name, 500, n_features=80) for name in ("a", "b")]

        def seconds(epochs):
            started = time.process_time()
            budget = Budget(epochs, epochs)
            fitted = fit(candidate, ChosenHyperparameters(CNN), Development(*parts), 1, budget)
            fitted.model.predict(parts[1].features)
            return time.process_time() - started

        def anew():
            compiled_networks._kept.clear()
            return seconds(1)

        pairs = [(anew(), seconds(1), seconds(5)) for _ in range(5)]
    epochs = [(five - one) / 4 for _, one, five in pairs]
    first, again = (
        np.median([p[k] - e for p, e in zip(pairs, epochs, strict=True)]) for k in (0, 1)
    )
    return f"{again:.2f} instead of {first:.2f} CPU s (an epoch: {np.median(epochs):.2f})"


def feature_extraction(n: int = 40_000, length: int = 200) -> str:
    """Time of bare `keras.Model.predict` on one-hot bases over that of `activations` on codes.

    Bare prediction is given the one-hot bases and the model; `activations` reads the model, makes
    the bases, hashes the codes, pools, checks and writes a file.
    """
    import keras
    from pretrained_models import save_pretrained

    from deeprules.encoding import BASE_SHARES
    from deeprules.pretrained.activations import activations

    model = keras.Sequential(
        [
            keras.Input((length, 4)),
            keras.layers.Conv1D(64, 11, padding="same", activation="relu"),
            keras.layers.MaxPooling1D(4),
            keras.layers.Conv1D(64, 5, padding="same", activation="relu", name="features"),
            keras.layers.GlobalMaxPooling1D(),
            keras.layers.Dense(1),
        ]
    )
    codes = 2 ** np.random.default_rng(1).integers(4, size=(n, length)).astype(np.uint8)
    bases = BASE_SHARES[codes]
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        pretrained = save_pretrained(Path(folder) / "model", model, "features", length=length)
        for repeat in range(5):
            cut = keras.Model(model.inputs, model.layers[-2].output)
            started = time.perf_counter()
            expected = cut.predict(bases, batch_size=512, verbose=0)
            middle = time.perf_counter()
            found = activations(pretrained, codes, Path(folder) / f"cache{repeat}")
            pairs.append((middle - started, time.perf_counter() - middle))
            np.testing.assert_allclose(found, expected, atol=1e-4)
    ratios = [without / within for without, within in pairs]
    return (
        f"{np.median(ratios):.2f}x of bare predict (range {min(ratios):.2f}-{max(ratios):.2f}), "
        f"{n / np.median(pairs, axis=0)[1]:,.0f} sequences/s"
    )


def prediction(n: int = 60_000, length: int = 200) -> str:
    """Time of bare `keras.Model.predict` over that of `predict_examples`, which writes tables.

    Both predict byte codes by one fit of one network; reading new examples and looking for the
    nearest training example is a job of its own, and not timed.
    """
    with tempfile.TemporaryDirectory() as name:
        fitted, codes, predict = _prediction(Path(name), n, length)
        pairs = []
        for _ in range(4):
            started = time.perf_counter()
            fitted.model.predict(codes, batch_size=512, verbose=0)
            middle = time.perf_counter()
            predict()
            pairs.append((middle - started, time.perf_counter() - middle))
    ratios = [without / within for without, within in pairs[1:]]
    return (
        f"{np.median(ratios):.2f}x of bare predict (range {min(ratios):.2f}-{max(ratios):.2f}), "
        f"{n / np.median(pairs, axis=0)[1]:,.0f} sequences/s"
    )


def prediction_memory(sizes: tuple[int, ...] = (10_000, 100_000)) -> str:
    """Peak memory of `predict_examples` for so many sequences of 200 bp, each in its own process.

    Beside it what predicting a fiftieth of the first takes: nearly all of it is the backend.
    """
    context, peaks = multiprocessing.get_context("spawn"), []
    for n in (sizes[0] // 50, *sizes):
        with context.Pool(1) as pool:
            peaks.append(f"{n:,}: {pool.apply(_peak_of_prediction, (n,)):,.0f} MB")
    return "; ".join(peaks)


def _peak_of_prediction(n: int, length: int = 200) -> float:
    """Peak memory in MB of this process, which does nothing else."""
    with tempfile.TemporaryDirectory() as name:
        *_, predict = _prediction(Path(name), n, length)
        predict()
    return 1000 * peak_gb()


def mutagenesis(n: int = 60, length: int = 200) -> str:
    """Core time of `saturation_mutagenesis` over that of one bare `predict` of all mutants."""
    from deeprules.interpret.attributions import saturation_mutagenesis
    from deeprules.interpret.one_hot import BASES

    with tempfile.TemporaryDirectory() as name:
        fitted, codes, _ = _prediction(Path(name), n, length)
    mutants = np.repeat(codes, 3 * length, axis=0).reshape(n, length, 3, length)
    for place in range(length):
        other = np.log2(codes[:, place]).astype(int)[:, None] + [1, 2, 3]
        mutants[:, place, :, place] = BASES[other % 4]
    mutants, examples = mutants.reshape(-1, length), pd.DataFrame({"id": range(n)})
    pairs = []
    for _ in range(4):
        started = time.process_time()
        fitted.model.predict(mutants, batch_size=512, verbose=0)
        middle = time.process_time()
        saturation_mutagenesis(fitted, codes, examples, 1)
        pairs.append((middle - started, time.process_time() - middle))
    ratios = [within / without for without, within in pairs[1:]]
    return (
        f"{np.median(ratios):.2f}x the core time of bare predict (range {min(ratios):.2f}-"
        f"{max(ratios):.2f}), {len(mutants):,} mutants"
    )


def _prediction(folder: Path, n: int, length: int):
    """A network that was not trained, `n` sequences, and a function that predicts their tables."""
    from types import SimpleNamespace

    import keras
    import pyarrow as pa
    import pyarrow.parquet
    from partitions import make_partition

    from deeprules.arithmetic import start_fit
    from deeprules.fit.candidates import Candidate
    from deeprules.fit.models import ChosenHyperparameters, FittedNetwork, find_module
    from deeprules.fit.training import compile_network
    from deeprules.predict.predicting import predict_examples

    start_fit(1)
    train = make_partition(folder / "train", 200, n_features=length)
    candidate = Candidate("cnn", "network", find_module("network", "cnn"))
    model, _ = compile_network(candidate, ChosenHyperparameters(CNN), train)
    fitted = FittedNetwork(keras.Model(model.input, model.output, name="binary"))
    codes = np.load(_write_codes(folder / "features.npy", n, length), mmap_mode="r")
    schema = pa.schema([(column, pa.string()) for column in ("id", "nearest", "flags")])
    with pa.parquet.ParquetWriter(folder / "examples.parquet", schema) as writer:
        for start in range(0, n, 10_000):
            ids = [f"n{row}" for row in range(start, min(start + 10_000, n))]
            table = pd.DataFrame({"id": ids, "nearest": None, "flags": ""})
            writer.write_table(pa.Table.from_pandas(table, schema))
    read = {"n": n, "flags": {}, "notes": [], "tested": dict(is_known=True, same=0, alike=0)}
    (folder / "read.json").write_text(json.dumps(read))
    packed = _packed(folder, length)
    inputs = SimpleNamespace(examples=folder / "examples.parquet", read=folder / "read.json",
                             features=folder / "features.npy")  # fmt: skip
    written = {"predictions": "out.tsv", "parquet": "out.parquet", "scores": "scores.tsv"}
    written["summary"] = "out.json"
    outputs = SimpleNamespace(**{key: folder / one for key, one in written.items()})
    return fitted, codes, lambda: predict_examples(packed, {"1": fitted}, inputs, outputs, 1)


def _write_codes(path: Path, n: int, length: int) -> Path:
    """Write codes of random sequences (N, L), some at a time."""
    rng, shape = np.random.default_rng(1), (n, length)
    made = np.lib.format.open_memmap(path, "w+", dtype=np.uint8, shape=shape)
    for start in range(0, n, 10_000):
        part = made[start : start + 10_000]
        part[:] = 2 ** rng.integers(4, size=part.shape)
    made.flush()
    return path


def _packed(folder: Path, length: int):
    """A packed model of sequences that says what a prediction asks of it."""
    from partitions import make_dataset

    from deeprules.predict.packed import PackedModel

    dataset = make_dataset(n_features=length)
    (folder / "dataset.json").write_text(json.dumps(dataset.__dict__))
    model = {"kind": "network", "files": [{}], "trusted": False, "pretrained": None}
    facts = {
        "study": {"study": {"title": "", "question": ""}},
        "models": {"cnn": {**model, "calibration": {"scale": 1.0, "shifts": [0.0, 0.0]}}},
        "recommended": {"model": "cnn", "why": "it is measured"},
        "verdict": {"verdict": "network", "sentence": ""},
        "objective": "auprc",
    }
    return PackedModel(folder, facts, "cnn")


def build_and_split(sizes=(500_000, 1_000_000, 2_000_000)) -> str:
    """Time and peak memory of building and splitting N x 200 bp, from one FASTA file a class."""
    parts = []
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder)
            rng = np.random.default_rng(1)
            for name in ("yes", "no"):
                write_fasta(project / f"{name}.fa", n // 2, rng)
            write_project(project, fasta_config())
            targets = ["results/split/split.json"]
            started = time.perf_counter()
            result = snakemake(project, *targets)
            seconds = time.perf_counter() - started
            if result.returncode:
                raise SystemExit(result.stdout[-3000:])
            peak = {
                rule: read_table(project / "logs" / f"{rule}.usage.tsv")["memory_mb"].max()
                for rule in ("build_dataset", "audit_dataset", "split_dataset")
            }
        parts.append(f"{n / 1e6:g} M: {seconds:.0f} s, peak {max(peak.values()) / 1000:.2f} GB")
    return "; ".join(parts)


def write_fasta(path: Path, n: int, rng) -> None:
    """`n` random sequences of 200 bp."""
    letters = np.frombuffer(b"ACGT", dtype=np.uint8)
    with open(path, "wb") as file:
        for start in range(0, n, 10_000):
            rows = letters[rng.integers(4, size=(min(10_000, n - start), 200))]
            file.write(
                b"".join(
                    f">{path.stem}{start + index}\n".encode() + row.tobytes() + b"\n"
                    for index, row in enumerate(rows)
                )
            )


def fasta_config() -> dict:
    """Configuration of one FASTA file a class."""
    sources = {
        name: {"url": f"{name}.fa", "format": "fasta", "values": {"label": name}}
        for name in ("yes", "no")
    }
    config = small_config(data__sources=sources, split__strategy="stratified")
    config["data"]["positive"] = "yes"
    for key in ("group", "batch"):
        del config["data"][key]
    return config


def dry_run(workers: int = 1000) -> str:
    """Core time of a dry run in which so many jobs share out each search."""
    with tempfile.TemporaryDirectory() as folder:
        config = small_config(tuning={"workers": workers, "trials": workers})
        path = write_project(Path(folder), config)
        command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "rules"]
        command += ["--snakefile", FOLDER / "Snakefile", "--configfile", path]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        output = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    (total, *_) = [line.split()[1] for line in output.stdout.splitlines() if "total" in line]
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{total} jobs in {seconds:.1f} core s"


def demo_shares() -> str:
    """Wall time of the demo, and how its job time divides."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        example = FOLDER / "config" / "examples" / "simulated_sequences" / "config.yaml"
        started = time.perf_counter()
        result = snakemake(project, "--configfile", example)
        seconds = time.perf_counter() - started
        if result.returncode:
            raise SystemExit(result.stdout[-3000:])
        plan = read_json(project / "results" / "controls" / "plan.json")
        used = read_usage(project / "logs", plan).groupby("part")
    walls, cores = used["seconds"].sum(), used["core_seconds"].sum()
    fits, controls = walls[["search", "final fits"]].sum(), walls["controls"]
    rest = 1 - (fits + controls) / walls.sum()
    whole = cores.sum() / cores[["search", "final fits", "controls"]].sum()
    return (
        f"{seconds:.0f} s on 2 cores; job time of the controls {controls / fits:.2f} of that of "
        f"search and final fits, {rest:.0%} of all for neither; core time of all jobs {whole:.2f} "
        "of that of the three"
    )


def search_workers(counts=(1, 2, 4, 8)) -> str:
    """Time of 32 trials that sleep for 4 s, by the number of workers, and of the whole run.

    The first is that of the job whose trials took longest; the second holds the start of every
    job, which takes a core for some seconds.
    """
    taken = {count: search_seconds(count) for count in counts}
    return ", ".join(f"{count}: {one:.0f} s ({run:.0f})" for count, (one, run) in taken.items())


def search_seconds(workers: int) -> tuple[float, float]:
    """Time of the trials of the slowest job of a search, and of all that Snakemake does for it."""
    with tempfile.TemporaryDirectory() as folder:
        project, workflow = Path(folder) / "project", Path(folder) / "workflow"
        ignored = shutil.ignore_patterns("__pycache__", ".*", "runs", "results", "tests")
        shutil.copytree(FOLDER, workflow, ignore=ignored)
        baselines = workflow / "scripts" / "deeprules" / "baselines"
        shutil.copy(FOLDER / "tests" / "bench" / "sleeping_baseline.py", baselines)
        tuning = {"trials": 32, "max_epochs": 3, "workers": workers}
        config = small_config(tuning=tuning, models={"sleeping_baseline": {}})
        write_project(project, config)
        snakemake(project, *development_files(), workflow=workflow)
        started = time.perf_counter()
        target = "results/tune/sleeping_baseline/trials.tsv"
        result = snakemake(project, target, workflow=workflow, cores=8)
        seconds = time.perf_counter() - started
        if result.returncode:
            raise SystemExit(result.stdout[-3000:])
        ends, starts = {}, {}
        for path in project.glob("results/tune/*/ended/*/*.json"):
            record, ended = json.loads(path.read_text()), path.stat().st_mtime
            worker = record["trial"] % workers
            ends[worker] = max(ended, ends.get(worker, ended))
            begun = ended - record["seconds"]
            starts[worker] = min(begun, starts.get(worker, begun))
        return max(ends[worker] - starts[worker] for worker in starts), seconds


def development_files() -> list[str]:
    """What a search reads."""
    names = ("examples.parquet", "features.npy")
    return [f"results/split/{part}/{name}" for part in ("train", "tune") for name in names]


MEASURES = {
    "training step": training_step,
    "another fit": fit_again,
    "feature extraction": feature_extraction,
    "prediction": prediction,
    "memory of prediction": prediction_memory,
    "mutagenesis": mutagenesis,
    "build, audit and split": build_and_split,
    "dry run": dry_run,
    "search workers": search_workers,
    "demo": demo_shares,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measures", nargs="*", choices=[[], *MEASURES], default=list(MEASURES))
    names = parser.parse_args().measures
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
          f"Python {platform.python_version()}\n\n| measure | result |\n|-|-|")  # fmt: skip
    for name in names:
        print(f"| {name} | {MEASURES[name]()} |", flush=True)


if __name__ == "__main__":
    main()
