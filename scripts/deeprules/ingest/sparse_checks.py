"""What looks at sparse rows of a matrix: only at the numbers that are stored."""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from deeprules.ingest.precision import LARGEST
from deeprules.ingest.scales import Scales
from deeprules.ingest.sources import Chunk, Source
from deeprules.ingest.transforms import PER, TAKES_COUNTS, transformed


def take_sparse(
    source: Source, chunk: Chunk, transform: str, scales: Scales
) -> np.ndarray | sparse.csr_array:
    """Rows (N, P) of a chunk, checked and transformed, as `float32`.

    They are an array where the transformation leaves no zeros. What cannot be used is reported, and
    becomes 0.
    """
    rows = sparse.csr_array(chunk.features, dtype=np.float64, copy=True)
    rows.sum_duplicates()
    report = _reporter(source, chunk, rows)
    report(np.isinf(rows.data), "Give a finite number")
    report(
        np.isnan(rows.data),
        "Fill it in: a sparse matrix holds no missing values, also with `missing: impute`",
    )
    report(np.abs(rows.data) > LARGEST, f"Divide the feature: {LARGEST:.2g} is the largest number")
    rows.data[~(np.abs(rows.data) <= LARGEST)] = 0
    scales.see(rows.data)
    if transform in TAKES_COUNTS:
        remedy = f"Set `transform: none` in data, or name the counts; {transform} takes counts"
        report(rows.data < 0, remedy)
        rows.data[rows.data < 0] = 0
    if transform in PER:
        source.problem_at(
            np.flatnonzero(rows.sum(axis=1) == 0),
            lambda i: (*chunk.place(i), "all counts are 0"),
            "Leave the sample out: `data: exclude: {id: [its id, ...]}`",
        )
    rows.eliminate_zeros()
    found = transformed(transform, rows).astype(np.float32)
    # Ranks are of one form in all chunks, though those of zeros are 0 where nothing is below 0.
    return sparse.csr_array(found) if transform == "rank" else found


def _reporter(source: Source, chunk: Chunk, rows: sparse.csr_array) -> Callable:
    """A function that notes stored numbers for which a condition (K) is true."""
    numbers = rows.data.copy()

    def report(wrong: np.ndarray, remedy: str) -> None:
        def describe(place: int) -> tuple:
            row = int(np.searchsorted(rows.indptr, place, side="right")) - 1
            name = chunk.feature_names[rows.indices[place]]
            return *chunk.place(row, name), f"it is {numbers[place]:g}"

        source.problem_at(np.flatnonzero(wrong), describe, remedy)

    return report
