"""A complete, made-up results folder for the report's tests; every number in it is invented."""

import copy
import json
import shutil
import tempfile
from dataclasses import dataclass, field, fields
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import yaml
from invented_results import (
    SEEDS,
    controls,
    data,
    evaluation,
    exploring,
    facts,
    fits,
    interpretation,
)

from deeprules.evaluate.opening import Request, open_test_set
from deeprules.files import write_json, write_table
from deeprules.report.figures import Figure
from deeprules.report.page import page_sections, render_report
from deeprules.report.results import Results

TEMPLATE = Path(__file__).parents[1] / "workflow/report/report.html.j2"
NETWORKS = {"cnn": 0.86}
BASELINES = {
    "logistic_regression": 0.81,
    "random_forest": 0.79,
    "gradient_boosting": 0.80,
    "nearest_neighbours": 0.71,
}
TRANSFER = {"motif_features": 0.84, "motif_finetuned": 0.88, "motif_scratch": 0.83}
TOOL = {"motif_scanner": 0.77}
NUISANCES = {"composition": 0.62, "metadata": 0.55, "majority_class": 0.5}
CLASSES = {"binary": ["background", "promoter"], "multiclass": ["A549", "H1975", "H2228", "HCC827"]}
WRITTEN = {}
"""Results that were written before, by what they depend on; a copy takes a tenth of the time."""


@dataclass
class ReportFixture:
    """Writes the folder; `inputs` and `params` are what Snakemake would hand to the report.

    `without` is a kind of model (`network`, `baseline`, `nuisance`) that was not entered. With
    `transfer`, some networks start from a pretrained model, and there are learning curves; with
    `tool`, a user's tool is one of the baselines. `labels`: as many are judged one by one.
    """

    folder: Path
    task: str = "binary"
    modality: str = "sequence"
    has_batch: bool = True
    has_group: bool = True
    trials: int = 12
    examples: int = 1200
    without: str = ""
    transfer: bool = False
    tool: bool = False
    labels: int = 0
    inputs: dict = field(default_factory=dict)

    def __post_init__(self):
        folder, kept = Path(self.folder), WRITTEN.setdefault(self._facts, {})
        if not kept:
            place = tempfile.TemporaryDirectory()
            self.folder = Path(place.name)
            self._write()
            kept |= {"place": place, "made": vars(self).copy()}
        made = copy.deepcopy(kept["made"])
        shutil.copytree(made["folder"], folder, dirs_exist_ok=True)
        inputs = json.dumps(made["inputs"]).replace(str(made["folder"]), str(folder))
        vars(self).update(made, folder=folder, inputs=json.loads(inputs))

    @property
    def _facts(self) -> tuple:
        """What the results depend on: all but where they are."""
        return tuple(vars(self)[one.name] for one in fields(self)[1:-1])

    def _write(self):
        self.random = np.random.default_rng(1)
        self.classes = CLASSES.get(self.task, [])
        self.label_names = [f"mark {number + 1}" for number in range(self.labels)]
        self.networks = NETWORKS if self.modality == "sequence" else {"mlp": 0.86}
        self.networks = self.networks | (TRANSFER if self.transfer else {})
        baselines = BASELINES | (TOOL if self.tool else {})
        self.models = {
            name: level
            for name, level in (self.networks | baselines | NUISANCES).items()
            if self.kind(name) != self.without
        }
        self.objective = "r2" if self.task == "regression" else "auprc"
        data.study_and_data(self)
        data.audit_and_split(self)
        exploring.explore(self)
        fits.tune(self)
        fits.fit(self)
        evaluation.evaluate(self)
        controls.checks_and_controls(self)
        controls.stringency(self)
        if self.networks and self.modality == "sequence" and self.without != "network":
            interpretation.interpretation(self)
        if self.modality == "tabular":
            interpretation.features(self)
        if self.compared:
            interpretation.panel(self)
        if self.transfer:
            controls.learning_curve(self)
            evaluation.pretrained(self)
        if self.labels:
            evaluation.several_labels(self)
        self._run()

    @property
    def params(self) -> dict:
        """Folders that the report reads besides its inputs."""
        return {
            "ledger": str(self.folder / "records/ledger"),
            "logs": str(self.folder / "logs"),
        }

    def load(self) -> Results:
        """The results as the report reads them."""
        return Results(self.inputs, **self.params)

    def edit(self, name: str, **changes) -> None:
        """Change keys of one JSON input."""
        path = Path(self.inputs[name])
        write_json(path, json.loads(path.read_text()) | changes)

    def edit_table(self, name: str, edit) -> None:
        """Pass one table through a function and write it back."""
        path = Path(self.inputs[name])
        write_table(path, edit(pd.read_csv(path, sep="\t", keep_default_na=False)))

    @property
    def compared(self) -> list[str]:
        """The chosen network and the chosen baseline, as far as there are any."""
        return [self.chosen[kind] for kind in ("network", "baseline") if self.chosen[kind]]

    def kind(self, model: str) -> str:
        """Network, baseline or nuisance."""
        if model in self.networks:
            return "network"
        return "nuisance" if model in NUISANCES else "baseline"

    def write_json(self, name, path, content):
        self.inputs[name] = str(self.folder / path)
        write_json(self.inputs[name], content)

    def write_table(self, name, path, rows, columns=None):
        self.inputs[name] = str(self.folder / path)
        write_table(self.inputs[name], pd.DataFrame(rows, columns=columns))

    def write_yaml(self, path, content) -> str:
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return str(path)

    def open_test_set(self, request: Request):
        """Enter an opening into the ledger."""
        opening = open_test_set(self.params["ledger"], request)
        self.write_json("opening", "results/evaluation/opening.json", opening)

    def _run(self):
        self.write_json("run", "results/run/run.json", facts("run") | {"config": self.config})
        names = ["download_source/promoters", "build_dataset"]
        names += [f"tune_model/{model}" for model in self.models]
        names += [f"fit_model/{model}/real/seed{k}" for model in self.models for k in SEEDS]
        used = {"outcome": "done", "seconds": 41.3, "core_seconds": 40.1, "memory_mb": 812.5}
        for name in names:
            write_table(self.folder / f"logs/{name}.usage.tsv", pd.DataFrame([used]))


def but(results: Results, **given) -> Results:
    """The same results with some of them replaced, by name; nothing is read again."""
    kept = (*results.inputs, "rule_costs", "ledger_tracked")
    read = {name: vars(results)[name] for name in kept if name in vars(results)}
    return Results(results.inputs, **results.folders, given=read | results.given | given)


def words_of(results: Results) -> str:
    """The page without drawings, which take most of its time."""
    with patch.object(Figure, "drawn", {}):
        return render_report(results, TEMPLATE)


def part(page: str, name: str) -> str:
    """One section of a page."""
    return page.split(f'<section id="{name}"')[1].split("</section>")[0]


def judge(results: Results, tip: int) -> dict:
    """The scorecard's row of one tip."""
    return page_sections(results)["scorecard"].said["tips"][tip - 1]
