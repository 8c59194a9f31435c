"""Cells of the simulation study: simulated data from the simulation to the verdict.

Each repeat goes the road of a run by the functions that the rules use: simulate, build, audit,
split, search, fit, freeze, one opening of the test set, and the verdict weighed by what the stages
found. There are no controls. Nothing of it stays but one row.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.audit.audit import COLUMNS as AUDITED
from deeprules.audit.audit import audit
from deeprules.cautions import collect_cautions
from deeprules.checks.giveaways import find_giveaways
from deeprules.conclude.conclusion import conclude
from deeprules.costs import COLUMNS as COST_COLUMNS
from deeprules.data import Dataset, Development, Partition
from deeprules.evaluate.evaluation import Settings, evaluate_test, sealed_test
from deeprules.evaluate.freezing import KINDS, freeze_models
from deeprules.files import read_array, read_table, scratch_folder
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitted_files import files_of_fit
from deeprules.fit.fitting import fit, write_fit
from deeprules.fit.models import FILE_NAMES, ChosenHyperparameters, load_model
from deeprules.ingest.building import Outputs, build_dataset
from deeprules.ingest.missing_values import count_missing
from deeprules.seeds import derived_seed
from deeprules.simulate.expected_verdicts import expected_verdict
from deeprules.simulate.planted_positions import position_auroc
from deeprules.simulate.simulation import simulate, write_gzipped
from deeprules.split.partitions import PARTITIONS, existing_columns, write_partitions
from deeprules.split.splits import split_examples
from deeprules.tune.search import Search
from deeprules.tune.tuning import search_model

log = logging.getLogger("deeprules")

STUDY = {
    "study": {
        "question": "Does the verdict agree with the simulated truth?",
        "design": "simulated",
    },
    "sha256": "0" * 64,
}
"""Stands for the study that a run describes; the ledger of a repeat goes with the repeat."""


FACTORS = (
    "truth",
    "motif_information",
    "label_noise",
    "positive_share",
    "batch_confounding",
)
"""Parameters of the simulation that the table of repeats tells."""


@dataclass(frozen=True)
class Developed:
    """A simulated data set up to the models that go to the test.

    Attributes
    ----------
    train, tune : the partitions that models are made from
    found : summaries of the stages before the test: `audit`, `split` and `giveaways`
    best : {model: content of `best.yaml`}
    frozen : content of `frozen.json`
    models : the model files
    """

    train: Partition
    tune: Partition
    found: dict[str, dict]
    best: dict[str, dict]
    frozen: dict
    models: list[str]


def run_cell(
    cell: Mapping, repeats: int, seed: int, folder: Path, threads: int = 1
) -> pd.DataFrame:
    """Simulate, fit and judge a cell `repeats` times, each time with other data.

    Parameters
    ----------
    cell : `name`, `condition` and the sections `data` (one simulated source), `split`, `tuning`,
        `models` ({name: kind, module, space}), `fit` and `evaluation` of a resolved configuration
    seed : seed of the study; the name of the cell is part of its draws' seeds
    folder : a folder for what is not kept
    threads : threads of the job

    Returns
    -------
    One row a repeat: cell, condition, repeat, n, the parameters in `FACTORS`, the expected
    verdict, the verdict, gain with its bounds, the chosen models and their scores on test, what
    the audit says of batch and label (cramers_v, confounded), the verdict's sentence, and
    `position_auroc`.
    """
    rows = []
    for repeat in range(1, repeats + 1):
        draw = derived_seed(seed, repeat, *cell["name"].encode())
        with scratch_folder(folder / f"repeat{repeat}") as scratch:
            rows.append({**_facts(cell, repeat), **run_repeat(cell, draw, scratch, threads)})
        log.info("%s, repeat %d: %s", cell["name"], repeat, rows[-1]["sentence"])
    return pd.DataFrame(rows)


def run_repeat(cell: Mapping, seed: int, folder: Path, threads: int = 1) -> dict:
    """One data set of a cell and the verdict on it; see `run_cell`."""
    developed = develop(cell, seed, folder, threads)
    evaluation = {name: cell["evaluation"][name] for name in ("minimum_gain", "bootstrap")}
    results = evaluate_test(
        developed.frozen,
        developed.models,
        sealed_test(folder / "test/examples.parquet", folder / "dataset.json"),
        STUDY,
        Settings(objective=cell["tuning"]["objective"], seed=seed, **evaluation),
        folder / "ledger",
        load_model,
    )
    stages = [*developed.found.values(), results["verdict"]]
    verdict = conclude(
        results["verdict"],
        developed.found["split"],
        STUDY["study"],
        controls=None,
        curves=None,
        costs=pd.DataFrame(columns=COST_COLUMNS),
        cautions=collect_cautions(stages),
    )
    found = _position_auroc(cell, developed, folder, seed)
    return _outcome(developed, results["scores"], verdict) | {"position_auroc": found}


def develop(cell: Mapping, seed: int, folder: Path, threads: int = 1) -> Developed:
    """Simulate, build, audit, split, search, fit and freeze; the test partition stays unread.

    The data set is written to `folder`, its partitions to folders of their names.
    """
    development, summaries = _partitions(cell, seed, folder)
    names = (folder / "feature_names.txt").read_text(encoding="utf-8").splitlines()
    summaries["giveaways"] = find_giveaways(*development, names, seed).summary
    tuning = cell["tuning"]
    budget = Budget(tuning["max_epochs"], tuning["patience"], threads)
    search = Search(tuning["strategy"], tuning["trials"], tuning["objective"], seed, budget)
    best, entries, models, scored = {}, [], [], []
    for name, entry in cell["models"].items():
        candidate, state = Candidate.of(name, entry), folder / "search" / name
        _, found = search_model(search, candidate, development, state)
        best[name] = {**found, "module": entry["module"]}
        hp = ChosenHyperparameters(best[name]["hyperparameters"])
        for number in range(1, cell["fit"]["seeds"] + 1):
            fitted = fit(candidate, hp, development, derived_seed(seed, number), budget)
            own = folder / "fit" / name / str(number)
            own.mkdir(parents=True)
            paths = files_of_fit(own, FILE_NAMES[entry["kind"]])
            write_fit(fitted, best[name], development, paths)
            entries.append({"model": name, "kind": entry["kind"], "seed": number})
            models.append(paths.model)
            scored.append(paths.scores)
    frozen = freeze_models(entries, models, scored, tuning["objective"], STUDY["sha256"])
    return Developed(*development, summaries, best, frozen, models)


def _partitions(cell, seed, folder) -> tuple[Development, dict[str, dict]]:
    """Train, tune, audit and split of newly simulated data; test is written next to them."""
    ((source, settings),) = cell["data"]["sources"].items()
    drawn, outputs = folder / "drawn.tsv.gz", _dataset_files(folder)
    write_gzipped(simulate({**settings["simulate"], "seed": seed}, seed), drawn)
    build_dataset(cell["data"], {source: drawn}, outputs)
    dataset = Dataset.load(outputs.dataset)
    examples = read_table(outputs.examples, columns=existing_columns(outputs.examples, AUDITED))
    missing = count_missing(read_array(outputs.features))
    policies = {name: cell["data"][name] for name in ("duplicates", "conflicts")}
    strategy = cell["split"]["strategy"]
    audited = audit(examples, dataset, missing, policies, outputs.examples, strategy=strategy)
    keep = audited.keep["keep"].to_numpy()
    split = split_examples(examples[keep], dataset, cell["split"], seed)
    partition = np.full(len(keep), "", dtype="<U5")
    partition[keep] = split.assignment["partition"]
    files = {}
    for name in PARTITIONS:
        (folder / name).mkdir()
        files[f"{name}_examples"] = folder / name / "examples.parquet"
        files[f"{name}_features"] = folder / name / "features.npy"
    write_partitions(outputs.examples, outputs.features, partition, files)
    parts = (Partition(folder / name, dataset) for name in Development._fields)
    return Development(*parts), {"audit": audited.summary, "split": split.summary}


def _dataset_files(folder: Path) -> Outputs:
    return Outputs(
        examples=folder / "examples.parquet",
        features=folder / "features.npy",
        dataset=folder / "dataset.json",
        feature_names=folder / "feature_names.txt",
        negatives=folder / "negatives.tsv",
    )


def _facts(cell, repeat) -> dict:
    """What is known of a repeat before it runs."""
    ((_, settings),) = cell["data"]["sources"].items()
    parameters = settings["simulate"]
    return {
        "cell": cell["name"],
        "condition": cell["condition"],
        "repeat": repeat,
        "n": parameters["n"],
        **{name: parameters[name] for name in FACTORS},
        "expected": expected_verdict(parameters),
    }


def _position_auroc(cell: Mapping, developed: Developed, folder: Path, seed: int) -> float:
    """`position_auroc` of the first fit of the chosen network; NaN without one."""
    name = developed.frozen["chosen"]["network"]
    if not name:
        return np.nan
    ((_, settings),) = cell["data"]["sources"].items()
    network = load_model(folder / "fit" / name / "1" / FILE_NAMES["network"])
    development = Development(developed.train, developed.tune)
    width = settings["simulate"]["motif_length"]
    return position_auroc(network, development, folder / "drawn.tsv.gz", width, seed)


def _outcome(developed: Developed, scores: pd.DataFrame, verdict: dict) -> dict:
    """The verdict of a repeat and the numbers behind it."""
    chosen, audit = developed.frozen["chosen"], developed.found["audit"]
    scores = scores.query("seed == 'mean'").set_index(["model", "metric"])["value"]
    association = audit["batch_label"] or {"cramers_v": np.nan}
    return {
        "verdict": verdict["verdict"],
        "gain": verdict["difference"],
        "lower": verdict["lower"],
        "upper": verdict["upper"],
        "metric": verdict["metric"],
        "minimum_gain": verdict["minimum_gain"],
        **{kind: chosen[kind] for kind in KINDS},
        **{f"{kind}_score": scores.get((chosen[kind], verdict["metric"])) for kind in KINDS},
        "cramers_v": association["cramers_v"],
        "confounded": any("confounded" in warning for warning in audit["warnings"]),
        "sentence": verdict["sentence"],
    }
