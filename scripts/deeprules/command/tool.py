"""A user's own tool that stands among the baselines: what it is, and where it is on this machine.

What it is travels inside each fitted model and its hash. Where it is does not: a model is told
again, from the tool's description, when it is loaded.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from deeprules.errors import InputError
from deeprules.files import file_sha256, read_json

AGAIN = "Run Snakemake again with `--forcerun describe_tool`."


@dataclass(frozen=True)
class Place:
    """Where a tool is on this machine.

    Attributes
    ----------
    files : path of each file that its commands name
    prefix : folder of its conda environment; None runs its commands as they are on PATH
    hidden : folders and files that its commands must not see
    confined : what hid them when it was described; None if nothing could
    """

    files: dict[str, str] = field(default_factory=dict)
    prefix: str | None = None
    hidden: tuple[str, ...] = ()
    confined: str | None = None


@dataclass(frozen=True)
class Tool:
    """How a tool is called.

    Attributes
    ----------
    name : name of the model in the configuration
    command, train_command : templates of what scores, and of what trains (None: nothing does)
    format : `fasta` or `tsv`, the format of the examples
    space : values of each hyperparameter, one or a list to choose from
    files : SHA-256 of each file that the commands name
    environment : conda file, and `environment_sha256` its SHA-256; both None without one
    version : what its version command says; None without one
    feature_names : names of the P features of a row; empty for sequences
    place : where it is on this machine; not saved, and no part of what it is
    """

    name: str
    command: str
    train_command: str | None
    format: str
    space: dict
    files: dict[str, str]
    environment: str | None
    environment_sha256: str | None
    version: str | None
    feature_names: tuple[str, ...]
    place: Place = field(default_factory=Place, compare=False)

    @classmethod
    def load(cls, path: str | Path) -> "Tool":
        """Read a tool's description.

        Raises
        ------
        InputError if its environment or a file is no longer there, or a file is another one.
        """
        tool = cls.of_record(read_json(path))
        place = tool.place
        if place.prefix is not None and not Path(place.prefix, "bin").is_dir():
            raise InputError(f"{path}: its environment is no longer in {place.prefix}. {AGAIN}")
        for name, file in place.files.items():
            if not Path(file).is_file() or file_sha256(file) != tool.files[name]:
                raise InputError(f"{path}: {file} ({name}) is gone, or another one. {AGAIN}")
        return tool

    @classmethod
    def of_record(cls, record: Mapping) -> "Tool":
        """A tool from the content of its description."""
        facts = {**record, "feature_names": tuple(record["feature_names"])}
        facts.pop("cautions", None)
        hidden, confined = tuple(facts.pop("hidden", ())), facts.pop("confined", None)
        place = Place(facts.pop("paths"), facts.pop("prefix"), hidden, confined)
        return cls(**facts, place=place)

    def __getstate__(self):
        """What is saved: all but the place."""
        return {**self.__dict__, "place": Place()}

    def get_params(self, deep: bool = True) -> dict:
        """What is said of it beside the settings of a fit, in the way of scikit-learn."""
        said = ("command", "train_command", "format", "environment", "environment_sha256")
        files = ", ".join(f"{name} {sha256}" for name, sha256 in self.files.items())
        return {name: getattr(self, name) for name in (*said, "version")} | {"files": files or None}

    @property
    def identity(self) -> str:
        """SHA-256 of what it is."""
        facts = {name: value for name, value in self.__dict__.items() if name != "place"}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def told_where(model: object, tool: Tool | None, path: str) -> object:
    """A loaded model, told where its tool is; a model without a tool is left as it is.

    Raises
    ------
    InputError if it was fitted with another tool than the one described.
    """
    if tool is None:
        return model
    if model.estimator.tool != tool:
        raise InputError(
            f"{path}: was fitted with another command, file, environment or version of the tool "
            f"{tool.name} than it has now. Restore the tool, or fit again."
        )
    model.estimator.tool = replace(model.estimator.tool, place=tool.place)
    return model
