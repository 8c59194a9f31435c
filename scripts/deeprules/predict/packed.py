"""A packed model: what `pack_model` made of a finished run, here or on another machine."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.files import read_json
from deeprules.predict.packing import FORMAT
from deeprules.wording import listed


@dataclass(frozen=True)
class PackedModel:
    """The folder of a packed model and one of the models in it.

    Attributes
    ----------
    folder : the packed model
    facts : its description, the content of `model.json`
    name : the model that predicts
    """

    folder: Path
    facts: dict
    name: str

    @classmethod
    def open(cls, folder: str | Path, name: str | None = None) -> "PackedModel":
        """The model `name`, or without it the recommended one.

        Raises
        ------
        InputError
            If this is no packed model, one of another version, or it has no such model.
        """
        path = Path(folder, "model.json")
        if not path.is_file():
            raise InputError(
                f"{folder}: is no packed model (it has no model.json). `snakemake pack_model` "
                "makes one of a finished run, in results/model."
            )
        facts = read_json(path)
        if facts["format"] != FORMAT:
            raise InputError(
                f"{path}: was written by another version of the workflow. Pack the run again."
            )
        name = name or facts["recommended"]["model"]
        if name not in facts["models"]:
            raise InputError(
                f"{folder}: there is no model `{name}`; it has {listed(list(facts['models']))}."
            )
        return cls(Path(folder), facts, name)

    @property
    def model(self) -> dict:
        """What is known of the model that predicts."""
        return self.facts["models"][self.name]

    @cached_property
    def dataset(self) -> Dataset:
        """What is true of all examples that it takes."""
        return Dataset.load(self.folder / "dataset.json")

    @property
    def feature_names(self) -> list[str]:
        """Names of the features of a row; empty for sequences."""
        return (self.folder / "feature_names.txt").read_text(encoding="utf-8").splitlines()

    @property
    def header(self) -> list[str]:
        """What every file of predictions begins with: the model, its verdict, and any doubt."""
        study, model = self.facts["study"]["study"], self.model
        seeds = len(model["files"])
        lines = [
            f"Study: {study['title']}. {study['question']}",
            f"Model: {self.name} ({model['kind']}), {seeds} fit{'s' * (seeds > 1)}"
            + (
                f"; taken because {self.facts['recommended']['why']}."
                if self.name == self.facts["recommended"]["model"]
                else f"; the run recommends {self.facts['recommended']['model']}, because "
                f"{self.facts['recommended']['why']}."
            ),
            ("" if self.facts["verdict"]["verdict"] == "withheld" else "Verdict of the run: ")
            + self.facts["verdict"]["sentence"],
        ]
        if model["kind"] == "nuisance":
            lines.append(
                f"{self.name} knows composition or metadata alone: it predicts no biology."
            )
        if model["trusted"]:
            lines.append(
                f"The model starts from the pretrained model {model['pretrained']}, whose own code "
                "was run because of `trust: true`: nobody has checked what that code does."
            )
        return [" ".join(line.split()) for line in lines]
