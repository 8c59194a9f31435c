"""The results of a run, read from its files into one object for the report."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path

import pandas as pd

from deeprules.benchmarks import read_benchmarks
from deeprules.errors import InputError
from deeprules.evaluate.ledger import read_ledger
from deeprules.evaluate.ledger_history import check_history, is_tracked
from deeprules.files import read_json, read_table
from deeprules.yaml_files import read_yaml

TEXT_COLUMNS = ("model", "seed", "class", "label", "labels", "ids", "batch", "true", "predicted")
TEXT_COLUMNS += ("versus", "row", "canonical_hash", "message", "column", "slice")
"""Columns that hold names even where every name looks like a number."""


@dataclass(frozen=True)
class Results:
    """Everything the report shows; a field has the name of the input it was read from.

    JSON and YAML files are dictionaries, TSV and Parquet files tables. Read from several files:
    `provenance` (one dictionary a source), `best` (by model), `fits` (model, kind, seed,
    partition, metric, value), `fit_settings` (of each model's first fit), `histories` (model,
    seed, epoch, loss, val_loss ...), `openings` (ledger entries, oldest first), `ledger_tracked`
    (whether the ledger is under version control), `benchmarks` (rule, jobs, seconds, longest,
    max_rss in MB) and `pretrained` (a dictionary a pretrained model: name, record, contract,
    overlap). A run without a later stage (learning curves, comparison of transfer,
    controls, checks, homologs, ladder, batches left out) has None for its files.
    """

    config: dict
    study: dict
    dataset: dict
    audit: dict
    split: dict
    explore: dict
    frozen: dict
    plan: dict
    verdict: dict
    opening: dict
    run: dict
    problems: pd.DataFrame
    duplicates: pd.DataFrame
    classes: pd.DataFrame
    batches: pd.DataFrame
    scree: pd.DataFrame
    association: pd.DataFrame
    batch_prediction: pd.DataFrame
    pca: pd.DataFrame
    trials: pd.DataFrame
    scores: pd.DataFrame
    predictions: pd.DataFrame
    per_class: pd.DataFrame
    pr_curve: pd.DataFrame
    roc_curve: pd.DataFrame
    calibration: pd.DataFrame
    confusion: pd.DataFrame
    comparison: pd.DataFrame
    slices: pd.DataFrame
    slice_summary: dict
    confidence: pd.DataFrame
    risk_coverage: pd.DataFrame
    costs: pd.DataFrame
    provenance: list
    best: dict
    fits: pd.DataFrame
    fit_settings: dict
    histories: pd.DataFrame
    openings: list
    ledger_tracked: bool
    benchmarks: pd.DataFrame
    pretrained: list = field(default_factory=list)
    transfer: dict | None = None
    curve: pd.DataFrame | None = None
    curve_summary: dict | None = None
    tests: pd.DataFrame | None = None
    controls: dict | None = None
    pipeline: dict | None = None
    suitability: dict | None = None
    giveaways: dict | None = None
    giveaway_scores: pd.DataFrame | None = None
    homology: dict | None = None
    homologs: pd.DataFrame | None = None
    ladder: dict | None = None
    ladder_scores: pd.DataFrame | None = None
    identity: pd.DataFrame | None = None
    left_out: dict | None = None
    left_out_scores: pd.DataFrame | None = None
    determinism: dict | None = None
    probes: pd.DataFrame | None = None

    @property
    def chosen(self) -> dict[str, str]:
        """The chosen model of each kind (network, baseline, nuisance) that has one."""
        return {kind: name for kind, name in self.frozen["chosen"].items() if name}

    @property
    def kinds(self) -> dict[str, str]:
        """Kind of each fitted model, networks first."""
        order = ["network", "baseline", "nuisance"]
        kinds = {name: facts["kind"] for name, facts in self.frozen["models"].items()}
        return dict(sorted(kinds.items(), key=lambda item: order.index(item[1])))

    @property
    def largest_share(self) -> float:
        """Share of the largest class among the examples; 0 for a regression."""
        counts = self.classes["n"] if self.dataset["classes"] else pd.Series(dtype=float)
        return counts.max() / counts.sum() if len(counts) else 0.0

    @property
    def reopened(self) -> bool:
        """Whether examples of this test set were seen by other models, or in another choice."""
        return self.opening["n_openings"] > 1


def load_results(inputs: Mapping, ledger: str | Path, benchmarks: str | Path) -> Results:
    """Read all files of a run.

    Parameters
    ----------
    inputs : `{name: path}`; a list of paths for provenance, best, histories, fit_scores, settings
        and, one for each pretrained model, pretrained_records, contracts, overlaps; names of later
        stages (`transfer`, `curve`, `curve_summary`) may be missing
    ledger : folder with `openings.jsonl`
    benchmarks : folder with Snakemake's benchmark tables, `<rule>/....tsv`
    """
    settings = [_read(path) for path in inputs["settings"]]
    names = _fit_names(settings)
    plan = _read(inputs["plan"])
    joined = {
        "plan": plan,
        "provenance": [_read(path) for path in inputs["provenance"]],
        "best": {best["model"]: best for best in map(_read, inputs["best"])},
        "fits": _fits(names, [_read(path) for path in inputs["fit_scores"]]),
        "fit_settings": {s["model"]: s for s in reversed(settings)},
        "histories": _histories(names, [_read(path) for path in inputs["histories"]]),
        "openings": _openings(ledger, _read(inputs["opening"])),
        "ledger_tracked": is_tracked(ledger),
        "benchmarks": _benchmarks(Path(benchmarks), plan),
        "pretrained": _pretrained(inputs),
    }
    single = {
        one.name: _read(inputs[one.name])
        for one in fields(Results)
        if one.name not in joined and (one.default is MISSING or inputs.get(one.name))
    }
    results = Results(**single, **joined)
    kinds = results.fits["model"].map(results.kinds)
    results.fits.insert(1, "kind", kinds)
    return results


def _read(path: str | Path):
    """Content of a JSON, YAML, TSV or Parquet file; a TSV without columns is an empty table."""
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: the report needs this file, but it is not there. Run the rule.")
    match path.suffix:
        case ".json":
            return read_json(path)
        case ".yaml":
            return read_yaml(path)
        case ".parquet":
            return read_table(path)
    return read_table(
        path,
        dtype=dict.fromkeys(TEXT_COLUMNS, str),
        keep_default_na=False,
        na_values=["", "nan"],
    )


def _openings(ledger: str | Path, opening: dict) -> list[dict]:
    """The entries of the ledger, among them that of the opening that is reported."""
    entries = read_ledger(ledger)
    check_history(ledger, entries)
    if opening["sha256"] not in {entry["sha256"] for entry in entries}:
        raise InputError(
            f"{ledger}: the ledger has no entry of the opening of {opening['time']} that is to be "
            "reported: entries were removed. Restore it from version control or a copy."
        )
    return entries


def _pretrained(inputs: Mapping) -> list[dict]:
    """What is known of each pretrained model that a model of the run starts from."""
    names = ("pretrained_records", "contracts", "overlaps")
    found = zip(*(map(_read, inputs.get(name) or []) for name in names), strict=True)
    return [
        {"name": contract["name"], "record": record, "contract": contract, "overlap": overlap}
        for record, contract, overlap in found
    ]


def _fit_names(settings: list[dict]) -> list[tuple[str, str]]:
    """Model and seed of each fit; seeds count from 1 within a model, as the files are ordered."""
    count = Counter()
    names = []
    for setting in settings:
        count[setting["model"]] += 1
        names.append((setting["model"], str(count[setting["model"]])))
    return names


def _fits(names: list[tuple[str, str]], scores: list[dict]) -> pd.DataFrame:
    """Scores of every fit on train and tune, one number a row."""
    rows = [
        (model, seed, partition, metric, value)
        for (model, seed), score in zip(names, scores, strict=True)
        for partition in ("train", "tune")
        for metric, value in score[partition].items()
    ]
    return pd.DataFrame(rows, columns=["model", "seed", "partition", "metric", "value"])


def _histories(names: list[tuple[str, str]], histories: list[pd.DataFrame]) -> pd.DataFrame:
    """Loss by epoch of every fit that has epochs."""
    labelled = [
        history.assign(model=model, seed=seed)
        for (model, seed), history in zip(names, histories, strict=True)
        if len(history)
    ]
    if not labelled:
        return pd.DataFrame(columns=["model", "seed", "epoch", "loss", "val_loss"])
    return pd.concat(labelled, ignore_index=True)


def _benchmarks(folder: Path, plan: dict) -> pd.DataFrame:
    """Wall time and peak memory of each rule."""
    return (
        read_benchmarks(folder, plan)
        .groupby("rule", sort=False)
        .agg(
            jobs=("s", "size"),
            seconds=("s", "sum"),
            longest=("s", "max"),
            max_rss=("max_rss", "max"),
        )
        .reset_index()
    )
