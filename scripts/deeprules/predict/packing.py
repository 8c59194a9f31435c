"""A finished run as one folder that predicts by itself: models, calibration, ranges of train.

The folder can be copied to another project or machine. It holds no example, with these exceptions,
which its description (`model.json`) names: some baselines keep their training examples (nearest
neighbours, support vector machines), and ids, intervals and hashes of the examples tell who they
are to those who hold the same data. Data that are not public are packed without the latter.
"""

import ast
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from deeprules.conclude.conclusion import recommended
from deeprules.data import Dataset, Development, Partition
from deeprules.errors import InputError
from deeprules.files import read_json, whole_folder, write_json
from deeprules.fit.fitted_files import model_sha256
from deeprules.fit.prediction_tables import final_predictions
from deeprules.predict.calibrations import fit_calibration
from deeprules.predict.tested import write_tested
from deeprules.predict.training_facts import write_training
from deeprules.privacy.gate import is_public
from deeprules.statistics.metrics import LOWER_IS_BETTER
from deeprules.yaml_files import read_yaml

LIBRARY = Path(__file__).parents[1]
FORMAT = 1
NOT_OF_NEW_DATA = ("sources", "samples", "duplicates", "conflicts")
"""Settings of the data that say nothing of how an example becomes what a model takes."""
NEEDED = (
    *("results/frozen.json", "results/conclusion/verdict.json", "results/config.yaml"),
    *("results/dataset/dataset.json", "results/split/train/features.npy"),
)
"""Files without which a run is not finished."""


def require_finished(run: str | Path) -> None:
    """Check that a folder holds a finished run.

    Raises
    ------
    InputError
        That names what is missing.
    """
    missing = [name for name in NEEDED if not Path(run, name).is_file()]
    if missing:
        raise InputError(
            f"There is no finished run in {Path(run).resolve()}: {missing[0]} is missing. A "
            "prediction is made by "
            "the models of a run that has its verdict: run `snakemake` to its end first, or name "
            "the folder of a finished run, or what `snakemake pack_model` made of one, in `run`."
        )


def pack_model(
    run: str | Path, folder: str | Path, released: Mapping[str, str] | None = None
) -> dict:
    """Pack a finished run; what it holds is read, and nothing of it is changed.

    Parameters
    ----------
    run : working directory of the run, in which `results` lies
    folder : folder to make; one that exists is replaced
    released : `model` and `why` of the only model to pack; all if left out

    Returns
    -------
    The description, as it is written to `model.json`.

    Raises
    ------
    InputError
        If the run is not finished, or a model is not the one that was frozen.
    """
    run = Path(run)
    require_finished(run)
    results = run / "results"
    config = read_yaml(results / "config.yaml")
    dataset = Dataset.load(results / "dataset" / "dataset.json")
    parts = (Partition(results / "split" / name, dataset) for name in Development._fields)
    development, shows_all = Development(*parts), is_public(config)
    with whole_folder(folder) as unfinished:
        frozen = read_json(results / "frozen.json")
        names = [released["model"]] if released else list(frozen["models"])
        models = _pack_models(run, unfinished, config, development.tune, names)
        is_private = released is not None and models[released["model"]]["private"]
        shows_all = shows_all and not is_private
        training = write_training(unfinished, development, config["seed"], shows_all, is_private)
        tested = write_tested(unfinished, run / "records" / "ledger") if shows_all else None
        for name in ("dataset.json", "feature_names.txt"):
            shutil.copyfile(results / "dataset" / name, unfinished / name)
        verdict = read_json(results / "conclusion" / "verdict.json")
        description = {
            "format": FORMAT,
            "study": read_json(results / "study.json"),
            "data": {
                name: value for name, value in config["data"].items() if name not in NOT_OF_NEW_DATA
            },
            "sources": _sources(config),
            "backend": os.environ.get("KERAS_BACKEND", "tensorflow"),
            "objective": frozen["objective"],
            "verdict": {name: verdict[name] for name in ("verdict", "sentence")},
            "recommended": _recommendation(verdict, frozen, released),
            "models": models,
            "training": training,
            "tested": tested,
            "is_public": shows_all,
            "holds_examples": [name for name in models if models[name]["holds_examples"]],
        }
        write_json(unfinished / "model.json", description)
    return description


