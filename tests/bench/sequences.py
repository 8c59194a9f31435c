"""Core time, peak memory and AUROC of a baseline on many sequences; prints one line.

    .venv/bin/python tests/bench/sequences.py logistic_regression 500000

The sequences of 200 bases hold some of 60 motifs of 8 bases each, with errors, that speak for or
against a class; the score is that of 30,000 others. Every hyperparameter has its default.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parents[2]
sys.path[:0] = [str(FOLDER / "scripts"), str(FOLDER / "tests")]

from measuring import peak_gb  # noqa: E402
from partitions import make_dataset  # noqa: E402

from deeprules.data import Development, Partition  # noqa: E402
from deeprules.fit.budget import Budget  # noqa: E402
from deeprules.fit.candidates import Candidate  # noqa: E402
from deeprules.fit.fitting import fit, limit_threads  # noqa: E402
from deeprules.fit.models import find_module  # noqa: E402
from deeprules.statistics.metrics import scores  # noqa: E402
from deeprules.tune.keras_tuner_alone import keras_tuner  # noqa: E402

LENGTH = 200
MOTIFS = 60
HELD = 30_000


def write_sequences(folder: Path, n: int, seed: int) -> None:
    """Write a partition of `n` sequences, some at a time."""
    fixed, rng = np.random.default_rng(7), np.random.default_rng(seed)
    motifs, effects = fixed.integers(4, size=(MOTIFS, 8)), fixed.normal(size=MOTIFS)
    folder.mkdir()
    shape = (n, LENGTH)
    made = np.lib.format.open_memmap(folder / "features.npy", "w+", dtype=np.uint8, shape=shape)
    labels = np.empty(n, dtype=int)
    for start in range(0, n, 20_000):
        bases = rng.integers(4, size=(min(20_000, n - start), LENGTH))
        log_odds = 6 * np.isin(bases, (1, 2)).mean(axis=1) - 3
        for motif, effect in zip(motifs, effects, strict=True):
            rows = np.flatnonzero(rng.random(len(bases)) < 0.08)
            sites = np.where(rng.random((len(rows), 8)) < 0.06, (motif + 1) % 4, motif)
            places = rng.integers(LENGTH - 8, size=(len(rows), 1)) + np.arange(8)
            bases[rows[:, None], places] = sites
            log_odds[rows] += 1.5 * effect
        part = slice(start, start + len(bases))
        labels[part] = rng.random(len(bases)) < 1 / (1 + np.exp(-log_odds))
        made[part] = 2**bases
    made.flush()
    ids = [f"{folder.name}{row}" for row in range(n)]
    table = pd.DataFrame({"id": ids, "label": np.array(["no", "yes"])[labels]})
    table.to_parquet(folder / "examples.parquet", index=False)


def main() -> None:
    """Write the sequences, fit the model and predict those held out."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("n", type=int)
    given = parser.parse_args()
    dataset = make_dataset(n_features=LENGTH)
    with tempfile.TemporaryDirectory() as name:
        parts = []
        for seed, (part, n) in enumerate({"train": given.n, "held": HELD}.items()):
            write_sequences(Path(name) / part, n, seed)
            parts.append(Partition(Path(name) / part, dataset))
        limit_threads("baseline", 1)
        candidate = Candidate(given.model, "baseline", find_module("baseline", given.model))
        before = time.process_time()
        hp, budget = keras_tuner.HyperParameters(), Budget(1, 1, 1)
        fitted = fit(candidate, hp, Development(*parts), 1, budget)
        seconds = time.process_time() - before
        held = parts[1]
        found = scores("binary", held.labels, fitted.model.predict(held.features, held.examples))
    print(
        f"{given.model}: fitted to {fitted.settings['fitted_on']:,} of {given.n:,}, "
        f"{seconds:.0f} s of core time, {peak_gb():.2f} GB, AUROC {found['auroc']:.4f}"
    )


if __name__ == "__main__":
    main()
