"""A pretrained model in a local Kipoi folder, and the contract of what it takes and gives."""

from dataclasses import dataclass
from pathlib import Path

from deeprules.files import read_json
from deeprules.pretrained.kipoi_inputs import contract_identity


@dataclass(frozen=True)
class Pretrained:
    """A model that was fetched and checked.

    Attributes
    ----------
    name : its name in the configuration
    folder : local Kipoi folder, resources/pretrained/<name>
    contract : contract.json of the check: input, layer, widths, framework, trust
    """

    name: str
    folder: Path
    contract: dict

    @classmethod
    def load(cls, folder: str | Path, contract_path: str | Path) -> "Pretrained":
        """The model in `folder`, as the check that wrote `contract_path` found it."""
        contract = read_json(contract_path)
        return cls(contract["name"], Path(folder), contract)

    @property
    def identity(self) -> str:
        """What activations depend on: the files, the layer, the input."""
        return contract_identity(self.contract)

    @property
    def input_settings(self) -> dict:
        """Axes, channels, ambiguous bases, length (or None) and strand of the model's input."""
        return self.contract["input"]

    @property
    def layer(self) -> str | None:
        """Layer whose activations are the features; None for the model's own output."""
        return self.contract["layer"]
