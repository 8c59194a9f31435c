"""Memory and core time of audit, split and exploration of many sequences of 200 bp, as a table.

    .venv/bin/python tests/bench/many_examples.py 1000000 2000000

Each job is a process of its own. Its own memory is what the system cannot take back; pages of the
files that it maps are counted with the peak alone. Beyond the sizes given, the last two say by a
straight line what 10 million would take.
"""

import argparse
import json
import multiprocessing
import re
import resource
import runpy
import sys
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = Path(__file__).parents[2]
SCRIPTS = FOLDER / "scripts"
sys.path[:0] = [str(SCRIPTS), str(FOLDER / "tests" / "workflow"), str(FOLDER / "tests")]

LENGTH = 200
ROWS = 65_536
FAR = 10_000_000
DATASET = {
    "modality": "sequence", "task": "binary", "classes": ["no", "yes"], "labels": [],
    "n_features": LENGTH, "covariates": [], "has_batch": True, "has_group": False,
    "left_out": [],
}  # fmt: skip
SPLIT = {
    "strategy": "stratified", "shares": {"train": 0.7, "tune": 0.15, "test": 0.15},
    "test": [], "tune": [], "block_size": None,
}  # fmt: skip
EXPLORE = {"max_examples": 2000, "kmer": 4, "components": 10, "permutations": 200}


class Files(dict):
    """Files of a job by name, as Snakemake gives them to a script."""

    __getattr__ = dict.__getitem__


def write_dataset(folder: Path, n: int) -> None:
    """The files of results/dataset, some rows at a time."""
    rng = np.random.default_rng(1)
    shape = (n, LENGTH)
    path = folder / "features.npy"
    codes = np.lib.format.open_memmap(path, "w+", dtype=np.uint8, shape=shape)
    writer = None
    for start in range(0, n, ROWS):
        size = min(ROWS, n - start)
        codes[start : start + size] = 2 ** rng.integers(4, size=(size, LENGTH), dtype=np.uint8)
        hashes = rng.integers(2**63, size=size).astype(np.uint64)
        table = pd.DataFrame(
            {
                "id": [f"peak{row}" for row in range(start, start + size)],
                "label": np.array(["no", "yes"])[rng.integers(2, size=size)],
                "batch": np.array(["run1", "run2", "run3", "run4"])[rng.integers(4, size=size)],
                "source": "peaks",
                "raw_length": np.full(size, LENGTH, dtype=np.int32),
                "n_share": np.zeros(size, dtype=np.float32),
                "lower_share": np.zeros(size, dtype=np.float32),
                "content_hash": hashes,
                "canonical_hash": hashes,
            }
        )
        rows = pa.Table.from_pandas(table, preserve_index=False)
        writer = writer or pq.ParquetWriter(folder / "examples.parquet", rows.schema)
        writer.write_table(rows)
    writer.close()
    codes.flush()
    (folder / "dataset.json").write_text(json.dumps({**DATASET, "n_examples": n}))


def jobs(folder: Path) -> dict[str, SimpleNamespace]:
    """The three jobs, as Snakemake would describe them to their scripts."""
    data = {"dataset": str(folder / "dataset.json")}
    whole = data | {"examples": str(folder / "examples.parquet")}
    whole |= {"features": str(folder / "features.npy")}
    parts = {
        f"{part}_{name}": str(folder / part / f"{name}.{suffix}")
        for part in ("train", "tune", "test")
        for name, suffix in (("examples", "parquet"), ("features", "npy"))
    }
    tables = ("problems", "duplicates", "left_out", "classes", "labels", "groups", "batches")
    audited = {name: str(folder / f"{name}.tsv") for name in (*tables, "proposed_groups")}
    audited |= {"keep": str(folder / "keep.parquet"), "summary": str(folder / "audit.json")}
    shared = {"assignment": str(folder / "assignment.parquet"), "summary": str(folder / "s.json")}
    explored = ("scree", "association", "batch_prediction", "batch_correction")
    found = {name: str(folder / f"{name}.tsv") for name in explored}
    found |= {"scores": str(folder / "scores.parquet"), "summary": str(folder / "explore.json")}
    found |= {"scree_svg": str(folder / "s.svg"), "scree_png": str(folder / "s.png")}
    found |= {"figures": str(folder / "figures")}
    policies = {"duplicates": "drop", "conflicts": "drop", "strategy": "stratified"}
    described = {
        "audit_dataset": (whole, audited, policies),
        "split_dataset": (whole | {"keep": audited["keep"]}, parts | shared, {"split": SPLIT}),
        "explore_batches": (data | parts, found, {"explore": EXPLORE}),
    }
    return {
        script: SimpleNamespace(
            input=Files(given),
            output=Files(made),
            params=SimpleNamespace(**params, seed=1),
            log=[str(folder / f"{script}.log")],
        )
        for script, (given, made, params) in described.items()
    }


def run_job(script: str, job: SimpleNamespace, answer) -> None:
    """Be the process of a job; sends its core time, own memory and peak, in GB."""
    own, ended = [0.0], threading.Event()
    pattern = re.compile(r"RssAnon:\s+(\d+) kB")

    def look():
        while not ended.wait(0.05):
            status = Path("/proc/self/status").read_text(encoding="utf-8")
            own[0] = max(own[0], int(pattern.search(status)[1]) / 1e6)

    threading.Thread(target=look, daemon=True).start()
    runpy.run_path(str(SCRIPTS / f"{script}.py"), init_globals={"snakemake": job})
    ended.set()
    used = resource.getrusage(resource.RUSAGE_SELF)
    answer.put((used.ru_utime + used.ru_stime, own[0], used.ru_maxrss / 1e6))


def main() -> None:
    """Print a row for each job and size, and what the last two sizes say of 10 million."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sizes", nargs="+", type=int)
    sizes = parser.parse_args().sizes
    context, found = multiprocessing.get_context("spawn"), {}
    print("| job | sequences | core time | own memory | with mapped files |\n|-|-|-|-|-|")
    for n in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_dataset(folder, n)
            for script, job in jobs(folder).items():
                answer = context.Queue()
                process = context.Process(target=run_job, args=(script, job, answer))
                process.start()
                found[script, n] = np.array(answer.get(timeout=600))
                process.join()
                print_row(script, f"{n:,}", found[script, n])
    for script, n in [key for key in found if key[1] == sizes[-1] and len(sizes) > 1]:
        last, before = found[script, n], found[script, sizes[-2]]
        slope = (last - before) / (n - sizes[-2])
        print_row(script, f"{FAR:,}, reckoned", last + slope * (FAR - n))


def print_row(script: str, what: str, numbers: np.ndarray) -> None:
    """One line of the table."""
    cores, own, peak = numbers
    print(f"| {script} | {what} | {cores:.0f} s | {own:.2f} GB | {peak:.2f} GB |", flush=True)


if __name__ == "__main__":
    main()
