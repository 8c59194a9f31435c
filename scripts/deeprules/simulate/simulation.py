"""Simulated data whose truth is known, as files with a provenance record.

The parameters and their defaults stand in workflow/schemas/config.schema.yaml (`simulate`).
"""

import gzip
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.files import file_sha256
from deeprules.simulate.simulated_expression import simulate_expression
from deeprules.simulate.simulated_labels import simulate_labels
from deeprules.simulate.simulated_peaks import simulate_genome, simulate_peaks
from deeprules.simulate.simulated_sequences import simulate_sequences
from deeprules.simulate.simulated_variants import simulate_variants

SIMULATORS = {
    "sequences": simulate_sequences,
    "expression": simulate_expression,
    "labels": simulate_labels,
    "peaks": simulate_peaks,
    "genome": simulate_genome,
    "variants": simulate_variants,
}


def simulate(parameters: Mapping, seed: int) -> pd.DataFrame:
    """The table that `parameters` (a complete `simulate` entry of a source) describe.

    `seed` is used where the entry's own `seed` is None.

    Raises
    ------
    InputError
        The parameters contradict each other.
    """
    settings = {**parameters, "seed": used_seed(parameters, seed)}
    kind, rng = settings.pop("kind"), np.random.default_rng(settings.pop("seed"))
    return SIMULATORS[kind](rng=rng, **settings)


def used_seed(parameters: Mapping, seed: int) -> int:
    """The seed of a `simulate` entry, or else `seed`, that of the run."""
    return seed if parameters["seed"] is None else parameters["seed"]


def write_gzipped(table: pd.DataFrame, path: str | Path, format: str = "table") -> None:
    """Write a table as gzipped text; the same table gives the same bytes.

    It is tab-separated; the format `bed` has no header, and `genome` is FASTA.
    """
    with (
        open(path, "wb") as file,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as zipped,
        io.TextIOWrapper(zipped, encoding="utf-8", newline="") as text,
    ):
        if format == "genome":
            for name, sequence in table.itertuples(index=False):
                text.write(f">{name}\n{sequence}\n")
        else:
            is_headed = format != "bed"
            table.to_csv(text, sep="\t", index=False, header=is_headed, lineterminator="\n")


def provenance_record(name: str, source: Mapping, seed: int, path: str | Path) -> dict:
    """Where a simulated file comes from, with the keys that a download's record has.

    Parameters
    ----------
    name, source : the source and its complete entry in the config
    seed : seed of the run
    path : the simulated file
    """
    parameters = {**source["simulate"], "seed": used_seed(source["simulate"], seed)}
    address = f"simulated:{parameters['kind']}"
    sha256 = file_sha256(path)
    stated = {
        "version": f"seed {parameters['seed']}",
        "licence": "none needed (simulated)",
        "citation": "none (simulated)",
    }
    stated |= {key: source[key] for key in stated if source[key] != "not stated"}
    return {
        "source": name,
        "format": source["format"],
        "given_url": address,
        "final_url": address,
        **stated,
        "simulated": parameters,
        "downloaded": datetime.now(UTC).isoformat(timespec="seconds"),
        "bytes": Path(path).stat().st_size,
        "sha256": sha256,
        "pinned_sha256": None,
        "first": True,
        "etag": None,
        "last_modified": None,
        "tools": {"numpy": np.__version__},
    }
