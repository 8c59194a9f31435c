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

from deeprules.evaluate.opening import Request, open_test_set
from deeprules.evaluate.reliability import CONFIDENCE_COLUMNS, CURVE_COLUMNS
from deeprules.evaluate.slice_scores import COLUMNS as SLICE_COLUMNS
from deeprules.evaluate.subgroup_summary import summarise_subgroups
from deeprules.evaluate.subgroups import COLUMNS as SUBGROUP_COLUMNS
from deeprules.files import write_json, write_table
from deeprules.interpret.coefficients import COEFFICIENT_COLUMNS
from deeprules.interpret.explaining_features import IMPORTANCE_COLUMNS, SHAPLEY_COLUMNS
from deeprules.interpret.motif import MOTIF_COLUMNS
from deeprules.report.figures import Figure
from deeprules.report.page import page_sections, render_report
from deeprules.report.results import Results
from deeprules.split.stringency import KEPT
from deeprules.statistics.metrics import LOWER_IS_BETTER, metrics_of

TEMPLATE = Path(__file__).parents[1] / "workflow/report/report.html.j2"
SHA = "3f0a9c" + "d" * 58
STUDY_SHA = "ab12cd" + "e" * 58
ETHICS = {
    "file": "ethics.yaml",
    "is_stated": True,
    "sensitivity": "public",
    "concerns": [
        {
            "id": "misuse",
            "raised": "2026-01-02",
            "concern": "Promoters found by the model may be taken for proven ones.",
            "severity": "minor",
            "status": "accepted",
            "owner": "principal investigator",
            "resolution": "The model card names them as predictions.",
            "links": [],
        }
    ],
    "approvals": [],
    "populations": {"covered": ["Homo sapiens"], "not_covered": ["other species"]},
}
NETWORKS = {"cnn": 0.86}
BASELINES = {
    "logistic_regression": 0.81,
    "random_forest": 0.79,
    "gradient_boosting": 0.80,
    "nearest_neighbours": 0.71,
}
TRANSFER = {"motif_features": 0.84, "motif_finetuned": 0.88, "motif_scratch": 0.83}
TOOL = {"motif_scanner": 0.77}
TOOL_SETTINGS = {
    "command": "scan {script} {examples} {scores}",
    "train_command": None,
    "version": "scan 2.1",
    "environment": "scan.yaml",
    "files": f"script {SHA}",
}
NUISANCES = {"composition": 0.62, "metadata": 0.55, "majority_class": 0.5}
CLASSES = {"binary": ["background", "promoter"], "multiclass": ["A549", "H1975", "H2228", "HCC827"]}
SEEDS = (1, 2, 3)
FEATURE_TABLES = {
    "importance": IMPORTANCE_COLUMNS,
    "shapley": SHAPLEY_COLUMNS,
    "coefficients": [*COEFFICIENT_COLUMNS, "batch_share", "is_batch"],
}
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
        self._study_and_data()
        self._audit_and_split()
        self._explore()
        self._tune()
        self._fit()
        self._evaluate()
        self._checks_and_controls()
        self._stringency()
        if self.networks and self.modality == "sequence" and self.without != "network":
            self._interpretation()
        if self.modality == "tabular":
            self._features()
        if self.compared:
            self._panel()
        if self.transfer:
            self._learning_curve()
            self._pretrained()
        if self.labels:
            self._label_files()
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

    def _json(self, name, path, content):
        self.inputs[name] = str(self.folder / path)
        write_json(self.inputs[name], content)

    def _table(self, name, path, rows, columns=None):
        self.inputs[name] = str(self.folder / path)
        write_table(self.inputs[name], pd.DataFrame(rows, columns=columns))

    def _yaml(self, path, content) -> str:
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return str(path)

    def _study_and_data(self):
        study = {
            "title": "Promoters from sequence",
            "question": "Is a core promoter recognisable from 300 bases of sequence?",
            "endpoint": "Annotated promoter (EPDnew) against matched background",
            "positive_class": "promoter" if self.task == "binary" else None,
            "design": "observational",
            "unit": "A genomic locus",
            "replicates": "none",
            "plan": "AUPRC of the best network against the best baseline; 0.02 matters.",
        }
        self._json("study", "results/study.json", {"study": study, "sha256": STUDY_SHA})
        self._json("ethics", "results/ethics.json", ETHICS)
        covariates = ["gc", "laboratory"] if self.has_batch else []
        facts = {
            "modality": self.modality,
            "task": self.task,
            "classes": self.classes,
            "labels": self.label_names,
            "n_examples": self.examples,
            "n_features": 300,
            "covariates": covariates,
            "has_batch": self.has_batch,
            "has_group": self.has_group,
            "transform": "none",
            "sources": {"promoters": self.examples // 2, "background": self.examples // 2},
            "notes": [],
            "left_out": [],
            "subgroups": {},
            "intervals": None,
            "sparse": False,
            "highly_variable": None,
            "batch_correction": "none",
        }
        if self.modality == "sequence":
            facts["notes"] = ["12 sequences hold letters other than A, C, G and T."]
            facts["length"] = dict(policy="error", bases=300, anchor="center")
            facts["length"] |= dict(shortest=300, longest=300, cropped=0, padded=0)
            facts["letters"] = {"lower_case": 3, "uracil": 0, "ambiguous": 12}
        facts["negatives"] = self._negatives()
        self._json("dataset", "results/dataset/dataset.json", {"strand": "both", **facts})
        self.inputs["provenance"] = []
        for name in facts["sources"]:
            record = {
                "source": name,
                "url": f"https://example.org/data/{name}.fa.gz",
                "version": "2024-03",
                "licence": "CC BY 4.0",
                "citation": "Example et al. 2024",
                "downloaded": "2026-01-05T10:12:00+00:00",
                "bytes": 1_482_113,
                "sha256": SHA,
            }
            path = self.folder / f"results/provenance/{name}.json"
            write_json(path, record)
            self.inputs["provenance"].append(str(path))
        config = {
            "study": "config/study.yaml",
            "seed": 1,
            "data": {"modality": self.modality, "task": self.task, "duplicates": "drop"},
            "tuning": {"strategy": "random", "trials": self.trials, "objective": "auto"},
            "models": dict.fromkeys(self.models),
            "fit": {"seeds": len(SEEDS)},
            "evaluation": {"bootstrap": 2000, "minimum_gain": 0.02, "reopen": None},
        }
        config["compute"] = {"core_watts": 12, "gpu_watts": 200}
        self.config = config
        self.inputs["config"] = self._yaml("results/config.yaml", config)

    def _negatives(self) -> dict | None:
        """What is said of negatives, where they were drawn: among sequences of two classes."""
        is_drawn = self.task == "binary" and self.modality == "sequence"
        parts = {
            "positives": {"mean": 0.52},
            "before": {"mean": 0.41, "distance": 0.35},
            "after": {"mean": 0.518, "distance": 0.012},
        }
        rows = [
            {"property": name, "low": low, "high": low + 0.5, **dict.fromkeys(parts, 0.5)}
            for name in ("gc", "repeats")
            for low in (0.0, 0.5)
        ]
        columns = ["property", "low", "high", *parts]
        table = pd.DataFrame(rows if is_drawn else [], columns=columns)
        self._table("negatives", "results/dataset/negatives.tsv", table)
        if not is_drawn:
            return None
        settings = {"from": "genome", "match": ["gc", "length"], "ratio": 1, "distance": 100}
        counts = {"seed": 1, "positives": 600, "wanted": 600, "drawn": 600}
        return settings | counts | {"properties": {"gc": parts, "repeats": parts}}

    def _audit_and_split(self):
        audit = {
            "n_left_out": 2,
            "n_examples": self.examples,
            "n_kept": self.examples - 14,
            "n_duplicates": 11,
            "n_conflicts": 3,
            "n_contradictory_neighbours": 0,
            "effective_sample_size": 410 if self.has_group else self.examples - 14,
            "n_groups": 410 if self.has_group else None,
            "batch_label": {"cramers_v": 0.04, "p_value": 0.31} if self.has_batch else None,
            "missing_values": 0,
            "status": "pass",
            "warnings": [],
            "cautions": [],
        }
        keys = ("nearest_of_same_stem", "by_chance", "in_near_copies")
        audit["replicates"] = {"stems": 0} | dict.fromkeys(keys)
        self._json("audit", "results/audit/audit.json", audit)
        problem = ["note", "background.fa", "88", "sequence", "lower-case letters", "none needed"]
        columns = ["severity", "file", "row", "column", "problem", "remedy"]
        self._table("problems", "results/audit/problems.tsv", [problem], columns)
        duplicate = ["00fa11", "duplicate", "exact", 2, "promoter", "p1;p2", "kept one"]
        columns = ["canonical_hash", "problem", "kind", "n", "labels", "ids", "action"]
        self._table("duplicates", "results/audit/duplicates.tsv", [duplicate], columns)
        gone = ["they have no label (missing_label)", "peaks", 2, "p8;p9"]
        columns = ["reason", "source", "n", "such_as"]
        self._table("left_out", "results/audit/left_out.tsv", [gone], columns)
        share = self.examples // max(len(self.classes), 1)
        counts = [(label, share) for label in self.classes]
        self._table("classes", "results/audit/classes.tsv", counts, ["label", "n"])
        labels = self.classes or ["n"]
        batches = [("run 1", *[share // 2] * len(labels)), ("run 2", *[share // 2] * len(labels))]
        batches = batches if self.has_batch else []
        self._table("batches", "results/audit/batches.tsv", batches, ["batch", *labels])
        sizes = {}
        for name, share in {"train": 0.7, "tune": 0.15, "test": 0.15}.items():
            n = int(self.examples * share)
            labels = {label: n // len(self.classes) for label in self.classes}
            groups = n // 3 if self.has_group else None
            sizes[name] = {"n": n, "groups": groups, "labels": labels}
        split = {"strategy": "group" if self.has_group else "stratified", "seed": 1}
        split |= {"shares": {"train": 0.7, "tune": 0.15, "test": 0.15}}
        split |= {"sizes": sizes, "warnings": [], "sha256": {"train_examples": SHA}}
        self._json("split", "results/split/split.json", split)

    def _plan(self):
        rows = [
            {"model": name, "control": control, "repeated": control}
            | {"configured": 3, "repeats": 3, "seconds": 10.0}
            for name in self.compared
            for control in ("shuffled_labels", "learning_curve", "left_out_batches")
        ]
        plan = {"budget": 1, "seconds": 240.0, "expected": 216.0, "controls": rows}
        plan["chosen"] = self.chosen
        plan["sentence"] = "All controls were repeated as often as configured."
        self._json("plan", "results/controls/plan.json", plan)

    def _label_files(self):
        """Verdicts on labels, of which every third is worse; the first network has a twin."""
        rows, labels, gains = [], [], []
        for number, name in enumerate(self.label_names):
            gain = -0.05 if number % 3 == 2 else 0.05
            bounds = {"difference": gain, "lower": gain - 0.02, "upper": gain + 0.02}
            counts = {"known": 90 + number, "present": 30}
            shown = "better" if gain > 0 else "worse"
            facts = {"name": name, "train": counts, "test": counts, "difference_shown": shown}
            facts |= {"verdict": "network" if gain > 0 else "no_difference", "holds": number != 1}
            facts |= {"worth_it": "yes" if gain > 0 else "open", "sentence": "It is.", **bounds}
            labels.append({**facts, "p_value": 0.001, "adjusted": 0.003})
            gains.append(
                {"name": name, "train": 90 + number, **bounds, "p_value": 0.1, "adjusted": 1}
            )
            rows += [
                (name, model, self.kind(model), metric, 90, 30, level, level - 0.05, level + 0.05)
                for model, level in self.models.items()
                for metric in metrics_of(self.task)
            ]
        columns = ["name", "model", "kind", "metric", "n", "present", "value", "lower", "upper"]
        self._table("label_scores", "results/evaluation/label_scores.tsv", rows, columns)
        network = next(iter(self.networks))
        joint = {"joint": network, "alone": f"{network}_alone", "found": "helps", "labels": gains}
        joint |= {"difference": 0.04, "lower": 0.01, "upper": 0.07}
        joint["sentence"] = "Joint training helps: gain .040."
        found = {"objective": self.objective, "labels": labels, "joint": [joint]}
        self._json("label_verdicts", "results/evaluation/label_verdicts.json", found)
        rows = [(name, "", 30, 60, 10, 0.1, 0.4, False) for name in self.label_names]
        columns = ["name", "batch", "present", "absent", "missing", "association", "p_value"]
        self._table("labels", "results/audit/labels.tsv", rows, [*columns, "confounded"])

    def _learning_curve(self):
        sizes = {0.1: 84, 0.2: 168, 0.4: 336, 0.7: 588, 1.0: 840}
        measured = {name: level for name, level in self.models.items() if name not in NUISANCES}
        rows, records = [], []
        for model, level in measured.items():
            steep = 0.06 if model in self.networks else 0.02
            steep = 0.02 if model == "motif_features" else steep
            for share, n in sizes.items():
                facts = (model, self.kind(model), share, n, share == 0.1, 3)
                score = level + steep * (1 - share**-0.5)
                for metric in metrics_of(self.task):
                    value = 1 - score if metric in LOWER_IS_BETTER else score
                    rows.append((*facts, metric, value, value - 0.025, value + 0.02))
            gain = {"value": steep * 0.3, "lower": steep * 0.1, "upper": steep * 0.5}
            record = {"model": model, "kind": self.kind(model), "smallest": 84, "largest": 840}
            record["rise"] = {"value": steep * 2.16, "lower": steep, "upper": steep * 3}
            record |= {"power_law": {name: gain for name in "abc"}, "doubling": gain}
            record["sentence"] = (
                f"`{model}`: AUPRC on tune .720 with 84 training examples, .860 with 840. "
                "More data would help: twice as many are expected to add .018 [.006, .030]."
            )
            records.append(record)
        columns = ["model", "kind", "share", "n", "raised", "seeds", "metric"]
        columns += ["score", "lower", "upper"]
        self._table(
            "learning_curve_table", "results/controls/learning_curve/table.tsv", rows, columns
        )
        summary = {
            "objective": self.objective,
            "resampling": "groups",
            "note": "The tune partition has only 90 groups: intervals may be too narrow.",
            "models": records,
            "overtaking": {
                "network": "cnn",
                "baseline": "logistic_regression",
                "n": 310,
                "lower": 120,
                "upper": None,
                "sentence": "`cnn` overtakes `logistic_regression` at about 310 training examples "
                "[120, more than 8,400].",
            },
            "notes": [
                "Share 0.1 of train would have left a class with too few examples; it was raised "
                "to 84, the fewest that do not."
            ],
        }
        self._json("learning_curve", "results/controls/learning_curve/summary.json", summary)

    def _pretrained(self):
        gains = {"motif_features": ("features", 0.01), "motif_finetuned": ("fine-tuned", 0.05)}
        compared, rows = [], []
        for model, (way, gain) in gains.items():
            numbers = {"difference": gain, "lower": gain - 0.03, "upper": gain + 0.03}
            record = {"pretrained": "motifs", "way": way, "model": model}
            record |= {"scratch": "motif_scratch", "metric": self.objective, **numbers}
            record["outcome"] = "helps" if gain > 0.03 else "no gain shown"
            found = "helps" if gain > 0.03 else "shows no gain"
            record["sentence"] = (
                f"Pretrained `motifs`, {way} (`{model}`), {found}: AUPRC on test differs by "
                f"{gain:.3f} from that of its twin without the pretrained weights, `motif_scratch`."
            )
            compared.append(record)
            pair = (model, "motif_scratch", "network")
            rows += [(*pair, metric, *numbers.values(), 2000) for metric in metrics_of(self.task)]
        self._json("transfer", "results/evaluation/transfer.json", {"pretrained": compared})
        self.edit_table("comparison", lambda table: _with_rows(table, rows))
        record = {
            "name": "motifs",
            "source": "url",
            "given": "https://example.org/models/Motifs/weights.h5",
            "final": "https://cdn.example.org/models/Motifs/weights.h5",
            "commit": None,
            "version": "1.2",
            "licence": "MIT",
            "citation": "Example et al. 2022",
            "trust": False,
            "fetched": "2026-01-05T10:14:00+00:00",
            "files": [{"file": "weights.h5", "sha256": SHA, "bytes": 2_412_113}],
            "converted_from": "Keras 2.3",
        }
        contract = {
            "name": "motifs",
            "framework": "keras",
            "trust": False,
            "layer": "dense_2",
            "n_outputs": 256,
            "folder_sha256": SHA,
            "checks": ["Its input has the shape (249, 4): axes length_channel, 249 bases."],
            "warnings": ["It takes 249 bases and the data have 300: it sees their centre."],
        }
        overlap = {"n_test": 180, "n_test_seen": 0, "share": 0.0, "cautions": []}
        overlap["sentence"] = (
            "The pretrained model motifs has seen 0 of the 180 test examples (0%), by what is "
            "declared of its training."
        )
        single = {"record": record, "contract": contract, "overlap": overlap}
        names = {"record": "pretrained_records", "contract": "contracts", "overlap": "overlaps"}
        for name, content in single.items():
            self._json(name, f"results/pretrained/motifs/{name}.json", content)
            self.inputs[names[name]] = [self.inputs.pop(name)]

    def _giveaways(self):
        metric = "r2" if self.task == "regression" else "auroc"
        facts = {"metric": metric, "n_features": 300, "n_asked": 2, "n_found": 0}
        facts |= {"notes": [], "cautions": []}
        self._json("giveaways", "results/checks/giveaways.json", facts)
        best = self.classes[-1] if self.classes else ""
        rows = [
            {
                "name": name,
                "kind": kind,
                "seen_by_models": kind == "feature",
                "metric": metric,
                "train": 0.61,
                "tune": score,
                "best_class": best,
                "best_class_score": score,
                "p_value": 0.2,
                "finding": "",
            }
            for name, kind, score in (
                ("base 121", "feature", 0.58),
                ("base 7", "feature", 0.55),
                ("order of the rows", "file", 0.51),
            )
        ]
        self._table("giveaway_scores", "results/checks/giveaways.tsv", rows)

    def _determinism_and_probes(self):
        model = self.chosen["network"] or self.chosen["baseline"]
        found = {"seed": 1, "model": model, "kind": self.kind(model), "is_identical": True}
        found |= {"weights_identical": True, "predictions_identical": True}
        found |= {"largest_difference": 0.0, "objective": self.objective}
        found |= {"tune_score": 0.86, "tune_score_again": 0.86}
        found |= {"backend": "tensorflow", "device": "CPU", "deterministic_operations": True}
        found["sentence"] = f"`{model}`, fitted twice under the same seed, is bitwise identical."
        self._json("determinism", "results/controls/determinism/summary.json", found)
        if not self.chosen["network"]:
            return
        composition = "GC share" if self.modality == "sequence" else "row total"
        probed = [(composition, "value", "r2", 0.0, 0.41)]
        if self.has_batch:
            probed = [("batch", "category", "balanced_accuracy", 0.5, 0.51), *probed]
        rows = []
        for name, kind, metric, chance, level in probed:
            for inputs in ("hidden layer", "untrained hidden layer", "raw features"):
                gain = [None] * 3 if inputs == "raw features" else [-0.02, -0.08, 0.04]
                score = level + (gain[0] or 0)
                facts = (model, name, kind, inputs, metric, score, score - 0.05, score + 0.05)
                rows.append((*facts, chance, 180, *gain))
        columns = ["model", "nuisance", "kind", "inputs", "metric", "score", "lower", "upper"]
        columns += ["chance", "n", "gain", "gain_lower", "gain_upper"]
        self._table(
            "nuisance_probes_table", "results/controls/nuisance_probes/table.tsv", rows, columns
        )

    def _membership(self):
        """An audit that finds nothing in the network, and members of a model beside it."""
        rows, models = [], []
        for model in self.compared:
            attacks = {}
            for name, fits in (("without a reference", 3), ("LiRA", 16)):
                rate = {"value": 0.011, "lower": 0.008, "upper": 0.014}
                found = {
                    "auroc": {"value": 0.502, "lower": 0.49, "upper": 0.513},
                    "tpr_at_0.01": rate,
                    "tpr_at_0.001": dict.fromkeys(rate),
                    "epsilon": {"value": 0.0, "lower": 0.0, "upper": None},
                }
                facts = {"fits": fits, "members": 6400, "others": 6400}
                attacks[name] = facts | found
                head = {"model": model, "kind": self.kind(model), "attack": name, **facts}
                rows += [head | {"statistic": key} | one for key, one in found.items()]
            sentence = f"`{model}`: no attack that was tried tells who was in its training set."
            facts = {"model": model, "kind": self.kind(model), "found": "nothing"}
            models.append(facts | {"attacks": attacks, "sentence": sentence})
        folder = "results/controls/membership_inference"
        self._table("membership_inference_table", f"{folder}/table.tsv", rows)
        summary = {"shadows": 16, "unit": "group" if self.has_group else "example"}
        summary |= {"models": models, "notes": ["There are too few others for a rate of 0.001."]}
        self._json("membership_inference", f"{folder}/summary.json", summary)

    def _labels(self, n):
        if self.task == "regression":
            return self.random.normal(size=n)
        return self.random.choice(self.classes, n)

    def _explore(self):
        n, components = int(self.examples * 0.85), 6
        covariates = {"label": self._labels(n)}
        if self.has_group:
            covariates["group"] = [f"locus{i % 300}" for i in range(n)]
        if self.has_batch:
            covariates["batch"] = self.random.choice(["run 1", "run 2"], n)
            covariates["gc"] = self.random.uniform(0.3, 0.7, n)
            covariates["laboratory"] = self.random.choice(["Basel", "Oslo", "Lyon"], n)
        table = pd.DataFrame({"id": [f"p{i}" for i in range(n)]} | covariates)
        spread = np.array([4, 2.5, 1.6, 1.2, 1, 0.8])
        for i in range(components):
            table[f"PC{i + 1}"] = self.random.normal(0, spread[i], n)
        if self.task == "binary":
            table["PC1"] += 3.0 * (table["label"] == self.classes[1])
        if self.has_batch:
            table["PC2"] += 8 * (table["gc"] - 0.5)
        self.inputs["pca"] = str(self.folder / "results/explore/scores.parquet")
        write_table(self.inputs["pca"], table)
        share = spread**2 / (spread**2).sum() * 0.7
        rows = [(f"PC{i + 1}", share[i], share[: i + 1].sum()) for i in range(components)]
        columns = ["component", "variance_share", "cumulative"]
        self._table("scree", "results/explore/scree.tsv", rows, columns)
        tested = [name for name in covariates if name != "group"]
        rows = [
            (f"PC{i + 1}", name, "numeric" if name == "gc" else "categorical", value, p)
            for i in range(components)
            for name in tested
            for value, p in [(self.random.beta(0.6, 6), self.random.choice([0.005, 0.2, 0.7]))]
        ]
        columns = ["component", "covariate", "kind", "variance_share", "p_value"]
        self._table("association", "results/explore/association.tsv", rows, columns)
        predicted = [("batch", 0.53, 0.5, 0.21, 5)] if self.has_batch else []
        columns = ["target", "balanced_accuracy", "chance", "p_value", "n_folds"]
        path = "results/explore/batch_prediction.tsv"
        self._table("batch_prediction", path, predicted, columns)
        corrected = [("balanced accuracy on a new batch", "a", 40, 0.5, 0.61, 0.74)]
        columns = ["measure", "batch", "n", "chance", "without", "corrected"]
        path = "results/explore/batch_correction.tsv"
        corrected = corrected if self.has_batch else []
        self._table("batch_correction", path, corrected, columns)
        facts = {"batch_label_cramers_v": 0.04 if self.has_batch else None}
        facts |= {"batch_correction": "", "batch_label": None}
        facts |= {"batch_predictable": False, "confounded": False, "warnings": [], "cautions": []}
        self._json("explore", "results/explore/explore.json", facts | {"sampled": n, "of": n})

    def _hyperparameters(self, model):
        choose = self.random.choice
        if model in self.networks:
            return {
                "optimizer": str(choose(["adam", "sgd"])),
                "learning_rate": float(10 ** self.random.uniform(-4, -2)),
                "filters": int(choose([32, 64, 128])),
                "dropout": float(choose([0.0, 0.2, 0.4])),
                "batch_normalisation": bool(choose([True, False])),
                "strands": str(choose(["as_given", "augment", "average"])),
            }
        if model == "majority_class":
            return {}
        return {"C": float(10 ** self.random.uniform(-3, 2)), "kmer": int(choose([3, 4, 5]))}

    def _tune(self):
        rows, self.inputs["best"] = [], []
        for model, level in self.models.items():
            n = 1 if model == "majority_class" else self.trials
            scores = level - np.abs(self.random.normal(0, 0.05, n))
            settings = [self._hyperparameters(model) for _ in range(n)]
            network = model in self.networks
            for i in range(n):
                failed = network and i == 3
                rows.append(
                    {
                        "model": model,
                        "kind": self.kind(model),
                        "trial": i,
                        "status": "failed" if failed else "completed",
                        "score": None if failed else scores[i],
                        "train_score": None if failed else scores[i] + 0.06,
                        "epochs": 24 if network else None,
                        "seconds": self.random.uniform(1, 40),
                        "hyperparameters": json.dumps(settings[i]),
                        "message": "loss became NaN in epoch 2" if failed else "",
                    }
                )
            best = {
                "model": model,
                "module": model,
                "kind": self.kind(model),
                "objective": self.objective,
                "strategy": "random",
                "trial": int(np.argmax(scores)),
                "score": float(scores.max()),
                "trials_completed": n - network,
                "trials_failed": int(network),
                "hyperparameters": settings[int(np.argmax(scores))],
            }
            self.inputs["best"].append(self._yaml(f"results/tune/{model}/best.yaml", best))
        self._table("trials", "results/tune/trials.tsv", rows)

    def _scores(self, level):
        values = {}
        for metric in metrics_of(self.task):
            value = level + self.random.normal(0, 0.01)
            values[metric] = 1 - value if metric in LOWER_IS_BETTER else value
        return values

    def _fit(self):
        frozen = {}
        self.inputs |= {"histories": [], "fit_scores": [], "settings": []}
        for model, level in self.models.items():
            tune_scores = []
            for seed in SEEDS:
                folder = f"results/fit/{model}/real/seed{seed}"
                network = model in self.networks
                epoch = np.arange(1, 31 if network else 1)
                loss = 0.7 * np.exp(-epoch / 8) + 0.15
                history = {"epoch": epoch, "loss": loss}
                history["val_loss"] = loss + 0.002 * epoch + self.random.normal(0, 0.01, len(epoch))
                write_table(self.folder / folder / "history.tsv", pd.DataFrame(history))
                scores = {"train": self._scores(level + 0.07), "tune": self._scores(level)}
                scores |= {"model_sha256": SHA, "epochs": 30 if network else None}
                write_json(self.folder / folder / "scores.json", scores)
                chosen = {"optimizer": "adam", "batch_size": 64} if network else {"C": 1.0}
                settings = {"model": model, "kind": self.kind(model), "module": model}
                effective = {"seed": 1000 + seed}
                effective |= {"uses_class_weights": model != "nearest_neighbours"}
                effective |= {"max_epochs": 60} if network else {}
                if model in TOOL:
                    effective |= {f"tool__{key}": value for key, value in TOOL_SETTINGS.items()}
                settings |= {"hyperparameters": chosen, "settings": effective}
                self._yaml(f"{folder}/settings.yaml", settings)
                self.inputs["histories"].append(str(self.folder / folder / "history.tsv"))
                self.inputs["fit_scores"].append(str(self.folder / folder / "scores.json"))
                self.inputs["settings"].append(str(self.folder / folder / "settings.yaml"))
                tune_scores.append(scores["tune"][self.objective])
            suffix = "keras" if model in self.networks else "joblib"
            frozen[model] = {
                "kind": self.kind(model),
                "tune_score": float(np.mean(tune_scores)),
                "tune_scores": tune_scores,
                "files": {f"results/fit/{model}/real/seed1/model.{suffix}": SHA},
            }
        self.chosen = {"network": next(iter(self.networks)), "baseline": "logistic_regression"}
        self.chosen["nuisance"] = "composition"
        if self.without:
            self.chosen[self.without] = None
        facts = {"objective": self.objective, "study_sha256": STUDY_SHA, "models": frozen}
        self._json("frozen", "results/frozen.json", facts | {"chosen": self.chosen})
        self._plan()

    def _checks_and_controls(self):
        said = [
            "Every class has at least 100 training examples.",
            "`cnn` learnt one batch of 32 examples by heart in 50 steps.",
        ]
        checks, learnt = ([{"status": "pass", "sentence": text}] for text in said)
        facts = {"checks": checks, "one_batch": learnt, "n_train": 840, "hours": {"cnn": 0.2}}
        self._json("suitability", "results/checks/suitability.json", facts)
        self._giveaways()
        if self.task != "regression":
            pipeline = {"examples": 800, "features": 64, "tolerance": 0.01, "agrees": True}
            pipeline["largest_coefficient_difference"] = 0.00031
            pipeline["largest_probability_difference"] = 0.00012
            self._json("pipeline", "results/checks/pipeline.json", pipeline)
        self._determinism_and_probes()
        self._membership()
        schemes = ("all", "within_batch") if self.has_batch else ("all",)
        entries = [
            {
                "model": model,
                "kind": self.kind(model),
                "scheme": scheme,
                "real": 0.85,
                "shuffled": 0.5,
                "best_shuffled": 0.55,
                "memorised": 0.8,
                "fits": 3,
                "p_value": 0.25,
                "is_better": True,
                "sentence": f"`{model}` learnt from the labels: .850 on tune.",
            }
            for model in self.compared
            for scheme in schemes
        ]
        path = "results/controls/shuffled_labels/summary.json"
        self._json("shuffled_labels", path, {"entries": entries})
        columns = ["network", "versus", "test", "difference", "p_value", "adjusted"]
        others = [name for name in self.models if self.kind(name) != "network"]
        rows = [
            (self.chosen["network"], name, test, 0.04, 0.003, 0.02)
            for name in others
            for test in ("delong", "mcnemar")
            if self.chosen["network"] and self.task == "binary"
        ]
        self._table("tests", "results/evaluation/tests.tsv", rows, columns)

    def _stringency(self):
        chosen = self.compared
        splits = ["random", *["group"] * self.has_group, *["batch"] * self.has_batch]
        if self.modality == "sequence":
            splits.append("homology")
            facts = {"version": "18", "identity": 0.6, "coverage": 0.7, "word": 7, "warnings": []}
            facts |= {"n_examples": self.examples, "n_clusters": 1100, "n_clustered": 160}
            facts |= {"n_contradictory": 0, "cautions": []}
            self._json("homology", "results/homology/clusters.json", facts | {"largest": 9})
            n = int(self.examples * 0.15)
            rows = [(name, n, 0, 0.0) for name in ("tune", "test")]
            columns = ["partition", "n", "with_homologs", "share"]
            self._table("homologs", "results/homology/partitions.tsv", rows, columns)
        facts = [
            {"split": split, "units": 90, "train": 600, "tune": 150, "held_out": 250, "note": ""}
            for split in [*splits, "chromosome"]
        ]
        facts[-1] |= {"train": 0, "note": "The units of strategy chromosome are too few."}
        entries = []
        for model in chosen:
            for split in splits:
                entry = {"model": model, "kind": self.kind(model), "split": split, "train": 600}
                entry |= {"held_out": 250, "score": 0.84, "lower": 0.81, "upper": 0.87}
                is_random = split == "random"
                bounds = (None, None) if is_random else (-0.04, 0.04)
                entry |= dict(zip(("drop_lower", "drop_upper"), bounds, strict=True))
                entry |= {"drop": 0.0, "is_below": False, "kept": KEPT[split]}
                if not is_random:
                    entry["sentence"] = f"`{model}`: .840 on {split}: no clear drop."
                entries.append(entry)
        folder = "results/controls/split_stringency"
        self._json(
            "split_stringency", f"{folder}/summary.json", {"splits": facts, "entries": entries}
        )
        metrics = metrics_of(self.task)
        kept = ("model", "kind", "split", "train", "held_out", "score", "lower", "upper")
        kept = (*kept, "drop", "drop_lower", "drop_upper")
        rows = [
            {name: one[name] for name in kept} | {"metric": metric}
            for one in entries
            for metric in metrics
        ]
        names = ("70 to 90%", "90 to 100%", "none found") if self.modality == "sequence" else ()
        rows += [
            {"model": model, "kind": self.kind(model), "split": "random", "identity": name}
            | {"held_out": 80, "metric": metric, "score": 0.8, "lower": 0.7, "upper": 0.9}
            for model in chosen
            for name in names
            for metric in metrics
        ]
        columns = [*kept, "identity", "metric"]
        self._table("split_stringency_table", f"{folder}/table.tsv", rows, columns)
        if self.has_batch:
            self._left_out(chosen, metrics)

    def _left_out(self, chosen, metrics):
        models = [
            {
                "model": model,
                "kind": self.kind(model),
                "batches": 2,
                "undefined": ["run 3"],
                "drop": 0.011,
                "lower": -0.02,
                "upper": 0.042,
                "by_batch": {"run 1": 0.01, "run 2": 0.012},
                "sentence": f".011 [-.020, .042]: what `{model}` loses on a batch never seen.",
            }
            for model in chosen
        ]
        path = "results/controls/left_out_batches/summary.json"
        self._json("left_out_batches", path, {"models": models})
        rows = []
        for model in chosen:
            head = (model, self.kind(model))
            for batch in ("run 1", "run 2"):
                for split, score in (("batch", 0.8), ("random", 0.811)):
                    facts = (*head, batch, split, 500, 300)
                    rows += [(*facts, m, score, score - 0.05, score + 0.05, "") for m in metrics]
            empty = (np.nan, 40, np.nan, np.nan, np.nan, np.nan)
            rows.append((*head, "run 3", np.nan, *empty, "Undefined: no promoter in it."))
        columns = ["model", "kind", "batch", "split", "train", "held_out", "metric", "score"]
        columns += ["lower", "upper", "note"]
        path = "results/controls/left_out_batches/table.tsv"
        self._table("left_out_batches_table", path, rows, columns)

    def _panel(self):
        """A panel of two features for the first of the chosen models."""
        curve = {"fidelity": 0.8, "agreement": 0.9, "model_score": 0.9}
        rows = [{"features": k, "score": 0.8, "chosen": k == 2, **curve} for k in (1, 2, 4)]
        self._table("panel_curve", "results/panel/curve.tsv", rows)
        facts = {
            "kind": "feature",
            "class": "yes",
            "weight": 0.5,
            "mean": 1,
            "standard_deviation": 2,
        }
        rows = [{"feature": name, **facts} for name in ("TP53", "GAPDH", "(intercept)")]
        self._table("panel", "results/panel/panel.tsv", rows)
        summary = {"model": self.compared[0], "kind": "network", "metric": self.objective}
        summary |= {"tune": 300, "features": 2, "tried": 500, "score": 0.8, **curve}
        self._json("panel_summary", "results/panel/panel.json", summary)

    def _features(self):
        """Features of the chosen models: one that is a finding, one that tells the batch."""
        found = {name: [] for name in ("features", *FEATURE_TABLES)}
        for model in self.compared:
            summary = {"model": model, "kind": self.kind(model), "how": "trees", "fits": 3}
            summary |= {"unit": "the probability", "explained": 200, "metric": self.objective}
            summary |= {"shuffled_on": 500, "features": 2000, "groups": 2, "surviving": 1}
            summary |= {"null_loss": 0.01, "null_shapley": 0.02}
            summary |= {"batch_linked": ["GAPDH"], "sentences": [f"`{model}` responds to `TP53`."]}
            folder = f"results/interpret/{model}"
            self._json("", f"{folder}/features.json", summary)
            found["features"].append(self.inputs.pop(""))
            for name, columns in FEATURE_TABLES.items():
                row = {column: 0.2 for column in columns} | {"class": "yes", "because": ""}
                row |= {"together_with": "", "direction": "raises"}
                rows = [
                    {**row, "feature": feature, "is_batch": is_batch, "survives": not is_batch}
                    for feature, is_batch in (("TP53", False), ("GAPDH", True))
                ]
                self._table("", f"{folder}/{name}.tsv", rows, columns)
                found[name].append(self.inputs.pop(""))
        self.inputs["features"] = found.pop("features")
        self.inputs |= {f"feature_{name}": paths for name, paths in found.items()}

    def _interpretation(self):
        folder = f"results/interpret/{self.chosen['network']}"
        known = {
            "name": "JASPAR2026",
            "version": "pyjaspar 4.0.0",
            "licence": "open",
            "sha256": SHA,
        }
        summary = {"model": self.chosen["network"], "score": "log odds of `promoter`", "fits": 3}
        summary |= {"sequences": 500, "from_tune": 120, "complete": 0.97, "mutagenesis": 0.81}
        summary |= {"mutated": 50, "fewest": 50, "is_enough": True, "known": known, "motifs": 2}
        summary |= {"surviving": 1, "null_motifs": 1, "null_known": 0, "pairs": []}
        summary["null"] = "shuffled labels"
        summary["sentences"] = ["The model responds to motif_1 `TATAAA`."]
        self._json("interpretation", f"{folder}/summary.json", summary)
        logos = {f"motif_{k}": f'<svg id="motif_{k}-figure"></svg>' for k in (1, 2)}
        self._json("interpretation_logos", f"{folder}/logos.json", logos)
        facts = (
            "motif_1",
            "TATAAA",
            210,
            200,
            0.4,
            3,
            3,
            12,
            21,
            90,
            True,
            1.2,
            True,
            "",
            "MA0108.3 TBP",
            1e-4,
            "t1",
        )
        other = (
            "motif_2",
            "GCGCGC",
            90,
            80,
            0.16,
            1,
            3,
            5,
            14,
            9,
            False,
            0.1,
            False,
            "most fits lack it",
            "",
            1,
            "t2",
        )
        numbers = {"motif": "motif_1", "known": "MA0108.3 TBP", "p_value": 1e-7, "q_value": 1e-4}
        bounds = {"lower": 1.0, "upper": 1.4}
        pair = {"first": "motif_1", "second": "motif_2", "first_strand": "+", "second_strand": "-"}
        effect = {"experiment": "inserted", "effect": 1.2, **bounds, "n": 100}
        tables = {
            "motifs": [dict(zip(MOTIF_COLUMNS, row, strict=True)) for row in (facts, other)],
            "matches": [numbers | {"offset": 0, "overlap": 6, "reverse": False}],
            "effects": [
                {"motif": "motif_1", "network": name, **effect}
                for name in ("all fits", "seed 1", "shuffled labels")
            ],
            "pairs": [pair | {"gap": gap, "score": 1.3, "gain": 1.2, **bounds} for gap in range(5)],
            "kmers": [
                {"kmer": "TATA", "coefficient": 0.3, "lowest": 0.3, "highest": 0.3, "in_motifs": ""}
            ],
            "positions": [{"motif": "motif_1", "position": 1, "A": 1.0, "C": 0, "G": 0, "T": 0}],
        }
        for name, rows in tables.items():
            self._table(f"interpretation_{name}", f"{folder}/{name}.tsv", rows)

    def _evaluate(self):
        rows = []
        for model, level in self.models.items():
            for seed in [*map(str, SEEDS), "mean", "ensemble"]:
                for metric, value in self._scores(level).items():
                    whisker = 0.03 if seed in ("mean", "ensemble") else np.nan
                    row = (model, self.kind(model), seed, metric, value)
                    rows.append((*row, value - whisker, value + whisker))
        columns = ["model", "kind", "seed", "metric", "value", "lower", "upper"]
        self._table("scores", "results/evaluation/scores.tsv", rows, columns)
        self._predictions()
        self._curves()
        self._slices()
        self._confidence()
        network = self.chosen["network"]
        columns = ["network", "versus", "versus_kind", "metric"]
        columns += ["difference", "lower", "upper", "replicates"]
        rows = [
            (
                network,
                model,
                self.kind(model),
                metric,
                0.86 - level,
                0.83 - level,
                0.89 - level,
                2000,
            )
            for model, level in self.models.items()
            for metric in metrics_of(self.task)
            if network and model != network
        ]
        self._table("comparison", "results/evaluation/comparison.tsv", rows, columns)
        compared = self.without not in ("network", "baseline")
        verdict = {
            "verdict": {"network": "baseline", "baseline": "withheld"}.get(self.without, "network"),
            "sentence": f"Use {network}: it scores 0.05 AUPRC above logistic_regression "
            "[0.02, 0.08] on the test set.",
            "reasons": [
                "The interval of the difference lies above zero.",
                "The gain is at least the smallest gain that matters, 0.02.",
            ],
            "difference_shown": "better" if compared else None,
            "worth_it": "yes" if compared else None,
            "too_small": "",
            "baselines": [],
            "rivals": [],
            "minimum_share_of_error": None,
            "metric": self.objective,
            "difference": 0.05,
            "lower": 0.02,
            "upper": 0.08,
            "minimum_gain": 0.02,
            **self.chosen,
            "nuisance_difference": 0.24,
            "nuisance_lower": 0.2,
            "nuisance_upper": 0.28,
            "resampling": "examples within classes",
            "n_units": int(self.examples * 0.15),
            "cautions": [],
            "would_change": ["A smallest gain worth it above .050 in AUPRC."],
            "study_sha256": STUDY_SHA,
            "cost_ratio": 12.0,
            "control_ratio": 0.4,
        }
        verdict["on_test"] = verdict["verdict"]
        self._json("verdict", "results/conclusion/verdict.json", verdict)
        rows = [("search", model, 1, 0.5, 0.9, 11.0) for model in self.models]
        columns = ["part", "model", "jobs", "hours", "core_hours", "watt_hours"]
        rows.append(("controls", "", 4, 0.2, 0.3, 3.7))
        self._table("costs", "results/conclusion/costs.tsv", rows, columns)
        self.request = Request(
            models_sha256=SHA,
            examples=np.arange(int(self.examples * 0.15), dtype=np.uint64),
            identities=np.arange(int(self.examples * 0.15), dtype=np.uint64),
            labels_sha256=SHA,
            study=json.loads(Path(self.inputs["study"]).read_text()),
            objective=self.objective,
            minimum_gain=0.02,
            commit="0123abcd" * 5,
        )
        self.open_test_set(self.request)

    def open_test_set(self, request: Request):
        """Enter an opening into the ledger."""
        opening = open_test_set(self.params["ledger"], request)
        self._json("opening", "results/evaluation/opening.json", opening)

    def _predictions(self):
        n = int(self.examples * 0.15)
        labels, tables = self._labels(n), []
        for model in self.models:
            for seed in [*map(str, SEEDS), "ensemble"]:
                table = pd.DataFrame({"id": [f"t{i}" for i in range(n)], "label": labels})
                table["model"], table["seed"] = model, seed
                if self.task == "regression":
                    table["prediction"] = labels * 0.8 + self.random.normal(0, 0.4, n)
                else:
                    shares = self.random.dirichlet(np.ones(len(self.classes)), n)
                    table[[f"p_{name}" for name in self.classes]] = shares
                tables.append(table)
        self.inputs["predictions"] = str(self.folder / "results/evaluation/predictions.parquet")
        write_table(self.inputs["predictions"], pd.concat(tables))

    def _curves(self):
        grid = np.linspace(0, 1, 60)
        shown = self.classes[1:] if self.task == "binary" else self.classes
        pairs = [(model, level, name) for model, level in self.models.items() for name in shown]
        folder = "results/evaluation"
        rows = [(m, c, x, 1 - 0.5 * x ** (1 / (1.02 - s))) for m, s, c in pairs for x in grid]
        columns = ["model", "class", "recall", "precision"]
        self._table("pr_curve", f"{folder}/pr_curve.tsv", rows, columns)
        rows = [(m, c, x, x ** ((1 - s) / s)) for m, s, c in pairs for x in grid]
        columns = ["model", "class", "fpr", "tpr"]
        self._table("roc_curve", f"{folder}/roc_curve.tsv", rows, columns)
        bins = np.linspace(0.05, 0.95, 10)
        rows = [(m, c, i, x, x**1.2, 18) for m, _, c in pairs for i, x in enumerate(bins)]
        columns = ["model", "class", "bin", "mean_predicted", "observed", "n"]
        self._table("calibration", f"{folder}/calibration.tsv", rows, columns)
        rows = [
            (m, a, b, 70 if a == b else 12)
            for m in self.models
            for a in self.classes
            for b in self.classes
        ]
        columns = ["model", "true", "predicted", "n"]
        self._table("confusion", f"{folder}/confusion.tsv", rows, columns)
        several = self.task == "multiclass"
        rows = [(m, c, "auprc", s) for m, s, c in pairs if several]
        columns = ["model", "class", "metric", "value"]
        self._table("per_class", f"{folder}/per_class.tsv", rows, columns)

    def _slices(self):
        chosen = self.compared
        columns = {"similarity": ("similarity to train", ["lowest quarter", "highest quarter"])}
        columns["confidence"] = ("confidence", ["lowest quarter, 0.5 to 0.6"])
        if self.classes:
            columns["class"] = ("class", self.classes)
        if self.has_batch:
            columns["batch"] = ("batch", ["1", "2"])
        rows, models = [], []
        for partition in ("tune", "test"):
            for model in chosen:
                for by, (column, names) in columns.items():
                    p = np.nan if by == "confidence" else 0.4
                    metric = "recall" if by == "class" else self.objective
                    facts = (partition, model, self.kind(model), by, column)
                    numbers = (metric, 0.8, 0.72, 0.88, 0.83, -0.03, p, p * 2, False)
                    rows += [(*facts, name, 120, 40, *numbers) for name in names]
        for model in chosen:
            similar = f"`{model}` on the test examples least similar to train: AUPRC .800."
            lowest = f"`{model}` scores lowest in batch 1. Chance may explain it."
            record = {"model": model, "n_tested": 6, "n_worse": 0, "worst": [], "lowest": lowest}
            models.append(
                record | {"similarity": similar, "far_is_tested": True, "fails_far": False}
            )
        self._table("slices", "results/evaluation/slices.tsv", rows, SLICE_COLUMNS)
        similarity = {"measure": "shared 8-mers", "n_train": 840, "n_looked_at": 840}
        summary = {"similarity": similarity, "adjusted_by": "Holm", "models": models, "notes": []}
        summary["tested"] = {"tune": 6 * len(chosen), "test": 6 * len(chosen)}
        self._json("slice_summary", "results/evaluation/slices.json", summary)
        self._subgroups(chosen)

    def _subgroups(self, chosen):
        facts = {"n": 60, "n_units": 20, "value": 0.2, "lower": 0.1, "upper": 0.3, "rest": 0.1}
        facts |= {"difference": 0.1, "p_value": 0.4, "adjusted": 0.8}
        facts["measure"] = "false_negative_rate"
        rows = [
            {"model": model, "kind": self.kind(model), "column": "sex", "subgroup": sex, **facts}
            for model in chosen
            for sex in ("f", "m")
        ]
        table = pd.DataFrame(rows, columns=SUBGROUP_COLUMNS)
        self._table("subgroups", "results/evaluation/subgroups.tsv", table, SUBGROUP_COLUMNS)
        summary = summarise_subgroups(table, ["sex"])
        self._json("subgroup_summary", "results/evaluation/subgroups.json", summary)

    def _confidence(self):
        chosen = self.compared if self.classes else []
        measures = ("largest_probability", "calibrated_probability", "neighbours")
        rows, curves = [], []
        for model in chosen:
            for name in measures if self.kind(model) == "network" else measures[:2]:
                facts = (model, self.kind(model), name)
                values = {"error": 0.12, "error_at_80": 0.06, "aurc": 0.05, "best_aurc": 0.01}
                values |= {"brier": 0.1, "ece": 0.04} if name != "neighbours" else {}
                rows += [
                    (*facts, metric, value, np.nan, np.nan) for metric, value in values.items()
                ]
                rows.append((*facts, "gain", 0.07, 0.05, 0.09))
                curves += [(*facts, x, 0.12 * x) for x in np.linspace(0.05, 1, 20)]
        folder = "results/evaluation"
        self._table("confidence", f"{folder}/confidence.tsv", rows, CONFIDENCE_COLUMNS)
        self._table("risk_coverage", f"{folder}/risk_coverage.tsv", curves, CURVE_COLUMNS)

    def _run(self):
        record = {
            "recorded": "2026-01-06T09:30:00+00:00",
            "git": {"commit": "0123abcd" * 5, "dirty": False, "changes": [], "note": ""},
            "python": "3.11.9",
            "platform": "Linux-6.1-x86_64",
            "packages": {"snakemake": "9.27.1", "keras": "3.15.1", "scikit-learn": "1.9.1"},
            "hardware": {"cpu": "Example CPU", "cores": 2, "memory_gb": 25.3, "gpus": []},
            "seeds": {"run": 1, "final_fits": 3},
            "config": self.config,
        }
        self._json("run", "results/run/run.json", record)
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


def _with_rows(table: pd.DataFrame, rows: list) -> pd.DataFrame:
    """A table with rows added to its end."""
    return pd.concat([table, pd.DataFrame(rows, columns=table.columns)], ignore_index=True)
