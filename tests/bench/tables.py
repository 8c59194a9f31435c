"""Core time and peak memory of a trial of a baseline on a large table; prints a line for each.

    .venv/bin/python tests/bench/tables.py gradient_boosting 50000 2000
    .venv/bin/python tests/bench/tables.py gradient_boosting 50000 2000 --counts 0.1

The table is of normal numbers, or of counts stored sparse, of which a share is not 0. Fifty of the
features tell the class; tune has a tenth of the rows of train. The first trial has every default;
the last has the largest of every list of choices, so the most trees and leaves.
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
from deeprules.feature_store import features_writer  # noqa: E402
from deeprules.fit.budget import Budget  # noqa: E402
from deeprules.fit.candidates import Candidate  # noqa: E402
from deeprules.fit.fitting import limit_threads  # noqa: E402
from deeprules.fit.models import find_module  # noqa: E402
from deeprules.tune.keras_tuner_alone import keras_tuner  # noqa: E402
from deeprules.tune.search import Search  # noqa: E402
from deeprules.tune.trials import Trials  # noqa: E402

INFORMATIVE = 50


def write_rows(folder: Path, rows: int, features: int, seed: int, share: float | None) -> None:
    """Write a partition, some rows at a time: normal numbers, or counts with `share` not 0."""
    rng, effects = np.random.default_rng(seed), np.random.default_rng(7).normal(size=INFORMATIVE)
    folder.mkdir()
    shape, positive = (rows, features), []
    with features_writer(folder / "features.npy", np.dtype(np.float32), shape, bool(share)) as add:
        for start in range(0, rows, 5000):
            some = (min(5000, rows - start), features)
            numbers = rng.poisson(-np.log1p(-share), some) if share else rng.normal(size=some)
            told = 0.3 * (numbers - (numbers.mean() if share else 0))[:, :INFORMATIVE] @ effects
            positive.append(rng.logistic(size=len(numbers)) < told)
            add(numbers.astype(np.float32))
    labels = np.array(["no", "yes"])[np.concatenate(positive).astype(int)]
    table = pd.DataFrame({"id": [f"{folder.name}{row}" for row in range(rows)], "label": labels})
    table.to_parquet(folder / "examples.parquet", index=False)


def main() -> None:
    """Write the table, and run the trials."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("rows", type=int)
    parser.add_argument("features", type=int)
    parser.add_argument("--counts", type=float, metavar="SHARE", help="counts, so many not 0")
    given = parser.parse_args()
    dataset = make_dataset("tabular", n_features=given.features)
    with tempfile.TemporaryDirectory() as name:
        parts = []
        for seed, (part, rows) in enumerate(
            {"train": given.rows, "tune": given.rows // 10}.items()
        ):
            write_rows(Path(name) / part, rows, given.features, seed, given.counts)
            parts.append(Partition(Path(name) / part, dataset))
        limit_threads("baseline", 1)
        candidate = Candidate(given.model, "baseline", find_module("baseline", given.model))
        search = Search("random", 1, "auprc", seed=1, budget=Budget(1, 1, 1))
        trials, hp = Trials(search, candidate, Development(*parts)), keras_tuner.HyperParameters()
        for what in ("defaults", "largest choices"):
            before = time.process_time()
            found = trials.run(hp)
            seconds = time.process_time() - before
            print(f"{given.model}, {what}: {seconds:.1f} s of core time, {peak_gb():.2f} GB, "
                  f"AUPRC {found['score']:.4f} {found['message']}", flush=True)  # fmt: skip
            lists = {one.name: max(one.values) for one in hp.space if hasattr(one, "_values")}
            hp.values.update({name: most for name, most in lists.items() if type(most) is int})


if __name__ == "__main__":
    main()
