"""What each network can learn: simple rules on sequences and tables, and what a fit costs.

`python tests/bench/network_rules.py [NAME...]` fits the smallest setting of every network to rules
of which the plain ones cannot learn all, and prints the AUROC on unseen examples (Keras's Adam,
rate 0.003, at most 30 epochs) with the CPU seconds of the fit. A name is that of a network or of a
rule, and leaves out the others.
"""

import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(__file__).parents[2]
sys.path[:0] = [str(FOLDER / "scripts"), str(FOLDER / "tests"), str(FOLDER / "workflow")]

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from network_fits import default_hyperparameters  # noqa: E402
from partitions import make_dataset  # noqa: E402

from deeprules.data import Development, Partition  # noqa: E402
from deeprules.encoding import encode  # noqa: E402
from deeprules.fit.budget import Budget  # noqa: E402
from deeprules.fit.candidates import Candidate  # noqa: E402
from deeprules.fit.fitting import fit  # noqa: E402
from deeprules.fit.models import ChosenHyperparameters, find_module  # noqa: E402

LENGTH = 300
FIRST, SECOND = "TGACTCAGC", "CCACGTGAT"
SIZES = {"train": 4000, "tune": 1000, "test": 2000}
COMMON = {"strands": "as_given", "optimizer": "adam", "learning_rate": 0.003, "dropout": 0.1}
SETTINGS = {"dilated_residual_cnn": {"dilated_layers": 6}}
"""Where the view must be wide enough for the rule."""


def at_a_distance(rng, positive: bool) -> tuple[int, int]:
    """Places of two motifs: 60 bases apart, or any other 20 to 200."""
    apart = 60 if positive else rng.choice([*range(20, 50), *range(71, 200)])
    start = rng.integers(LENGTH - apart - len(SECOND))
    return start, start + apart


def in_an_order(rng, positive: bool) -> tuple[int, int]:
    """Places of two motifs 20 to 200 bases apart: the first one first, or the second."""
    apart = rng.integers(20, 200)
    start = rng.integers(LENGTH - apart - len(SECOND))
    return (start, start + apart) if positive else (start + apart, start)


def sequences(rng, n, rule):
    """Codes (n, L) that all hold both motifs, and labels (n,) by where they stand."""
    labels = rng.permutation(np.arange(n) % 2)
    letters = rng.choice(list("ACGT"), (n, LENGTH))
    for row, label in enumerate(labels):
        for motif, place in zip((FIRST, SECOND), rule(rng, bool(label)), strict=True):
            letters[row, place : place + len(motif)] = list(motif)
    return np.stack(encode(["".join(row) for row in letters])), labels


def in_context(rng, n):
    """Codes (n, L) of 45% or 55% GC with one of two motifs; which one is positive, GC decides."""
    is_rich, has_first = rng.permutation(np.arange(n) % 4)[None] // np.array([[1], [2]]) % 2
    codes = []
    for rich, first in zip(is_rich, has_first, strict=True):
        gc = 0.55 if rich else 0.45
        row = rng.choice(list("ACGT"), LENGTH, p=np.array([1 - gc, gc, gc, 1 - gc]) / 2)
        place, motif = rng.integers(LENGTH - len(FIRST)), FIRST if first else SECOND
        row[place : place + len(motif)] = list(motif)
        codes.append("".join(row))
    return np.stack(encode(codes)), is_rich ^ has_first


def in_balance(rng, n):
    """As `in_context`, of exactly 48% or 52% GC, which no part of a sequence tells."""
    is_rich, has_first = rng.permutation(np.arange(n) % 4)[None] // np.array([[1], [2]]) % 2
    codes = []
    for rich, first in zip(is_rich, has_first, strict=True):
        strong = round(LENGTH * (0.52 if rich else 0.48))
        row = np.array([*rng.choice(list("CG"), strong), *rng.choice(list("AT"), LENGTH - strong)])
        row, motif = rng.permutation(row), FIRST if first else SECOND
        place = rng.integers(LENGTH - len(motif))
        row[place : place + len(motif)] = list(motif)
        codes.append("".join(row))
    return np.stack(encode(codes)), is_rich ^ has_first


def bands(rng, n):
    """Rows (n, 20) and labels (n,): whether an odd number of two features lies in its middle."""
    rows = rng.normal(size=(n, 20)).astype(np.float32)
    rows[:, :2] = np.exp(2 * rows[:, :2])
    inside = (rows[:, :2] > 0.3) & (rows[:, :2] < 3.0)
    return rows, (inside.sum(axis=1) % 2).astype(int)


RULES = {
    "sequence": {
        "distance": lambda rng, n: sequences(rng, n, at_a_distance),
        "order": lambda rng, n: sequences(rng, n, in_an_order),
        "context": in_context,
        "balance": in_balance,
    },
    "tabular": {"bands": bands},
}


def partitions(modality, rule, folder) -> dict[str, Partition]:
    """Train, tune and test of one rule."""
    rng, parts = np.random.default_rng(0), {}
    for name, n in SIZES.items():
        features, labels = rule(rng, n)
        dataset = make_dataset(modality, "binary", features.shape[1], covariates=())
        examples = pd.DataFrame(
            {"id": [f"{name}{i}" for i in range(n)], "label": np.array(dataset.classes)[labels]}
        )
        path = Path(folder) / name
        path.mkdir()
        np.save(path / "features.npy", features)
        examples.to_parquet(path / "examples.parquet")
        parts[name] = Partition(path, dataset)
    return parts


def auroc_of(name: str, parts) -> tuple[float, float]:
    """AUROC on test of the smallest setting of a network, and the CPU seconds of its fit."""
    from sklearn.metrics import roc_auc_score

    candidate = Candidate(name, "network", find_module("network", name))
    train, tune, test = parts.values()
    values = default_hyperparameters(candidate, train).values | COMMON | SETTINGS.get(name, {})
    started = time.process_time()
    fitted = fit(
        candidate, ChosenHyperparameters(values), Development(train, tune), 1, Budget(30, 6)
    )
    seconds = time.process_time() - started
    predicted = fitted.model.predict(test.features, test.examples)[:, 1]
    return roc_auc_score(test.labels, predicted), seconds


def main(wanted: list[str]) -> None:
    """Print a row for each network and rule."""
    folder = FOLDER / "scripts" / "deeprules" / "networks"
    names = [file.stem for file in sorted(folder.glob("[a-z]*.py"))]
    titles = [title for rules in RULES.values() for title in rules]
    if unknown := set(wanted) - {*names, *titles}:
        sys.exit(f"no network and no rule: {', '.join(sorted(unknown))}")
    names = [name for name in names if name in wanted] or names
    titles = [title for title in titles if title in wanted] or titles
    for modality, rules in RULES.items():
        for title, rule in ((title, rules[title]) for title in titles if title in rules):
            with tempfile.TemporaryDirectory() as scratch:
                parts = partitions(modality, rule, scratch)
                for name in names:
                    module = find_module("network", name)
                    if modality in module.MODALITIES and not hasattr(module, "NEEDS"):
                        score, seconds = auroc_of(name, parts)
                        print(f"| {name} | {title} | {score:.3f} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
