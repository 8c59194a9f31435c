"""Small files of each format, read or built into a data set, for tests."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
import pytest
import yaml

from deeprules.errors import InputError
from deeprules.feature_store import read_features
from deeprules.ingest.building import Outputs, build_dataset
from deeprules.ingest.problems import Problems
from deeprules.ingest.sources import Chunk, Source

SCHEMA = Path(__file__).parents[1] / "workflow" / "schemas" / "config.schema.yaml"
DATA = yaml.safe_load(SCHEMA.read_text())["properties"]["data"]["properties"]


def write(path: Path, text: str) -> Path:
    """Write a file, gzip-compressed if its name says so."""
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def cut(path: Path, share: float = 0.5) -> Path:
    """Cut a file short."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def fill_in(**data) -> dict:
    """The section `data` of a config, complete with defaults."""
    completed = {**_defaults(DATA), **data}
    for section in ("length", "intervals", "contigs", "negatives"):
        completed[section] = {**_defaults(DATA[section]["properties"]), **completed[section]}
    entry = _defaults(DATA["sources"]["additionalProperties"]["properties"])
    completed["sources"] = {name: {**entry, **source} for name, source in data["sources"].items()}
    return completed


def _defaults(properties: Mapping) -> dict:
    return {name: entry["default"] for name, entry in properties.items() if "default" in entry}


def open_source(path: Path, genome: Path | None = None, chunk_rows: int = 3, **settings) -> Source:
    """A source as a reader gets it."""
    data = fill_in(sources={"made": {"format": "any", **settings}})
    scratch = Path(mkdtemp(dir=path.parent))
    settings = data["sources"]["made"]
    return Source("made", path, settings, Problems(), scratch, genome, chunk_rows)


def read(format: str, source: Source) -> list[Chunk]:
    """All chunks of a source; its problems are raised."""
    chunks = list(import_module(f"deeprules.datasets.{format}").read(source))
    source.problems.raise_any()
    return chunks


def read_all(format: str, source: Source) -> tuple[pd.DataFrame, list | np.ndarray]:
    """Table and features of all chunks together."""
    chunks = read(format, source)
    table = pd.concat([chunk.table for chunk in chunks], ignore_index=True)
    if isinstance(chunks[0].features, np.ndarray):
        return table, np.concatenate([chunk.features for chunk in chunks])
    return table, [sequence for chunk in chunks for sequence in chunk.features]


def refusal(format: str, source: Source) -> str:
    """What the user is told about a source that cannot be used."""
    with pytest.raises(InputError) as caught:
        read(format, source)
    return str(caught.value)


@dataclass
class Built:
    """A data set that has been built."""

    examples: pd.DataFrame
    features: np.ndarray
    facts: dict
    feature_names: list[str]
    folder: Path

    @property
    def left_out(self) -> dict[tuple[str, str], int]:
        """Examples left out, by source and reason."""
        return {(one["source"], one["reason"]): one["n"] for one in self.facts["left_out"]}


def build(folder: Path, sources: Mapping, partition_column: str | None = None, **data) -> Built:
    """Build a data set; the `url` of each source is its file."""
    data = fill_in(**{"modality": "sequence", "task": "binary", **data}, sources=sources)
    outputs = Outputs(
        folder / "examples.parquet",
        folder / "features.npy",
        folder / "dataset.json",
        folder / "feature_names.txt",
        folder / "negatives.tsv",
    )
    files = {name: source["url"] for name, source in data["sources"].items()}
    build_dataset(data, files, outputs, partition_column)
    return Built(
        pd.read_parquet(outputs.examples),
        read_features(outputs.features),
        json.loads(outputs.dataset.read_text()),
        outputs.feature_names.read_text().splitlines(),
        folder,
    )


def build_refusal(folder: Path, sources: Mapping, *arguments, **data) -> str:
    """What the user is told; nothing may be left behind."""
    before = set(folder.iterdir())
    with pytest.raises(InputError) as caught:
        build(folder, sources, *arguments, **data)
    assert set(folder.iterdir()) == before
    return str(caught.value)
