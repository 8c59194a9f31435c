"""The single evaluation on the test set.

The order is what matters: the models are verified against what was frozen and tried on tune, the
opening is entered in the ledger with a hash of the test labels, and only then are predictions made
and labels used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.cautions import as_records
from deeprules.data import Dataset, Partition
from deeprules.evaluate.comparison import Comparison, comparison_table
from deeprules.evaluate.freezing import models_sha256, verify_models
from deeprules.evaluate.identity import example_hashes
from deeprules.evaluate.near_perfect import near_perfect_cautions
from deeprules.evaluate.opening import Request, open_test_set
from deeprules.evaluate.rehearsal import check_room, predict_frozen, rehearse
from deeprules.evaluate.reliability import examine_test
from deeprules.evaluate.score_tables import (
    all_predictions,
    class_tables,
    model_tests,
    score_table,
)
from deeprules.evaluate.several_labels import judge_labels, twins_of
from deeprules.evaluate.smallest_test import too_small
from deeprules.evaluate.transfer_comparison import transfer_pairs, transfer_record, twins
from deeprules.evaluate.verdict import verdict_record
from deeprules.files import write_json, write_table
from deeprules.run_record import git_state
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling


@dataclass(frozen=True)
class Settings:
    """How an evaluation is made.

    Attributes
    ----------
    objective : metric of the verdict
    minimum_gain : smallest gain that is worth a network, as
        `deeprules.statistics.metrics.smallest_gain` takes it
    bootstrap : number of replicates
    seed : seed of the replicates
    reopen : reason for opening a test set once more, or None
    """

    objective: str
    minimum_gain: float | Mapping[str, float]
    bootstrap: int
    seed: int
    reopen: str | None = None


def evaluate_test(
    frozen: dict,
    models: list[str],
    test: Partition,
    study: dict,
    settings: Settings,
    ledger: str | Path,
    load: Callable[[str], object],
    starting: Mapping[str, Mapping] | None = None,
    development: tuple[Partition, Partition] | None = None,
    results_folder: str | Path | None = None,
    prefixes: Mapping[str, str] | None = None,
    entries: Mapping[str, Mapping] | None = None,
) -> dict[str, pd.DataFrame | dict]:
    """Open the test set, score the frozen models on it and compare them.

    Parameters
    ----------
    frozen : content of `frozen.json`
    models : model files at hand
    test : the sealed partition; before the ledger agrees it is read for hashing alone
    study : content of `study.json`
    ledger : folder of the ledger
    load : from a model file to an object with `predict(features, examples)`
    starting : the models that name a pretrained one, see `transfer_pairs`
    entries : of all models, where there are several labels, see `twins_of`
    development : train and tune, for what is fitted on them and judged on test, and for trying
        every model before the opening
    results_folder : where the results will be written
    prefixes : what stands before the ids of each source, by its name

    Returns
    -------
    Tables scores, predictions, per_class, pr_curve, roc_curve, calibration, confusion,
    tests, comparison; dictionaries verdict, opening and, where `starting` is given, transfer;
    with several labels what `deeprules.evaluate.several_labels.judge_labels` returns.
    Where `development` is given, also those of `deeprules.evaluate.reliability.examine_test`.

    Raises
    ------
    InputError if a model is not the frozen one or does not predict as it did when it was fitted,
    if the results cannot be written, or if the ledger refuses the opening.
    """
    verify_models(frozen, models, settings.objective)
    request = _request(frozen, test, study, settings, prefixes or {})
    if results_folder is not None:
        check_room(results_folder, len(test) * len(models) * max(len(test.dataset.outputs), 1))
    on_tune = {}
    if development is not None:
        on_tune = rehearse(frozen, development[1], load, settings.objective)
    opening = open_test_set(ledger, request)
    predictions = predict_test(frozen, test, load)
    fits = {name: list(by_seed.values()) for name, by_seed in predictions.items()}
    resampling = choose_resampling(test.dataset.task, test.labels, test.groups)
    scored = bootstrap_scores(
        test.dataset.task, test.labels, fits, resampling, settings.bootstrap, settings.seed
    )
    kinds = {name: model["kind"] for name, model in frozen["models"].items()}
    comparison = Comparison(
        scored,
        **frozen["chosen"],
        metric=settings.objective,
        minimum_gain=settings.minimum_gain,
        kinds=kinds,
        too_small=too_small(test.dataset.task, resampling),
    )
    verdict = verdict_record(comparison)
    verdict["reasons"] += _test_reasons(
        resampling, settings, fits, opening, len(test.dataset.labels)
    )
    examined = examine_test(development, test, on_tune, predictions, frozen, load, settings)
    cautions = near_perfect_cautions(scored, kinds, settings.objective)
    verdict |= {
        "resampling": resampling.unit,
        "n_units": resampling.n_units,
        "cautions": as_records([*cautions, *examined.pop("cautions", [])]),
        "study_sha256": study["sha256"],
    }
    pairs = transfer_pairs(starting or {})
    labels, alone = {}, []
    if test.dataset.has_several_labels:
        alone = twins_of(entries or {})
        train = test if development is None else development[0]
        labels = judge_labels(train, test, fits, frozen, scored, settings, alone)
    transfer = transfer_record(pairs, scored, settings.objective)
    return {
        "scores": score_table(scored, kinds, frozen, test.dataset.task),
        "predictions": all_predictions(test, predictions),
        **class_tables(test, fits),
        "tests": model_tests(test, fits, kinds),
        "comparison": comparison_table(scored, kinds, [*twins(pairs), *alone]),
        "verdict": verdict,
        "opening": opening,
        **({} if starting is None else {"transfer": transfer}),
        **labels,
        **examined,
    }


def write_evaluation(results: dict[str, pd.DataFrame | dict], paths) -> None:
    """Write each result to the path of its name (`paths` is Snakemake's output)."""
    for name, content in results.items():
        write = write_json if isinstance(content, dict) else write_table
        write(paths[name], content)


def predict_test(
    frozen: dict, test: Partition, load: Callable[[str], object]
) -> dict[str, dict[str, np.ndarray]]:
    """{model: {seed: predictions (N, C) or (N,)}} of every frozen fit, which sees no labels."""
    return {
        name: dict(zip(map(str, frozen["models"][name]["seeds"]), predictions, strict=True))
        for name, predictions in predict_frozen(frozen, test, load).items()
    }


def _request(
    frozen: dict, test: Partition, study: dict, settings: Settings, prefixes: Mapping[str, str]
) -> Request:
    """What the ledger is asked for."""
    return Request(
        models_sha256=models_sha256(frozen),
        **example_hashes(test, prefixes),
        study=study,
        objective=settings.objective,
        minimum_gain=settings.minimum_gain,
        reason=settings.reopen,
        commit=git_state(Path(__file__).parent)["commit"],
    )


def _test_reasons(
    resampling, settings: Settings, fits: dict, opening: dict, n_labels: int
) -> list[str]:
    """Sentences on what the intervals rest on and how often the test set was opened."""
    n_fits = max(len(one) for one in fits.values())
    drawn = "of one fit for each model" if n_fits == 1 else f"over up to {n_fits} fits of a model"
    stated = [
        f"Intervals are 95% t intervals, with and without correction for bias, from "
        f"{settings.bootstrap} bootstrap replicates of {resampling.unit} "
        f"(n = {resampling.n_units}), {drawn}."
    ]
    if resampling.note:
        stated.append(resampling.note)
    if n_labels:
        stated.append(
            f"Scores are plain means over {n_labels} labels, each over the examples of which it is "
            "known."
        )
    stated.append(
        f"This is opening {opening['index']} of {opening['n_project']} in this project's ledger, "
        f"and {opening['n_openings']} of them saw this test set or part of it."
    )
    if opening["n_openings"] > 1:
        stated.append(
            f"The test set, or part of it, was opened {opening['n_openings']} times: scores after "
            "the first opening are likely too good."
        )
    return stated + opening["changes"]


def sealed_test(examples: str | Path, dataset: str | Path) -> Partition:
    """The sealed partition that the table `examples` lies in."""
    return Partition(Path(examples).parent, Dataset.load(dataset))
