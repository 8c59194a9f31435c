"""The grid of the simulation study: its cells, each as complete as the configuration of a run.

The grid is a YAML file. `run` and `simulate` hold what all cells share, in the words of the
configuration; each of `conditions` has its own `simulate` and the numbers of examples `n` to draw.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from deeprules.strict_text import TextError, read_yaml
from deeprules_workflow.configuration import ConfigurationError, model_entry, resolve
from deeprules_workflow.modules import find_models, floor_of

KEYS = {"repeats": int, "seed": int, "run": dict, "simulate": dict, "conditions": dict}
SECTIONS = ("data", "split", "tuning", "fit", "evaluation")
"""Sections of a resolved configuration that a cell consists of, besides its models."""

SHARED = ("split", "tuning", "models", "fit", "evaluation")
"""Sections that `run` may hold."""

STUDY = "config/examples/simulated_sequences/study.yaml"


class Grid:
    """The cells of a grid file.

    Parameters
    ----------
    path : the YAML file
    folder : folder of the workflow

    Raises
    ------
    ConfigurationError
        If the file is not laid out as a grid; what is wrong in a cell is told by `cell`.
    """

    def __init__(self, path: str | Path, folder: str | Path):
        self.path, self.folder = Path(path), folder
        try:
            content = read_yaml(self.path)
        except TextError as error:
            raise ConfigurationError(str(path), error.faults) from None
        faults = _faults(content)
        if faults:
            raise ConfigurationError(str(path), faults)
        self.repeats, self.seed = content["repeats"], content["seed"]
        self._content = content
        self._places = {
            f"{condition}_n{n}": (condition, n)
            for condition, entry in content["conditions"].items()
            for n in entry["n"]
        }

    @property
    def names(self) -> list[str]:
        """Names of the cells, `<condition>_n<n>`, in the order of the file."""
        return list(self._places)

    @property
    def plugins(self) -> list[str]:
        """Modules of the library that the cells find by name, such as `networks.cnn`."""
        known = find_models(self.folder)
        models = dict(self._content["run"].get("models") or {})
        names = {(entry or {}).get("module", name) for name, entry in models.items()}
        return sorted(known[name].plugin for name in {*names, *floor_of(known)} if name in known)

    def cell_of(self, wildcards) -> dict:
        """The cell of a job."""
        return self.cell(wildcards.cell)

    def cell(self, name: str) -> dict:
        """A cell: `name`, `condition`, `models` and the `SECTIONS` of a resolved configuration.

        Raises
        ------
        ConfigurationError
            With everything that is wrong in it.
        """
        condition, n = self._places[name]
        own = self._content["conditions"][condition]["simulate"]
        simulate = {"kind": "sequences", **self._content["simulate"], **own, "n": n}
        config = {
            "study": STUDY,
            "seed": self.seed,
            "data": {
                "modality": "sequence",
                "task": "binary",
                "label": "label",
                "positive": "positive",
                "batch": "batch",
                "sources": {"drawn": {"format": "table", "simulate": simulate}},
            },
            **self._content["run"],
        }
        try:
            config = resolve(config, self.folder)
        except ConfigurationError as error:
            raise ConfigurationError(f"{self.path}, cell {name}", error.faults) from None
        models = {
            model: {**model_entry(model, config, self.folder), "space": entry["space"]}
            for model, entry in config["models"].items()
        }
        sections = {section: config[section] for section in SECTIONS}
        return {"name": name, "condition": condition, "models": models, **sections}


def _faults(content: object) -> list[str]:
    """What is wrong with the layout of a grid file."""
    if not isinstance(content, Mapping):
        return [f"must be a mapping with the keys {', '.join(KEYS)}"]
    faults = [f"unknown key `{key}`; there are {', '.join(KEYS)}" for key in content.keys() - KEYS]
    for key, kind in KEYS.items():
        if not isinstance(content.get(key), kind):
            faults.append(f"{key}: must be {'a number' if kind is int else 'a mapping'}")
    if faults:
        return faults
    if content["repeats"] < 1:
        faults.append("repeats: must be 1 or more")
    faults += [
        f"run.{key}: a grid has only the sections {', '.join(SHARED)}"
        for key in content["run"].keys() - set(SHARED)
    ]
    if not content["conditions"]:
        faults.append("conditions: name at least one")
    for name, entry in content["conditions"].items():
        faults += _condition_faults(str(name), entry)
    return faults


def _condition_faults(name: str, entry: object) -> list[str]:
    """What is wrong with one of the conditions."""
    where = f"conditions.{name}"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return [f"{where}: a name has small letters, digits and underscores alone"]
    if not isinstance(entry, Mapping) or set(entry) != {"n", "simulate"}:
        return [f"{where}: must be a mapping with the keys n and simulate, and no others"]
    n = entry["n"]
    if not isinstance(n, list) or not n or not all(type(one) is int for one in n):
        return [f"{where}.n: must be a list of whole numbers"]
    if not isinstance(entry["simulate"], Mapping) or {"n", "kind", "seed"} & set(entry["simulate"]):
        return [f"{where}.simulate: must be a mapping without n, kind and seed"]
    return []
