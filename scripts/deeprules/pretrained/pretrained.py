"""A pretrained model in a local folder, and the contract of what it takes and gives."""

from dataclasses import dataclass, replace
from pathlib import Path

from deeprules.files import read_json
from deeprules.pretrained.kipoi_inputs import contract_identity


@dataclass(frozen=True)
class Pretrained:
    """A model that was fetched and checked.

    Attributes
    ----------
    name : its name in the configuration
    folder : local folder, resources/pretrained/<name>
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

    def with_random_weights(self) -> "Pretrained":
        """The same architecture and tokeniser with weights drawn at random, always the same ones.

        The contract holds the seed. Only models of Hugging Face have such a twin.
        """
        return replace(self, contract={**self.contract, "random_weights": self.contract["seed"]})

    @property
    def identity(self) -> str:
        """What activations depend on: the files or the draw of weights, the layer, the input."""
        return contract_identity(self.contract)

    @property
    def input_settings(self) -> dict:
        """Axes, channels, ambiguous bases, length (or None) and strand of the model's input."""
        return self.contract["input"]

    @property
    def layer(self) -> str | None:
        """Layer whose activations are the features; None for the model's own output."""
        return self.contract["layer"]
