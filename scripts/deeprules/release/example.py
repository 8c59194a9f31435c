"""An example to predict: made up, so that nothing of the data is given away by it."""

from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.files import read_array, write_table, write_text
from deeprules.predict.packed import PackedModel

EXAMPLES = 8


def columns_asked(packed: PackedModel) -> list[str]:
    """Columns beside the features that the model takes."""
    inputs, dataset = packed.model["inputs"], packed.dataset
    if "metadata" in inputs:
        batch = [packed.facts["data"]["batch"]] if dataset.has_batch else []
        return [*batch, *dataset.covariates]
    return list(dataset.covariates) if "covariates" in inputs else []


def write_example(packed: PackedModel, folder: Path, seed: int = 1) -> Path:
    """Write made-up examples that the model takes; returns the file.

    Parameters
    ----------
    packed : the packed model
    folder : folder to write into
    seed : seed of what is drawn
    """
    generator = np.random.default_rng(seed)
    names = [f"example{number}" for number in range(1, EXAMPLES + 1)]
    others = {name: [0] * EXAMPLES for name in columns_asked(packed)}
    if packed.dataset.modality == "tabular":
        values = _numbers(packed, generator)
        table = pd.DataFrame(values, columns=packed.feature_names)
        table = pd.concat([pd.DataFrame({"id": names, **others}), table], axis=1)
    else:
        drawn = generator.choice(list("ACGT"), (EXAMPLES, packed.dataset.n_features))
        sequences = ["".join(row) for row in drawn]
        if not others:
            records = zip(names, sequences, strict=True)
            path = folder / "input.fa"
            write_text(path, "".join(f">{name}\n{bases}\n" for name, bases in records))
            return path
        table = pd.DataFrame({"id": names, "sequence": sequences, **others})
    write_table(folder / "input.tsv", table)
    return folder / "input.tsv"


def _numbers(packed: PackedModel, generator: np.random.Generator) -> np.ndarray:
    """Numbers (N, P) within the ranges of train; counts where the run transformed counts."""
    low, high = np.nan_to_num(read_array(packed.folder / "training" / "ranges.npy")[:2])
    if packed.dataset.transform != "none":
        return generator.poisson(10, (EXAMPLES, len(low)))
    return generator.uniform(low, np.maximum(low, high), (EXAMPLES, len(low))).round(4)
