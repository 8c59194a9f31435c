"""A user's tool as a scikit-learn estimator: fitting and predicting run its commands."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from deeprules.command.tool import Tool
from deeprules.command.tool_commands import placeholders, run_command
from deeprules.command.tool_files import (
    SUFFIXES,
    example_ids,
    read_folder,
    read_scores,
    write_examples,
    write_folder,
    write_labels,
)
from deeprules.data import Dataset
from deeprules.statistics.platt import LEAST_SLOPE

log = logging.getLogger("deeprules")

FOLDS = 3


class ToolEstimator(BaseEstimator):
    """Trains a tool with its training command, if it has one, and scores with its command.

    Whatever the training command writes at `{model}` is kept in memory, and so travels with the
    estimator. Each command runs in an empty temporary folder, and the one that scores is given
    no labels.

    Scores of classes that are probabilities are taken as they are. Others pass through a
    logistic map (Platt 1999) with classes of equal weight. If the tool trains, that map is
    fitted on scores of examples that were held out from it in turn (3 folds of train). Which way
    scores run is told by train, as held-out ones may run the other way where they tell little:
    of two classes the map is nearly flat then.

    Parameters
    ----------
    tool : what is run
    dataset : facts of the data
    hyperparameters : value of each hyperparameter that the commands name
    random_state : seed of the order of the examples and of the folds; `{seed}` in a command
    n_jobs : threads, `{threads}` in a command
    folds : in how many parts examples are held out to fit that map; 1 for none

    Attributes
    ----------
    model_files_ : content of each file that training wrote
    calibration_ : the logistic map, or None
    """

    def __init__(
        self,
        tool: Tool,
        dataset: Dataset,
        hyperparameters: dict,
        random_state=None,
        n_jobs=-1,
        folds: int = FOLDS,
    ):
        self.tool = tool
        self.dataset = dataset
        self.hyperparameters = hyperparameters
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.folds = folds

    def fit(self, features: np.ndarray, labels: np.ndarray) -> "ToolEstimator":
        """Train on features (N, ...) and labels (N,): class indices or values."""
        self.model_files_ = self._train(features, labels)
        self.calibration_ = None
        if self.dataset.is_classification:
            scores = self._score(features, self.model_files_)
            if not are_probabilities(scores):
                self.calibration_ = self._calibrate(scores, features, labels)
        return self

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Values (N,)."""
        return self._score(features, self.model_files_)[:, 0]

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        """Probabilities (N, C)."""
        scores = self._score(features, self.model_files_)
        if self.calibration_ is not None:
            return self.calibration_.predict_proba(scores)
        outside = int(((scores < 0) | (scores > 1)).any(axis=1).sum())
        if outside:
            log.warning(
                "%s: %d of %d scores are no probabilities, as all on train were; they are cut to 0 "
                "and 1.",
                *(self.tool.name, outside, len(scores)),
            )
        shares = np.clip(scores, 0, 1)
        if shares.shape[1] == 1:
            return np.hstack([1 - shares, shares])
        totals = shares.sum(axis=1, keepdims=True)
        return np.where(totals > 0, shares / np.where(totals > 0, totals, 1), 1 / shares.shape[1])

    def _calibrate(self, scores, features, labels):
        """The logistic map from scores to classes."""
        seen = _logistic_map(scores, labels)
        folds = min(self.folds, np.bincount(labels).min())
        if self.tool.train_command is None or folds < 2:
            return seen
        splitter = StratifiedKFold(folds, shuffle=True, random_state=self.random_state)
        scores = scores.copy()
        for kept, held_out in splitter.split(features, labels):
            files = self._train(features[kept], labels[kept])
            scores[held_out] = self._score(features[held_out], files)
        found = _logistic_map(scores, labels)
        slope, direction = found[-1].coef_, np.sign(seen[-1].coef_)
        if self.dataset.task == "binary" and slope * direction < 0:
            slope[:], found[-1].intercept_[:] = direction * LEAST_SLOPE, 0
        return found

    def _train(self, features, labels) -> dict[str, bytes]:
        """The files of a model trained on some examples; none without a training command."""
        command = self.tool.train_command
        if command is None:
            return {}
        order = self._order(len(features))
        ids = np.array(example_ids(len(order)))
        with TemporaryDirectory(prefix="deeprules-") as name:
            folder = Path(name)
            values = self._values(folder)
            wanted = set(placeholders(command))
            # Row numbers, in the order of the files, of what each placeholder stands for.
            parts = {"examples": np.arange(len(order))}
            if self.dataset.task == "binary":
                parts |= {"positives": np.flatnonzero(labels[order] == 1)}
                parts |= {"negatives": np.flatnonzero(labels[order] == 0)}
            for part in wanted & parts.keys():
                values[part] = folder / f"{part}{SUFFIXES[self.tool.format]}"
                rows = parts[part]
                write_examples(values[part], ids[rows], features[order[rows]], self.tool)
            values["labels"] = folder / "labels.tsv"
            if "labels" in wanted:
                write_labels(values["labels"], ids, labels[order], self.dataset)
            done = run_command(self.tool, command, values, folder)
            files = read_folder(values["model"].parent)
        if not files:
            raise done.error("the training command wrote nothing at {model}")
        return files

    def _score(self, features, files) -> np.ndarray:
        """Scores (N, 1), or (N, C) with several classes, of a model with the given files."""
        order = self._order(len(features))
        ids = example_ids(len(order))
        with TemporaryDirectory(prefix="deeprules-") as name:
            folder = Path(name)
            values = self._values(folder)
            write_folder(values["model"].parent, files)
            values["examples"] = folder / f"examples{SUFFIXES[self.tool.format]}"
            write_examples(values["examples"], ids, features[order], self.tool)
            values["scores"] = path = folder / "scores.tsv"
            done = run_command(self.tool, self.tool.command, values, folder)
            text = done.stdout
            if "scores" in placeholders(self.tool.command):
                if path.is_symlink() or not path.is_file():
                    raise done.error("the command wrote no file at {scores}")
                text = path.read_text(encoding="utf-8", errors="replace")
        written = read_scores(text, ids, self.dataset, done)
        scores = np.empty_like(written)
        scores[order] = written
        return scores

    def _order(self, n: int) -> np.ndarray:
        """Row number of each example in the order of its file."""
        return np.random.default_rng(self.random_state).permutation(n)

    def _values(self, folder: Path) -> dict:
        """What the placeholders of both commands stand for; `{model}` may be a file, a folder or
        the beginning of file names."""
        (folder / "model").mkdir()
        values = {"model": folder / "model" / "model"}
        return values | self.hyperparameters | {"seed": self.random_state, "threads": self.n_jobs}


def _logistic_map(scores, labels) -> Pipeline:
    balanced = LogisticRegression(class_weight="balanced", max_iter=1000)
    return make_pipeline(StandardScaler(), balanced).fit(scores, labels)


def are_probabilities(scores: np.ndarray) -> bool:
    """Whether scores (N, 1) lie within 0..1, or the rows of (N, C) add up to 1 as well."""
    is_within = bool(((scores >= 0) & (scores <= 1)).all())
    return is_within and (scores.shape[1] == 1 or np.allclose(scores.sum(axis=1), 1, atol=1e-3))
