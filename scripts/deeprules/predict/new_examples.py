"""New examples, by the readers that every example comes in by; labels may be there or not.

What is known of them without a model is told here: whether they lie outside the range of train,
which training example is nearest, and whether any of them is of the sealed test set.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from deeprules.errors import InputError
from deeprules.evaluate.request import MANY_ALIKE
from deeprules.feature_store import dense, features_writer, read_features
from deeprules.files import read_array, read_json, scratch_folder, whole_file, write_json
from deeprules.ingest.building import Outputs, build_dataset
from deeprules.ingest.dataset_files import row_hashes
from deeprules.ingest.sources import listing
from deeprules.ingest.transforms import OVER_ALL_FEATURES
from deeprules.predict.example_tables import tables
from deeprules.predict.new_columns import NOT_GIVEN, NewColumns
from deeprules.predict.packed import PackedModel
from deeprules.predict.tested import Tested
from deeprules.predict.training_facts import NEAR_IDENTICAL, NearestTraining, chunks, outside
from deeprules.wording import format_count

FOR_TRAINING_ALONE = {
    "samples": None,
    "subgroups": [],
    "blacklist": None,
    "contigs": {"include": [], "exclude": []},
    "include": {},
    "exclude": {},
    "min_class_size": None,
    "missing_label": "error",
    "batch_correction": "none",
}
"""Settings of the data of a run that would leave new examples out, name other sources, or be
asked of them: it is the model that corrects batches."""
MAX_MISSING = 0.5
"""Share of the features of a model, above which new data lack too many of them."""
KEPT = ("id", "label", "group", "batch", "source", "chromosome", "start", "end", "strand")


def read_new_examples(
    packed: PackedModel,
    sources: Mapping[str, Mapping],
    files: Mapping[str, str | Path],
    outputs,
    overlap: str = "error",
    defaults: Mapping | None = None,
) -> dict:
    """Read new examples, say what is known of them, and write them for prediction.

    Parameters
    ----------
    sources : settings of the source with the examples, and of a genome or sample table it names
    files : the file of each
    outputs : paths `examples` (Parquet), `features` (`.npy`) and `summary` (JSON)
    overlap : what to do with examples of the sealed test set: `error`, or `drop`
    defaults : settings of data that a run of an earlier version did not have

    Returns
    -------
    The summary, as it is written: numbers of examples and of flags, and notes.

    Raises
    ------
    InputError
        With everything that is wrong in the files, or if the data are not what the model takes, or
        are of the sealed test set.
    """
    with scratch_folder(Path(outputs.features).parent / ".unfinished-new") as scratch:
        paths = Outputs(
            *(scratch / name for name in ("examples.parquet", "features.npy")),
            *(scratch / name for name in ("dataset.json", "feature_names.txt", "negatives.tsv")),
        )
        _build(packed, sources, files, paths, defaults or {})
        facts = read_json(paths.dataset)
        features, notes, missing = _aligned(packed, paths, scratch)
        keep, found = _without_tested(packed, paths.examples, features, overlap)
        counts = _describe(packed, paths.examples, features, keep, missing, outputs)
    summary = {
        "n": int(keep.sum()),
        "flags": counts,
        "tested": found,
        "notes": [*facts["notes"], *notes],
    }
    write_json(outputs.summary, summary)
    return summary


def _build(
    packed: PackedModel, sources: Mapping, files: Mapping, paths: Outputs, defaults: Mapping
) -> None:
    """Build the data set of the new examples as that of the run was built."""
    settings = {**defaults, **packed.facts["data"], **FOR_TRAINING_ALONE}
    data = {**settings, "sources": dict(sources)}
    data["classes"] = {old: new for old, new in data["classes"].items() if new is not None}
    data["negatives"] = {**data["negatives"], "from": None}
    name, settings = next(iter(sources.items()))
    modality = import_module(f"deeprules.datasets.{settings['format']}").MODALITY
    if modality != packed.dataset.modality:
        raise InputError(
            f"{files[name]}: the format `{settings['format']}` holds {modality} data, and the "
            f"model `{packed.name}` takes {packed.dataset.modality} data. Give data like those of "
            "its run."
        )
    if packed.dataset.modality == "sequence":
        bases = packed.dataset.n_features
        data["length"] = {**data["length"], "bases": bases}
        data["intervals"] = {**data["intervals"], "width": bases}
        takes = f"sequences of {bases:,} bases, as they were in its run"
    else:
        data["features"] = "all"
        takes = "the features of its run"
    is_tabular = packed.dataset.modality == "tabular"
    features = frozenset(packed.feature_names) if is_tabular else frozenset()
    columns = NewColumns(data, features, packed.dataset.labels, *_covariates(packed))
    try:
        build_dataset(data, files, paths, columns=columns)
    except InputError as error:
        raise InputError(f"{error}\nThe model `{packed.name}` takes {takes}.") from error


def _covariates(packed: PackedModel) -> tuple[list[str], list[str]]:
    """Covariates that are names in train, and those that are numbers and that the model takes.

    A folder that was packed when it was not written down knows neither.
    """
    categories = packed.facts["training"].get("categories")
    if categories is None or not {"covariates", "metadata"} & set(packed.model["inputs"]):
        return categories or [], []
    return categories, [name for name in packed.dataset.covariates if name not in categories]


def _aligned(packed: PackedModel, paths: Outputs, scratch: Path):
    """Features in the order of the model, notes, and how many of them the new data lack."""
    features = read_features(paths.features)
    if packed.dataset.modality == "sequence":
        return features, [], 0
    wanted = pd.Index(packed.feature_names)
    names = pd.Index(Path(paths.feature_names).read_text(encoding="utf-8").splitlines())
    place = names.get_indexer(wanted)
    missing, unseen = wanted[place < 0], names.difference(wanted)
    if len(missing) > MAX_MISSING * len(wanted):
        raise InputError(
            f"The new data lack {len(missing):,} of the {len(wanted):,} features of the model "
            f"`{packed.name}`, such as {listing(missing, 5)}; they have {listing(names, 5)}. Give "
            "data with the same features under the same names."
        )
    notes = []
    if len(missing):
        notes.append(
            f"{len(missing):,} of the {len(wanted):,} features of the model are not in the new "
            f"data, and have the median of train: {listing(missing, 10)}."
        )
    if len(unseen):
        notes.append(f"{len(unseen):,} features are unknown to the model and are not used.")
    transform = packed.dataset.transform
    if (len(missing) or len(unseen)) and transform in OVER_ALL_FEATURES:
        notes.append(
            f"`transform: {transform}` takes all features of a sample in its file. Where those of "
            "the run had others than the new data have, the numbers are not on the scale of train: "
            "give files with the features that those of the run had."
        )
    median = np.nan_to_num(read_array(packed.folder / "training" / "ranges.npy")[2])
    aligned = np.lib.format.open_memmap(
        scratch / "aligned.npy", "w+", np.float32, (len(features), len(wanted))
    )
    for rows in chunks(len(features), len(wanted)):
        part = dense(features[rows])[:, place]
        part[:, place < 0] = median[place < 0]
        aligned[rows] = part
    aligned.flush()
    return aligned, notes, len(missing)


def _without_tested(packed: PackedModel, examples: Path, features: np.ndarray, overlap: str):
    """Which examples (N,) are kept, and what was found of the sealed test set.

    Raises
    ------
    InputError
        If some are test examples and `overlap` is `error`, or most resemble test examples.
    """
    n = len(features)
    keep, alike, first = np.ones(n, dtype=bool), 0, []
    if packed.facts["tested"] is None:
        return keep, {"is_known": False, "same": 0, "alike": 0}
    tested = Tested(packed.folder, packed.facts["tested"])
    for rows, table in tables(examples, chunks(n, features.shape[1])):
        part = dense(features[rows])
        same = tested.same(part, _canonical_hashes(table, part))
        alike += int((tested.alike(part) & ~same).sum())
        first += table["id"][same].tolist()[: 5 - len(first)]
        keep[rows] = ~same
    same = int((~keep).sum())
    why = (
        " A score on them would be a second look at the test set, and a prediction of them is in "
        "results/evaluation/predictions.parquet of the run."
    )
    if same and overlap == "error":
        raise InputError(
            f"{format_count(same)} of the {format_count(n)} new examples are examples of the "
            f"sealed test set of the run: {listing(first, 5)}.{why} Leave them out, or set "
            "`overlap: drop` for this source."
        )
    if n and alike / n >= MANY_ALIKE:
        raise InputError(
            f"{format_count(alike)} of the {format_count(n)} new examples resemble examples of the "
            f"sealed test set of the run, as edited copies do.{why} Leave these out."
        )
    if not keep.any():
        raise InputError("All new examples are of the sealed test set: none is left to predict.")
    return keep, {"is_known": True, "same": same, "alike": alike}


def _describe(packed: PackedModel, examples, features, keep, missing: int, outputs) -> dict:
    """Write examples with their flags and the nearest training example, and their features."""
    modality, counts = packed.dataset.modality, {}
    training = NearestTraining(packed.folder, modality) if packed.facts["is_public"] else None
    writer = None
    with whole_file(outputs.examples) as table_path, whole_file(outputs.features) as array_path:
        shape = (int(keep.sum()), features.shape[1])
        with features_writer(array_path, features.dtype, shape, is_sparse=False) as add:
            for rows, table in tables(examples, chunks(len(features), features.shape[1])):
                table, part = table[keep[rows]], dense(features[rows])[keep[rows]]
                table = table.reset_index(drop=True)
                add(part)
                known = _known(packed, table, part, training, missing, counts)
                arrow = pa.Table.from_pandas(known, _schema(known), preserve_index=False)
                writer = writer or pa.parquet.ParquetWriter(table_path, arrow.schema)
                writer.write_table(arrow)
        writer.close()
    return counts


def _known(packed: PackedModel, table, features, training, missing: int, counts: dict):
    """A chunk of examples with what is known of them; flags are counted."""
    flags = outside(packed.folder, packed.facts, table, features)
    kept = [*KEPT, *packed.dataset.label_columns[1:]]
    known = table[[name for name in kept if name in table]].copy()
    others = [name for name in packed.dataset.covariates if name in table and name not in known]
    known = known.join(table[others])
    text = known.columns[~known.dtypes.map(pd.api.types.is_numeric_dtype)]
    known[text] = known[text].mask(known[text] == NOT_GIVEN)
    if missing:
        flags["missing_features"] = np.ones(len(table), dtype=bool)
    if training is not None:
        ids, identity = training.nearest(features, _canonical_hashes(table, features))
        known["nearest"], known["identity"] = ids, identity
        limit = NEAR_IDENTICAL[packed.dataset.modality]
        flags["near_identical"] = np.nan_to_num(identity) >= limit
    for name, which in flags.items():
        counts[name] = counts.get(name, 0) + int(which.sum())
    names, is_set = np.array(list(flags)), np.stack(list(flags.values()), axis=1)
    known["flags"] = [",".join(names[row]) for row in is_set]
    return known


def _canonical_hashes(table: pd.DataFrame, features: np.ndarray) -> np.ndarray:
    """Canonical content hashes (N,) of examples; of rows as the model takes them.

    Those in the table are of the features of the new data, in the order that their file has.
    """
    if features.dtype != np.uint8:
        return row_hashes(features)
    return table["canonical_hash"].to_numpy(dtype=np.uint64)


def _schema(table: pd.DataFrame) -> pa.Schema:
    """Types of the columns, the same for every chunk: numbers where they are numbers, else text."""
    types = {"start": pa.int64(), "end": pa.int64(), "identity": pa.float64()}
    return pa.schema(
        [
            (
                name,
                types.get(name)
                or (pa.float64() if pd.api.types.is_numeric_dtype(table[name]) else pa.string()),
            )
            for name in table
        ]
    )
