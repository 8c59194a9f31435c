"""A model that may be fitted: the module that builds it, and what that needs besides the data."""

import math
import pickle
from dataclasses import dataclass, field
from types import ModuleType

from deeprules.command.tool import Tool
from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.fit.inputs import Inputs
from deeprules.fit.label_by_label import OneForEachLabel, with_scarcest_label
from deeprules.fit.models import find_module
from deeprules.pretrained.pretrained import Pretrained


@dataclass(frozen=True)
class Candidate:
    """A model of the configuration, network or baseline.

    Attributes
    ----------
    name : its name in the configuration
    kind : `network`, `baseline` or `nuisance`
    module : module with `build(hp, train)`
    space : hyperparameters that the configuration fixes or restricts, by name
    alone : whether it is a network that is trained for each of several labels alone
    needed : the pretrained model that it starts from or the tool that it runs, if any; `build` is
        given it as a third argument
    private : of a network that is trained with differential privacy, `epsilon`, `delta` and the
        number of `fits` that keep them together
    """

    name: str
    kind: str
    module: ModuleType
    space: dict = field(default_factory=dict)
    needed: Pretrained | Tool | None = None
    private: dict | None = None
    alone: bool = False

    @classmethod
    def of(cls, name: str, entry: dict, needed: Pretrained | Tool | None = None) -> "Candidate":
        """From its `kind`, `module` and perhaps `space` and `private`, as jobs are given them."""
        module = find_module(entry["kind"], entry["module"])
        space, private = entry.get("space", {}), entry.get("private")
        if getattr(module, "RANDOM_WEIGHTS", False):
            needed = needed.with_random_weights()
        alone = entry.get("alone", False)
        return cls(name, entry["kind"], module, space, needed, private, alone)

    def build(self, hp, train: Partition):
        """The model, not yet fitted: a `keras.Model`, or an estimator of scikit-learn.

        Of several labels, a network predicts all, and an estimator is one for each of them.

        Raises
        ------
        InputError
            If a network has another number of outputs than there are labels.
        """
        if train.covariates is None:
            train = self.inputs(train).given(train)
        needed = [] if self.needed is None else [self.needed]
        if not train.dataset.has_several_labels:
            return self.module.build(hp, train, *needed)
        if self.kind != "network":
            return OneForEachLabel(self.module.build(hp, with_scarcest_label(train), *needed))
        model = self.module.build(hp, train, *needed)
        if model.output_shape[-1] != len(train.dataset.labels):
            raise InputError(
                f"The network {self.name} ({self.source}) has {model.output_shape[-1]} outputs for "
                f"{len(train.dataset.labels)} labels. End it with `output_layer(train)` of "
                "deeprules.fit.blocks."
            )
        return model

    def inputs(self, train: Partition) -> Inputs:
        """What it is given of an example, once it is fitted on `train`."""
        return Inputs.of(getattr(self.module, "INPUTS", ("features",)), train)

    @property
    def uses_class_weights(self) -> bool:
        """Whether its probabilities refer to classes of equal size, whatever those of train."""
        return getattr(self.module, "USES_CLASS_WEIGHTS", True)

    @property
    def max_sequences(self) -> float:
        """Sequences that it is fitted to at most, as its module says."""
        return getattr(self.module, "MAX_SEQUENCES", math.inf)

    @property
    def source(self) -> str:
        """Full name of its module."""
        return getattr(self.module, "__name__", "")

    @property
    def identity(self) -> str:
        """What its fits depend on besides data and code: what is needed, and what is promised."""
        needed = "" if self.needed is None else self.needed.identity
        return f"{needed}{self.private or ''}"


def require_savable(candidate: Candidate, hp, train: Partition) -> None:
    """Stop the run if a baseline cannot be saved, before it is tuned.

    Networks have a check of their own, and pass.

    Parameters
    ----------
    hp : hyperparameters; a `keras_tuner.HyperParameters` gives every default

    Raises
    ------
    InputError
        Naming what cannot be saved, such as a lambda or a class within a function.
    """
    if candidate.kind == "network":
        return
    try:
        pickle.loads(pickle.dumps(candidate.build(hp, train)))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InputError(
            f"The baseline {candidate.name} ({candidate.source}) cannot be saved, so that no other "
            f"job could use it: {error}. A class or function of its own must stand at the top "
            "level of a file of the library; a lambda cannot be saved."
        ) from error
