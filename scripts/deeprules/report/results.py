"""The results of a run, each read from its file when a section asks for it."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd

from deeprules.costs import read_usage
from deeprules.errors import InputError
from deeprules.evaluate.ledger import read_ledger
from deeprules.evaluate.ledger_history import check_history, is_tracked
from deeprules.files import read_json, read_table
from deeprules.privacy.disclosure import Disclosure
from deeprules.statistics.metrics import metrics_of
from deeprules.yaml_files import read_yaml

TEXT_COLUMNS = ("model", "seed", "class", "label", "labels", "ids", "batch", "true", "predicted")
TEXT_COLUMNS += ("versus", "row", "canonical_hash", "message", "column", "slice", "subgroup")
TEXT_COLUMNS += ("feature", "name")
"""Columns that hold names even where every name looks like a number."""

KINDS = ("network", "baseline", "nuisance")


class Results:
    """What the files of a run hold: `results.scores` is the content of the input `scores`.

    JSON and YAML files are dictionaries, TSV and Parquet files tables, several files under one
    name a list. The names are those of `workflow/rules/reported.smk`; `name in results` says
    whether a run has the stage that writes it. Of data that are not public, all of it is as
    `disclosure` lets it be shown.

    Parameters
    ----------
    inputs : `{name: path}`, or a list of paths
    ledger : folder with `openings.jsonl`
    logs : folder of the logs, beside which jobs tell what they used
    given : results that stand for those of files, by name
    """

    def __init__(
        self,
        inputs: Mapping,
        ledger: str | Path,
        logs: str | Path,
        given: Mapping | None = None,
    ):
        self.inputs, self.folders = inputs, {"ledger": ledger, "logs": logs}
        self.given = dict(given or {})
        self.disclosure = self._door()
        for name, content in self.given.items():
            self.__dict__[name] = self.disclosure.shown(name, content)

    def _door(self) -> Disclosure:
        """What the results are shown through, by the run's own configuration."""
        config = self.given.get("config") or _read(self.inputs["config"])
        return Disclosure.of(config, self.inputs)

    def __contains__(self, name: str) -> bool:
        return (self.given[name] is not None) if name in self.given else bool(self.inputs.get(name))

    def __getattr__(self, name: str):
        if name.startswith("__") or not self.inputs.get(name):
            raise AttributeError(f"{name}: not among the files that the report is given")
        content = self.disclosure.shown(name, _read(self.inputs[name]))
        self.__dict__[name] = content
        return content

    @property
    def objective(self) -> str:
        """The metric that models were chosen by."""
        return self.frozen["objective"]

    @property
    def chosen(self) -> dict[str, str]:
        """The chosen model of each kind (network, baseline, nuisance) that has one."""
        return {kind: name for kind, name in self.frozen["chosen"].items() if name}

    @property
    def kinds(self) -> dict[str, str]:
        """Kind of each fitted model, networks first."""
        kinds = {name: facts["kind"] for name, facts in self.frozen["models"].items()}
        return dict(sorted(kinds.items(), key=lambda item: KINDS.index(item[1])))

    @property
    def metrics(self) -> list[str]:
        """The metrics of the test, the objective first."""
        scored = set(self.scores["metric"].unique())
        metrics = [m for m in metrics_of(self.dataset["task"]) if m in scored]
        return sorted(metrics, key=lambda metric: metric != self.objective)

    @property
    def largest_share(self) -> float:
        """Share of the largest class among the examples; 0 for a regression.

        0 as well where the classes are not shown. Where only small ones are not, it is of all.
        """
        counts = self.classes["n"] if self.dataset["classes"] else pd.Series(dtype=float)
        total = counts.sum() if self.disclosure.shows_all else self.audit["n_kept"]
        return counts.max() / total if len(counts) else 0.0

    @property
    def reopened(self) -> bool:
        """Whether examples of this test set were seen by other models, or in another choice."""
        return self.opening["n_openings"] > 1

    def in_order(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table in the order of their models."""
        order = {name: place for place, name in enumerate(self.kinds)}
        return rows.sort_values("model", key=lambda names: names.map(order), kind="stable")

    @cached_property
    def openings(self) -> list[dict]:
        """The entries of the ledger, oldest first, among them that of the opening reported."""
        entries = read_ledger(self.folders["ledger"])
        check_history(self.folders["ledger"], entries)
        if self.opening["sha256"] not in {entry["sha256"] for entry in entries}:
            raise InputError(
                f"{self.folders['ledger']}: the ledger has no entry of the opening of "
                f"{self.opening['time']} that is to be reported: entries were removed. Restore it "
                "from version control or a copy."
            )
        return entries

    @cached_property
    def ledger_tracked(self) -> bool:
        """Whether the ledger is under version control."""
        return is_tracked(self.folders["ledger"])

    @cached_property
    def searches(self) -> dict[str, dict]:
        """Content of each model's `best.yaml`, by model."""
        return {best["model"]: best for best in self.best}

    @cached_property
    def fit_names(self) -> list[tuple[str, str]]:
        """Model and seed of each fit; seeds count from 1 in a model, as the files are ordered."""
        count, names = Counter(), []
        for setting in self.settings:
            count[setting["model"]] += 1
            names.append((setting["model"], str(count[setting["model"]])))
        return names

    @cached_property
    def fit_settings(self) -> dict[str, dict]:
        """Settings of each model's first fit."""
        return {setting["model"]: setting for setting in reversed(self.settings)}

    @cached_property
    def fits(self) -> pd.DataFrame:
        """Scores of every fit: model, kind, seed, partition (train, tune), metric, value."""
        rows = [
            (model, self.kinds[model], seed, partition, metric, value)
            for (model, seed), score in zip(self.fit_names, self.fit_scores, strict=True)
            for partition in ("train", "tune")
            for metric, value in score[partition].items()
        ]
        columns = ["model", "kind", "seed", "partition", "metric", "value"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def losses(self) -> pd.DataFrame:
        """Loss by epoch of every fit that has epochs: model, seed, epoch, loss, val_loss ..."""
        labelled = [
            history.assign(model=model, seed=seed)
            for (model, seed), history in zip(self.fit_names, self.histories, strict=True)
            if len(history)
        ]
        if not labelled:
            return pd.DataFrame(columns=["model", "seed", "epoch", "loss", "val_loss"])
        return pd.concat(labelled, ignore_index=True)

    @cached_property
    def rule_costs(self) -> pd.DataFrame:
        """Wall time (s), core time (s) and peak memory (MB) of each rule."""
        jobs = read_usage(Path(self.folders["logs"]), self.plan)
        found = jobs.groupby("rule", sort=False).agg(
            jobs=("seconds", "size"),
            seconds=("seconds", "sum"),
            longest=("seconds", "max"),
            core_seconds=("core_seconds", "sum"),
            memory_mb=("memory_mb", "max"),
        )
        return found.reset_index()

    @cached_property
    def pretrained(self) -> list[dict]:
        """Of each pretrained model that a model starts from: name, record, contract, overlap."""
        if "contracts" not in self:
            return []
        found = zip(self.pretrained_records, self.contracts, self.overlaps, strict=True)
        return [
            {"name": contract["name"], "record": record, "contract": contract, "overlap": overlap}
            for record, contract, overlap in found
        ]


def _read(path: str | Path | list):
    """Content of a JSON, YAML, TSV or Parquet file; a TSV without columns is an empty table."""
    if not isinstance(path, str | Path):
        return [_read(one) for one in path]
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
