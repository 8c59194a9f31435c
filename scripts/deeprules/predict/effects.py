"""The effect of a variant on a prediction: the difference of the log odds between its alleles."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet

from deeprules.data import Dataset
from deeprules.encoding import reverse_complement
from deeprules.files import read_json, write_json
from deeprules.interpret.both_sides import both_sides
from deeprules.predict.packed import PackedModel
from deeprules.predict.tables_out import growing_table
from deeprules.statistics.log_odds import log_odds

CHUNK = 10_000
STRANDS = ("forward", "reverse")
SHOWN = ("chromosome", "position", "id", "ref", "alt", "row", "allele")


def outputs_of(dataset: Dataset) -> list[str]:
    """What an effect is on: the positive class, each of several classes or labels, or the value."""
    if dataset.task == "binary":
        return [dataset.classes[1]]
    return list(dataset.outputs) or ["value"]


def effect_columns(dataset: Dataset) -> list[str]:
    """Columns with the effects of the ensemble, one for each of `outputs_of`."""
    names = outputs_of(dataset)
    return ["effect"] if len(names) == 1 else [f"effect_{name}" for name in names]


def _scores(dataset: Dataset, predictions: np.ndarray) -> np.ndarray:
    """What an effect is the difference of: log odds (N, K), or values (N, 1)."""
    found = log_odds(predictions, dataset.task)
    return found[:, 1:] if dataset.task == "binary" else found


def effects(dataset: Dataset, model: object, windows: np.ndarray) -> np.ndarray:
    """Effects (2, N, K) on both strands of windows (N, 2, L): reference, then alternative.

    Exchanging the alleles changes the sign of an effect and nothing else.
    """
    found = []
    for turn in (np.asarray, reverse_complement):
        reference, alternative = (
            _scores(dataset, np.asarray(model.predict(turn(windows[:, place]), None)))
            for place in (0, 1)
        )
        found.append(alternative - reference)
    return np.stack(found)


def effect_rows(packed: PackedModel, models: Mapping[str, object], windows: np.ndarray):
    """Columns of effects of N variants: of the ensemble, on each strand, by each seed.

    The ensemble is the mean over seeds and strands; `sd` is that of the seeds.
    """
    by_seed = {seed: effects(packed.dataset, one, windows) for seed, one in models.items()}
    stacked = np.stack(list(by_seed.values()))
    table = {}
    for place, start in enumerate(effect_columns(packed.dataset)):
        each = stacked[..., place]
        table[start] = each.mean(axis=(0, 1))
        table[f"{start}_sd"] = each.mean(axis=1).std(axis=0, ddof=1) if len(each) > 1 else np.nan
        for number, strand in enumerate(STRANDS):
            table[f"{start}_{strand}"] = each[:, number].mean(axis=0)
        for seed, values in zip(by_seed, each, strict=True):
            table[f"{start}_seed{seed}"] = values.mean(axis=0)
    return pd.DataFrame(table)


class Null:
    """Effects of shuffled variants: those that change the length, and those that do not.

    Parameters
    ----------
    table : their `effect_rows`
    names : its columns with effects of the ensemble
    changes_length : (M,) which of them change the length
    """

    def __init__(self, table: pd.DataFrame, names: Sequence[str], changes_length: np.ndarray):
        self.names = names
        self._sorted = {
            (name, kind): np.sort(table[name].abs().to_numpy()[changes_length == kind])
            for name in names
            for kind in (False, True)
        }

    def p_values(self, name: str, values: np.ndarray, changes_length: np.ndarray) -> np.ndarray:
        """Two-sided p (N,): how often a shuffled variant has as large an effect, one added to both.

        Source: Phipson and Smyth 2010, Statistical Applications in Genetics 9:39. NaN where there
        is no shuffled variant of the kind.
        """
        found = np.full(len(values), np.nan)
        for kind in (False, True):
            known, which = self._sorted[name, kind], changes_length == kind
            if len(known):
                larger = len(known) - np.searchsorted(known, np.abs(values[which]), side="left")
                found[which] = (1 + larger) / (1 + len(known))
        return found


def score_variants(packed: PackedModel, models: Mapping[str, object], paths, outputs) -> dict:
    """Write the effects of all variants.

    Parameters
    ----------
    models : {seed: fitted model}
    paths : what `read_new_variants` wrote: `variants`, `windows`, `shuffled`, its summary as `read`
    outputs : paths `effects` (TSV), `parquet` and `summary`

    Returns
    -------
    The summary, as it is written.
    """
    read, width = read_json(paths.read), packed.dataset.n_features
    models = {seed: both_sides(one) for seed, one in models.items()}
    shuffled = _windows(paths.shuffled, width)
    null = None
    if len(shuffled):
        parts = [shuffled[at : at + CHUNK] for at in range(0, len(shuffled), CHUNK)]
        drawn = pd.concat([effect_rows(packed, models, np.asarray(one)) for one in parts])
        changes_length = np.array(read["changes_length"], dtype=bool)
        null = Null(drawn, effect_columns(packed.dataset), changes_length)
    header = [*packed.header, *_sentences(packed, read)]
    last = ["training", "in_region"] if read["in_region"] is not None else ["training"]
    with growing_table(outputs.effects, outputs.parquet, header) as table:
        for variants, windows in _variants(paths, width):
            found = effect_rows(packed, models, windows)
            if null is not None:
                length = variants["ref"].str.len() != variants["alt"].str.len()
                for name in null.names:
                    found[name.replace("effect", "p_value", 1)] = null.p_values(
                        name, found[name].to_numpy(), length.to_numpy()
                    )
            table.add(pd.concat([variants[list(SHOWN)], found, variants[last]], axis=1))
    facts = ("n", "looked_at", "excluded", "chromosomes", "notes")
    summary = {"model": packed.name, "header": header, "shuffled": len(shuffled)}
    summary |= {name: read[name] for name in facts}
    write_json(outputs.summary, summary)
    return summary


def _windows(path: str | Path, width: int) -> np.ndarray:
    """Pairs of windows (N, 2, L), memory-mapped."""
    if not Path(path).stat().st_size:
        return np.zeros((0, 2, width), dtype=np.uint8)
    return np.memmap(path, np.uint8, "r").reshape(-1, 2, width)


def _variants(paths, width: int) -> Iterator[tuple[pd.DataFrame, np.ndarray]]:
    """Variants and their windows, some at a time."""
    windows, start = _windows(paths.windows, width), 0
    with pyarrow.parquet.ParquetFile(paths.variants) as file:
        for batch in file.iter_batches(CHUNK):
            table = batch.to_pandas()
            yield table, np.asarray(windows[start : start + len(table)])
            start += len(table)


def _sentences(packed: PackedModel, read: Mapping) -> list[str]:
    """What the file says of its effects."""
    dataset, names = packed.dataset, outputs_of(packed.dataset)
    what = "predicted value"
    if dataset.is_classification or dataset.are_classes.any():
        # Of labels of both kinds those are told that are there or not.
        odds = np.array(names)[dataset.are_classes] if dataset.labels else names
        what = f"natural log odds of {', '.join(odds)}"
        what += "" if dataset.is_classification else " (of the other labels the predicted value)"
    said = [
        f"Effects are differences of the {what}, alternative less reference allele, in windows of "
        f"{packed.dataset.n_features:,} bases around the variant; mean over fits and both strands.",
        *_of_windows(read),
        f"{read['n']:,} of {read['looked_at']:,} variants have one"
        + "".join(f"; {n:,} left out: {reason}" for reason, n in read["excluded"].items())
        + ".",
    ]
    if read["changes_length"]:
        said.append(_of_p_values(np.array(read["changes_length"], dtype=bool)))
    said.append("`training` names a training example that holds the place: the model has seen it.")
    return said


def _of_windows(read: Mapping) -> list[str]:
    """Where windows lie that are not around the variant, or should not be."""
    if read["in_region"] is not None:
        return [
            f"{read['in_region']:,} of {read['n']:,} variants lie in a region, and are seen in its "
            "window, as the model was trained; the others are in the middle of their window "
            "(`in_region`)."
        ]
    if read["centre"] is None:
        return []
    return [
        f"The model was trained on windows around the {read['centre']} of intervals: around a "
        "variant that is far from one it sees what it was not trained on. `regions` in the "
        "configuration names the intervals in whose windows variants are to be seen."
    ]


def _of_p_values(changes_length: np.ndarray) -> str:
    """What p values are against, and how small they can be."""
    kinds = {"that keep the length": ~changes_length, "that change it": changes_length}
    counts = [(name, int(which.sum())) for name, which in kinds.items() if which.any()]
    smallest = ", ".join(f"{1 / (1 + n):.2g} for variants {name} ({n:,})" for name, n in counts)
    return (
        f"p values are against {len(changes_length):,} shuffled variants: the same changes with "
        "the bases on either side shuffled, which keeps their dinucleotides. They are of one "
        f"variant, not corrected for their number; the smallest that is possible is {smallest}."
    )
