"""Variants read, checked against the genome, and written as pairs of windows for scoring."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from deeprules.datasets import bed
from deeprules.errors import InputError
from deeprules.files import read_table, scratch_folder, whole_file, write_json
from deeprules.ingest.genomes import Genome
from deeprules.ingest.interval_windows import Windows
from deeprules.ingest.problems import Problems
from deeprules.ingest.sources import Source
from deeprules.names import chromosome_key
from deeprules.predict.packed import PackedModel
from deeprules.predict.shuffled_variants import Reservoir, shuffle_variants
from deeprules.predict.variant_files import Variant, read_variants
from deeprules.predict.variant_windows import Regions, VariantWindows, codes

CHUNK = 10_000
COLUMNS = ["row", "allele", "chromosome", "position", "id", "ref", "alt", "training", "in_region"]
_TYPES = dict.fromkeys(("row", "allele", "position"), pa.int64()) | {"in_region": pa.bool_()}
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in COLUMNS])
EXCLUDED = ["row", "chromosome", "position", "id", "ref", "alt", "reason", "found"]


def read_new_variants(
    packed: PackedModel,
    settings: Mapping,
    file: str | Path,
    genome: str | Path,
    outputs,
    seed: int,
    regions: tuple[Mapping, str | Path] | None = None,
) -> dict:
    """Read variants, check them against the genome, and write their windows.

    Parameters
    ----------
    settings : of the source of the variants, complete with the defaults of any source
    outputs : paths `variants` (Parquet), `windows` (codes, N x 2 x L bytes), `shuffled` (the same
        of shuffled variants), `excluded` (TSV) and `summary` (JSON)
    seed : seed of the shuffled variants
    regions : settings and file (BED) of the intervals in whose windows variants are seen; None has
        each in the middle of a window of its own

    Returns
    -------
    The summary, as it is written.

    Raises
    ------
    InputError
        If the model does not take sequences, the file or an allele is wrong, or too many variants
        do not fit the genome.
    """
    if packed.dataset.modality != "sequence":
        raise InputError(f"The model `{packed.name}` takes rows of numbers: it sees no variant.")
    with scratch_folder(Path(outputs.windows).parent / ".unfinished-variants") as scratch:
        source = Source(
            name="variants",
            path=Path(file),
            settings=settings,
            problems=Problems(),
            scratch=scratch,
            genome=Path(genome),
        )
        with closing(Genome(source)) as opened:
            windows = _regions(packed, source, opened, regions) if regions else None
            cutter = VariantWindows(opened, packed.dataset.n_features, windows)
            reservoir = Reservoir(settings["shuffled"], seed)
            training = TrainingIntervals(packed.folder)
            n, n_in_region = _write_variants(training, source, cutter, reservoir, outputs)
            if not n:
                raise InputError(f"{file}: no variant is left to score. See {outputs.excluded}.")
            shuffled = shuffle_variants(cutter, reservoir, settings["shuffled"])
            _write_windows(outputs.shuffled, shuffled.windows)
            notes = opened.notes
    summary = {
        "n": n,
        "looked_at": cutter.excluded.n,
        "excluded": dict(cutter.excluded.counts),
        "changes_length": shuffled.changes_length,
        "chromosomes": cutter.chromosomes,
        "in_region": n_in_region if regions else None,
        "centre": Windows.centre_of(packed.facts["data"]) if training.is_known else None,
        "notes": notes,
    }
    write_json(outputs.summary, summary)
    return summary


def _regions(packed, source: Source, genome: Genome, regions) -> Regions:
    """Windows of the intervals of a BED file, cut as those of the run were.

    Raises
    ------
    InputError
        If an interval is wrong, or none of them can be cut.
    """
    (settings, file), width = regions, packed.dataset.n_features
    opened = replace(source, path=Path(file), settings=settings, name="regions")
    data = {"intervals": {**packed.facts["data"]["intervals"], "width": width}}
    survey = bed.survey(opened)
    opened = replace(opened, windows=Windows(data, [survey]), chromosomes=survey.chromosomes)
    found = Regions(bed.windows(opened, genome), width)
    opened.problems.raise_any()
    return found


def _write_variants(
    training, source: Source, cutter: VariantWindows, reservoir, outputs
) -> tuple[int, int]:
    """Write all variants that can be scored, and a list of the others.

    Returns
    -------
    How many can be scored, and how many of these are seen in the window of a region.

    Raises
    ------
    InputError
        With every allele that is none, or if the variants are of another assembly.
    """
    n = n_in_region = 0
    with (
        whole_file(outputs.variants) as table_path,
        whole_file(outputs.windows) as windows_path,
        whole_file(outputs.excluded) as excluded_path,
    ):
        with (
            pa.parquet.ParquetWriter(table_path, SCHEMA) as writer,
            open(windows_path, "wb") as file,
            open(excluded_path, "w", encoding="utf-8") as listed,
        ):
            listed.write("\t".join(EXCLUDED) + "\n")
            for found in _chunks(source):
                pairs = [(variant, cutter.cut(variant)) for variant in found]
                kept = [variant for variant, windows in pairs if windows is not None]
                if kept:
                    file.write(codes([windows for _, windows in pairs if windows]).tobytes())
                    table = _table(kept, training, cutter)
                    n_in_region += pc.sum(table["in_region"]).as_py()
                    writer.write_table(table)
                for variant in kept:
                    reservoir.add(variant)
                _write_excluded(listed, cutter.excluded.rows)
                n += len(kept)
        source.problems.raise_any()
        cutter.excluded.check_assembly(source.genome.name)
    return n, n_in_region


def _chunks(source: Source) -> Iterator[list[Variant]]:
    """Variants, some at a time."""
    variants = read_variants(source)
    while found := list(islice(variants, CHUNK)):
        yield found


def _table(variants: list[Variant], training: "TrainingIntervals", cutter) -> pa.Table:
    """Variants as rows, with the training example that each lies in, and whether in a region."""
    frame = pd.DataFrame([vars(variant) for variant in variants])
    frame["training"] = training.holding(frame["chromosome"], frame["position"].to_numpy() - 1)
    frame["in_region"] = [cutter.in_region(variant) for variant in variants]
    return pa.Table.from_pandas(frame[COLUMNS], SCHEMA, preserve_index=False)


def _write_excluded(file, rows: list) -> None:
    """Write the variants that were left out, and forget them."""
    if rows:
        table = [
            {**vars(variant), "reason": reason, "found": found} for variant, reason, found in rows
        ]
        pd.DataFrame(table)[EXCLUDED].to_csv(file, sep="\t", index=False, header=False)
        rows.clear()


def _write_windows(path: str | Path, windows: list) -> None:
    with whole_file(path) as unfinished:
        unfinished.write_bytes(codes(windows).tobytes() if windows else b"")


class TrainingIntervals:
    """Where the training examples lie in the genome, if the packed model knows it."""

    def __init__(self, folder: Path):
        self._by_key = {}
        path = folder / "training" / "examples.parquet"
        table = read_table(path) if path.is_file() else pd.DataFrame()
        self.is_known = {"chromosome", "start", "end"} <= set(table.columns)
        if not self.is_known:
            return
        table = table.dropna(subset=["chromosome", "start", "end"]).sort_values("start")
        keys = table["chromosome"].map(chromosome_key)
        for key, rows in table.groupby(keys, sort=False):
            starts, ends = (rows[name].to_numpy(dtype=np.int64) for name in ("start", "end"))
            last = np.maximum.accumulate(ends)
            self._by_key[key] = starts, ends, last, rows["id"].to_numpy()

    def holding(self, chromosomes: pd.Series, positions: np.ndarray) -> list[str | None]:
        """Id (N) of a training example that holds each position (from 0); None where none does."""
        keys = {name: chromosome_key(name) for name in chromosomes.unique()}
        return [
            self._one(keys[name], position)
            for name, position in zip(chromosomes, positions.tolist(), strict=True)
        ]

    def _one(self, key: str, position: int) -> str | None:
        if key not in self._by_key:
            return None
        starts, ends, last, ids = self._by_key[key]
        row = int(np.searchsorted(starts, position, side="right")) - 1
        while row >= 0 and last[row] > position:
            if ends[row] > position:
                return ids[row]
            row -= 1
        return None