def _pack_models(
    run: Path, folder: Path, config: Mapping, tune: Partition, names: list[str]
) -> dict:
    """Copy frozen models, with what they start from; {name: what is known of it}."""
    frozen, packed = read_json(run / "results" / "frozen.json"), {}
    for name in names:
        model = frozen["models"][name]
        fits = run / "results" / "fit" / name / "real"
        files = []
        for seed, (path, sha256) in zip(model["seeds"], model["files"].items(), strict=True):
            source = fits / f"seed{seed}" / Path(path).name
            if not source.is_file() or model_sha256(source) != sha256:
                raise InputError(
                    f"{source}: is missing, or not the model that was frozen and tested. Restore "
                    "it, or delete results/frozen.json and results/fit and run again."
                )
            target = folder / "models" / name / f"seed{seed}{source.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            files.append({"seed": seed, "file": str(target.relative_to(folder)), "sha256": sha256})
        entry = config["models"][name]
        module = entry.get("module") or name
        kept = {"kind": model["kind"], "module": module, "tune_score": model["tune_score"]}
        pretrained = _pack_pretrained(run, folder, entry.get("pretrained"))
        is_private = bool(entry.get("private"))
        packed[name] = {
            **kept,
            "files": files,
            "private": is_private,
            "calibration": _calibration(fits, model["seeds"], tune, is_private),
            "inputs": constant(model["kind"], module, "INPUTS", ("features",)),
            "random_weights": constant(model["kind"], module, "RANDOM_WEIGHTS", False),
            "holds_examples": constant(model["kind"], module, "HOLDS_EXAMPLES", False),
            **pretrained,
            "tool": _pack_tool(run, folder, name),
        }
    return packed


def constant(kind: str, module: str, name: str, otherwise):
    """A constant at the top of a model's module, which is read, not run."""
    folder = "networks" if kind == "network" else "baselines"
    path = LIBRARY / folder / f"{module}.py"
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name:
            return ast.literal_eval(node.value)
    return otherwise


def _pack_pretrained(run: Path, folder: Path, name: str | None) -> dict:
    """Copy the pretrained model that a model starts from."""
    if name is None:
        return {"pretrained": None, "trusted": False}
    target = folder / "pretrained" / name
    contract = run / "results" / "pretrained" / name / "contract.json"
    if not target.exists():
        hidden = shutil.ignore_patterns(".*")  # Snakemake notes its time there
        shutil.copytree(run / "resources" / "pretrained" / name, target / "folder", ignore=hidden)
        shutil.copyfile(contract, target / "contract.json")
    return {"pretrained": name, "trusted": bool(read_json(contract)["trust"])}


def _pack_tool(run: Path, folder: Path, name: str) -> bool:
    """Copy the description of the user's tool that a model runs; whether there is one."""
    source = run / "results" / "tools" / f"{name}.json"
    if source.is_file():
        (folder / "tools").mkdir(exist_ok=True)
        shutil.copyfile(source, folder / "tools" / source.name)
    return source.is_file()


def _calibration(fits: Path, seeds: list[int], tune: Partition, is_private: bool) -> dict | None:
    """The calibration of the ensemble, fitted on tune as for the report; None for values.

    Where training was private there is none, as it would tell of tune past the noise.
    """
    dataset = tune.dataset
    if not (dataset.classes or dataset.are_classes.any()):
        return None
    if is_private:
        return {"scale": 1.0, "shifts": [0.0] * len(dataset.classes), "n": 0}
    paths = [fits / f"seed{seed}" / "predictions.parquet" for seed in seeds]
    ensemble = final_predictions(paths, {"tune": tune})["tune"].mean(axis=0)
    return fit_calibration(dataset, tune.labels, ensemble)


def _recommendation(verdict: Mapping, frozen: Mapping, released: Mapping | None) -> dict:
    return (
        {name: released[name] for name in ("model", "why")}
        if released
        else recommend(verdict, frozen)
    )


def recommend(verdict: Mapping, frozen: Mapping) -> dict:
    """The model that is applied where none is named, and why."""
    names = recommended(verdict)
    if len(names) == 1:
        return {"model": names[0], "why": "the verdict speaks for it"}
    sign = -1 if frozen["objective"] in LOWER_IS_BETTER else 1
    chosen = [name for name in (frozen["chosen"]["network"], frozen["chosen"]["baseline"]) if name]
    chosen = chosen or list(frozen["models"])
    if names and verdict.get("baseline"):
        return {"model": verdict["baseline"], "why": "the verdict is open, and it is the simpler"}
    best = max(chosen, key=lambda name: sign * frozen["models"][name]["tune_score"])
    return {"model": best, "why": "there is no verdict, and it has the best score on tune"}


def _sources(config: Mapping) -> dict:
    """What the models were trained on: origin, version, licence and citation of each source."""
    stated = ("url", "simulate", "version", "licence", "citation")
    return {
        name: {key: source[key] for key in stated if key in source}
        for name, source in config["data"]["sources"].items()
    }
