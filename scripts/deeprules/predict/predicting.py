"""Predictions of a fitted model and all its seeds for new examples, some at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.files import read_array, read_json, write_json, write_table
from deeprules.fit.prediction_tables import prediction_columns
from deeprules.predict.calibrations import apply_calibration
from deeprules.predict.example_tables import columns_without_values, tables
from deeprules.predict.outcomes import outcome_of
from deeprules.predict.packed import PackedModel
from deeprules.predict.tables_out import growing_table
from deeprules.predict.training_facts import chunks
from deeprules.predict.validation import validation_of

COLUMNS_OF_EXAMPLES = ("id", "source", "chromosome", "start", "end", "strand")
COLUMNS_OF_TRAINING = ("nearest", "identity", "flags")


@dataclass(frozen=True)
class Chunk:
    """Some new examples with their predictions.

    Attributes
    ----------
    table : the rows of the table of predictions
    examples : their rows of the table of examples
    ensemble : mean over seeds, probabilities (N, C) or values (N,)
    by_seed : the same of each seed
    """

    table: pd.DataFrame
    examples: pd.DataFrame
    ensemble: np.ndarray
    by_seed: dict[str, np.ndarray]


def predict_chunks(
    packed: PackedModel, models: Mapping[str, object], examples: str | Path, features: str | Path
) -> Iterator[Chunk]:
    """Predictions of all new examples, in their order.

    Parameters
    ----------
    models : {seed: fitted model}
    examples, features : files that `read_new_examples` wrote
    """
    hidden = [*packed.dataset.label_columns, *columns_without_values(examples)]
    for rows, table in tables(examples, chunks(*read_array(features).shape)):
        given = table.drop(columns=hidden, errors="ignore")
        part = np.array(read_array(features)[rows])  # No map stays open: its pages would add up.
        by_seed = {seed: np.asarray(one.predict(part, given)) for seed, one in models.items()}
        ensemble = np.mean(list(by_seed.values()), axis=0)
        yield Chunk(prediction_rows(packed, table, ensemble, by_seed), table, ensemble, by_seed)


def prediction_rows(
    packed: PackedModel,
    examples: pd.DataFrame,
    ensemble: np.ndarray,
    by_seed: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """The table of predictions, a row an example.

    Of classes: the predicted one, its calibrated probability as `confidence`; of each class (of two
    the positive one alone) the probability by the ensemble, calibrated, by each seed, and the
    lowest and highest of the seeds. Of several labels: those predicted, and the same of each. Of
    values: the same of the value, without calibration.
    """
    columns = [name for name in COLUMNS_OF_EXAMPLES if name in examples]
    table, dataset = examples[columns].copy(), packed.dataset
    each = ensemble.reshape(len(ensemble), -1)
    calibration = packed.model["calibration"]
    if calibration is not None:
        calibrated = apply_calibration(calibration, ensemble)
        for name, values in outcome_of(dataset).columns(ensemble, calibrated).items():
            table[name] = values
    for place, name in enumerate(prediction_columns(dataset)):
        if dataset.task == "binary" and place == 0:
            continue
        table[name] = each[:, place]
        if name.startswith("p_"):
            table[f"calibrated_{dataset.outputs[place]}"] = calibrated[:, place]
        values = {key: one.reshape(len(one), -1)[:, place] for key, one in by_seed.items()}
        _add_seeds(table, name, values)
    known = [name for name in COLUMNS_OF_TRAINING if name in examples]
    return table.join(examples[known])


def _add_seeds(table: pd.DataFrame, name: str, by_seed: Mapping[str, np.ndarray]) -> None:
    """Columns of each seed, and of the lowest and highest: that is no interval with one seed."""
    for seed, values in by_seed.items():
        table[f"{name}_seed{seed}"] = values
    if len(by_seed) > 1:
        table[f"{name}_lowest"] = np.min(list(by_seed.values()), axis=0)
        table[f"{name}_highest"] = np.max(list(by_seed.values()), axis=0)


def predict_examples(packed: PackedModel, models: Mapping[str, object], paths, outputs, seed: int):
    """Predict all new examples, write the tables, and score those that have a label.

    Parameters
    ----------
    models : {seed: fitted model}
    paths : what `read_new_examples` wrote: `examples`, `features`, and its summary as `read`
    outputs : paths `predictions`, `parquet`, `scores` and `summary`
    seed : seed of the bootstrap

    Returns
    -------
    The summary, as it is written.
    """
    read = read_json(paths.read)
    header = [*packed.header, *read_sentences(read)]
    validation, outcome = validation_of(packed, seed), outcome_of(packed.dataset)
    with growing_table(outputs.predictions, outputs.parquet, header) as table:
        for chunk in predict_chunks(packed, models, paths.examples, paths.features):
            table.add(chunk.table)
            validation.take(chunk.examples, chunk.by_seed)
            outcome.count(chunk.table, chunk.ensemble)
    scores, notes = validation.scores()
    write_table(outputs.scores, scores)
    summary = {
        "model": packed.name,
        "kind": packed.model["kind"],
        "objective": packed.facts["objective"],
        "header": header,
        "verdict": packed.facts["verdict"],
        "n": read["n"],
        "flags": read["flags"],
        "notes": read["notes"],
        **outcome.facts(),
        "labelled": validation.n,
        "score_notes": notes,
    }
    write_json(outputs.summary, summary)
    return summary


def read_sentences(read: Mapping) -> list[str]:
    """What every file of predictions says of the examples."""
    tested = read["tested"]
    if not tested["is_known"]:
        said = ["Whether any example is of the sealed test set is not known: data are not public."]
    elif tested["same"]:
        said = [f"{tested['same']:,} examples of the sealed test set were left out."]
    else:
        said = ["No example is of the sealed test set."]
    if tested["alike"]:
        said.append(f"{tested['alike']:,} examples resemble one of the sealed test set.")
    flags = [f"{name} {n:,}" for name, n in read["flags"].items() if n]
    return [*said, f"Flags among {read['n']:,} examples: {', '.join(flags) or 'none'}."]
