"""What will be tested, fixed by hash before the test set is opened."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deeprules.errors import InputError
from deeprules.files import read_json
from deeprules.fit.fitted_files import model_sha256
from deeprules.statistics.metrics import LOWER_IS_BETTER

KINDS = ("network", "baseline", "nuisance")


def freeze_models(
    entries: Sequence[dict],
    models: Sequence[str],
    score_files: Sequence[str],
    objective: str,
    study_sha256: str,
) -> dict:
    """Hashes of all fitted models, and which of them will stand in the verdict.

    Parameters
    ----------
    entries : {"model", "kind", "seed"} of each fit
    models : model file of each fit, in the same order
    score_files : `scores.json` of each fit, in the same order
    objective : metric on tune that chooses; the best mean over seeds wins, the first of equals
    study_sha256 : hash of the study description

    Returns
    -------
    The content of `frozen.json`.

    Raises
    ------
    InputError if a fit's score is missing or not defined, or if a model is not the one that was
    fitted.
    """
    frozen = {}
    for entry, path, score_file in zip(entries, models, score_files, strict=True):
        model = frozen.setdefault(
            entry["model"],
            {
                "kind": entry["kind"],
                "tune_score": None,
                "tune_scores": [],
                "seeds": [],
                "files": {},
            },
        )
        score = read_json(score_file)
        model["tune_scores"].append(_tune_score(score, score_file, objective))
        model["seeds"].append(entry["seed"])
        model["files"][str(path)] = _same_since_fit(score, score_file, path)
    for model in frozen.values():
        model["tune_score"] = float(np.mean(model["tune_scores"]))
    return {
        "objective": objective,
        "study_sha256": study_sha256,
        "models": frozen,
        "chosen": {kind: _best(frozen, kind, objective) for kind in KINDS},
    }


def verify_models(frozen: dict, models: Sequence[str], objective: str) -> None:
    """Check that the models at hand are the frozen ones.

    Raises
    ------
    InputError that names every model file that is missing, was added or was altered since
    freezing, or that says that the objective is another one or that `frozen.json` was edited.
    """
    try:
        _verify(frozen, models, objective)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"frozen.json lacks what was written there ({type(error).__name__}: {error}): it was "
            "edited. The test set was not opened. Delete results/frozen.json and run again."
        ) from error


def _verify(frozen: dict, models: Sequence[str], objective: str) -> None:
    """As `verify_models`, of a `frozen.json` that has all its parts."""
    if frozen["objective"] != objective:
        raise InputError(
            f"The models were chosen by {frozen['objective']} but are to be judged by {objective}. "
            "Run freeze_models again."
        )
    edited = [
        name
        for name, model in frozen["models"].items()
        if model["kind"] not in KINDS
        or model["tune_score"] != float(np.mean(model["tune_scores"]))
        or not len(model["files"]) == len(model["seeds"]) == len(model["tune_scores"])
    ]
    if edited:
        raise InputError(
            f"frozen.json: the entries of {', '.join(edited)} contradict themselves: they were "
            "edited. The test set was not opened. Delete results/frozen.json and run again."
        )
    chosen = {kind: _best(frozen["models"], kind, objective) for kind in KINDS}
    if frozen["chosen"] != chosen:
        raise InputError(
            f"frozen.json names {frozen['chosen']} as chosen, but its scores on tune choose "
            f"{chosen}: it was edited. Delete results/frozen.json and run again."
        )
    hashes = {
        path: sha256
        for model in frozen["models"].values()
        for path, sha256 in model["files"].items()
    }
    paths = {str(path) for path in models}
    problems = [
        f"{path}: frozen, but not among the models to test" for path in hashes.keys() - paths
    ]
    problems += [f"{path}: not frozen" for path in paths - hashes.keys()]
    problems += [
        f"{path}: altered since it was frozen"
        for path in paths & hashes.keys()
        if model_sha256(path) != hashes[path]
    ]
    if problems:
        raise InputError(
            "The models are not those that were frozen:\n  - "
            + "\n  - ".join(sorted(problems))
            + "\nThe test set was not opened. Restore the files, or delete results/frozen.json and "
            "results/fit and run again."
        )


def models_sha256(frozen: dict) -> str:
    """One hash for all frozen models: SHA-256 over their sorted hashes, one a line."""
    hashes = sorted(
        sha256 for model in frozen["models"].values() for sha256 in model["files"].values()
    )
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _tune_score(scored: dict, path: str | Path, objective: str) -> float:
    """A fit's score on tune."""
    score = scored["tune"].get(objective)
    if score is None or not np.isfinite(score):
        raise InputError(
            f"{path}: no score {objective!r} on tune. Choose a metric of this task as "
            "`tuning: objective`, and see that each class has examples in tune."
        )
    return float(score)


def _same_since_fit(scored: dict, score_file: str | Path, path: str | Path) -> str:
    """The hash of a model, which must be the one that its fit has written beside its scores."""
    sha256 = model_sha256(path)
    if scored.get("model_sha256") != sha256:
        raise InputError(
            f"{path}: is not the model that was fitted: its hash is not the one in {score_file}. "
            f"The test set was not opened. Delete the folder {Path(path).parent} and run again."
        )
    return sha256


def _best(frozen: dict, kind: str, objective: str) -> str | None:
    """The model of a kind with the best mean score on tune; None if there is none."""
    sign = -1 if objective in LOWER_IS_BETTER else 1
    names = [name for name, model in frozen.items() if model["kind"] == kind]
    return max(names, key=lambda name: sign * frozen[name]["tune_score"], default=None)
