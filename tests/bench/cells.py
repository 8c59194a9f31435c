"""A hundred thousand cells from their file to a fitted network: what each job takes.

Usage, from the folder of the workflow:

    python tests/bench/cells.py make FOLDER [CELLS]    # cells.h5ad, config.yaml and study.yaml
    snakemake --cores 1 --directory FOLDER --configfile FOLDER/config.yaml
    python tests/bench/cells.py table FOLDER           # time and peak memory of each job

The cells are drawn a thousand at a time, so that memory does not grow with their number.
"""

import sys
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
from scipy import sparse

sys.path.insert(0, str(Path(__file__).parents[1]))

from cell_files import write_h5ad

GENES = 20_000
PLANTED = 200
"""Genes whose share of the counts depends on the kind of cell."""
DEPTH = 610
"""Median counts of a cell; of all numbers some 3% are then not 0."""
DONORS, BATCHES = 40, 4
STEP = 1000

CONFIG = """\
study: study.yaml
seed: 1
data:
  modality: tabular
  task: binary
  label: kind
  positive: b
  group: donor
  batch: run
  transform: log_cp10k
  sources:
    cells: {url: cells.h5ad, format: h5ad}
split: {strategy: group}
tuning: {trials: 1, max_epochs: 2, patience: 1}
models:
  logistic_regression:
  support_vector_machine: {space: {kernel: linear}}
  mlp:
fit: {seeds: 1}
controls: {shuffled_labels: 0, split_stringency: false, left_out_batches: 0, nuisance_probes: false,
  determinism: false, membership_inference: false, learning_curve: {shares: []}}
interpret: false
"""

STUDY = """\
title: A hundred thousand cells
question: How much memory and time do the stages of the workflow take for many sparse cells?
endpoint: Simulated kind of cell; 200 of 20,000 genes follow it.
positive_class: b
design: simulated
unit: One simulated cell.
replicates: Cells of 40 donors; a donor stays in one partition.
plan: The cost is measured; no claim is made of the models.
"""


def make(folder: Path, n: int) -> None:
    """Write the cells, and the configuration that runs them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "study.yaml").write_text(STUDY)
    rng = np.random.default_rng(1)
    obs = pd.DataFrame(
        {
            "kind": pd.Categorical(rng.choice(["a", "b"], n)),
            "donor": pd.Categorical([f"D{one:02}" for one in np.arange(n) % DONORS]),
            "run": pd.Categorical([f"run{one}" for one in np.arange(n) % DONORS % BATCHES]),
        },
        index=[f"cell{number:06}" for number in range(n)],
    )
    var = pd.DataFrame(index=[f"gene{number:05}" for number in range(GENES)])
    # All but the counts is written by anndata; these follow, some rows at a time.
    path = folder / "cells.h5ad"
    write_h5ad(path, anndata.AnnData(sparse.csr_matrix((n, GENES), dtype=np.float32), obs, var))
    share = _shares(rng)
    with h5py.File(path, "a") as file:
        data, indices = (_growing(file["X"], name) for name in ("data", "indices"))
        lengths = []
        for start in range(0, n, STEP):
            part = obs.iloc[start : start + STEP]
            rows = _drawn(rng, share[part["run"].cat.codes, part["kind"].cat.codes])
            for stored, values in ((data, rows.data), (indices, rows.indices)):
                stored.resize(len(stored) + len(values), axis=0)
                stored[-len(values) :] = values
            lengths.append(np.diff(rows.indptr))
        lengths = np.concatenate(lengths)
        file["X/indptr"][1:] = np.cumsum(lengths)
    print(f"{n:,} cells, {lengths.mean() / GENES:.2%} of their numbers are not 0")


def _growing(group, name):
    """An array of the sparse matrix that takes any number of values."""
    dtype = group[name].dtype
    del group[name]
    return group.create_dataset(name, (0,), dtype, maxshape=(None,), chunks=(2**16,))


def _shares(rng) -> np.ndarray:
    """Of each run and kind of cell, the running total of the genes' shares of the counts."""
    level = rng.normal(0, 1.3, GENES) + rng.normal(0, 0.2, (BATCHES, 1, GENES))
    level = np.repeat(level, 2, axis=1)
    level[:, 1, :PLANTED] += rng.choice([-0.7, 0.7], PLANTED)
    share = np.exp(level)
    return np.cumsum(share / share.sum(axis=2, keepdims=True), axis=2)


def _drawn(rng, share: list[np.ndarray]) -> sparse.csr_matrix:
    """Counts of cells, each drawn from its shares (N, genes)."""
    depths = rng.lognormal(np.log(DEPTH), 0.3, len(share)).astype(int)
    genes = np.concatenate(
        [
            np.searchsorted(of_cell, rng.random(depth))
            for of_cell, depth in zip(share, depths, strict=True)
        ]
    )
    cells = np.repeat(np.arange(len(share)), depths)
    ones = np.ones(len(genes), dtype=np.float32)
    return sparse.csr_matrix((ones, (cells, np.minimum(genes, GENES - 1))), (len(share), GENES))


def table(folder: Path) -> None:
    """Print what each job took, the largest first, as Markdown."""
    found = {
        str(path.relative_to(folder / "logs")).removesuffix(".usage.tsv"): pd.read_csv(
            path, sep="\t"
        ).iloc[-1]
        for path in (folder / "logs").rglob("*.usage.tsv")
    }
    print("| job | core time | peak memory |\n|-|-|-|")
    for job, used in sorted(found.items(), key=lambda one: -one[1]["memory_mb"]):
        print(f"| {job} | {used['core_seconds']:.0f} s | {used['memory_mb'] / 1000:.2f} GB |")


if __name__ == "__main__":
    what, place, *more = sys.argv[1:]
    if what == "make":
        make(Path(place), int(more[0]) if more else 100_000)
    else:
        table(Path(place))
