"""Small partitions with a known answer, for tests."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.data import Dataset, Partition
from deeprules.encoding import encode
from deeprules.tasks import is_several


def make_dataset(modality="sequence", task="binary", n_features=60, **changes) -> Dataset:
    """A data set with a batch column and one numeric covariate."""
    classes = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c")}.get(task, ())
    facts = {
        "modality": modality,
        "task": task,
        "classes": classes,
        "n_features": n_features,
        "covariates": ("age",),
        "has_batch": True,
        "has_group": False,
        "labels": ("a", "b") if is_several(task) else (),
    }
    return Dataset(**{**facts, **changes})


def make_partition(
    folder: Path, n=200, modality="sequence", task="binary", n_features=60, seed=0
) -> Partition:
    """A partition written to `folder` whose label can be learnt.

    Sequences of class 1 hold TATAATGC at a random place (class 2: GGGCGGGC); rows of a matrix
    carry the label in their first three columns; values are the size of that effect. Of several
    labels, a is that of two classes, b one that nothing tells; a fifth of either is missing.
    """
    rng = np.random.default_rng(seed)
    dataset = make_dataset(modality, task, n_features)
    n_classes = max(len(dataset.classes), 2)
    target = np.arange(n) % n_classes
    rng.shuffle(target)
    if modality == "sequence":
        features = np.stack(
            encode(["".join(row) for row in rng.choice(list("ACGT"), (n, n_features))])
        )
        for row, motif in enumerate(target):
            if motif:
                site = encode([["TATAATGC", "GGGCGGGC"][motif - 1]])[0]
                start = rng.integers(n_features - 8)
                features[row, start : start + 8] = site
    else:
        features = rng.normal(size=(n, n_features)).astype(np.float32)
        features[:, :3] += 2 * target[:, None]
    label = np.array(dataset.classes)[target] if dataset.classes else 3 + 2.0 * target
    examples = pd.DataFrame(
        {
            "id": [f"{folder.name}{row}" for row in range(n)],
            "label": label,
            "batch": rng.choice(["b1", "b2"], n),
            "age": rng.normal(50, 10, n),
            "source": "made",
            "content_hash": rng.integers(2**63, size=n).astype(np.uint64),
        }
    )
    if dataset.has_several_labels:
        each = np.column_stack([target, rng.integers(0, 2, n)]).astype(float)
        each[rng.random(each.shape) < 0.2] = np.nan
        examples[dataset.label_columns[1:]] = each
    return write_partition(folder, dataset, features, examples)


def write_partition(folder: Path, dataset: Dataset, features, examples) -> Partition:
    """A partition of these features (N, P) and this table of N examples."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "features.npy", features)
    examples.to_parquet(folder / "examples.parquet", index=False)
    return Partition(folder, dataset)


def with_dataset(part: Partition, **changes) -> Partition:
    """The same examples with other facts of their data set."""
    other = part.with_labels(part.labels)
    other.dataset = replace(part.dataset, **changes)
    return other


def with_other_settings(part: Partition) -> list[Partition]:
    """The same examples with other settings of the data, each of which changes a fit or its score.

    The class that counts as positive is the second of two.
    """
    classes = part.dataset.classes[::-1]
    changes = ({"highly_variable": 5}, {"batch_correction": "linear"}, {"classes": classes})
    return [with_dataset(part, **one) for one in changes]
