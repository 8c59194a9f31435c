"""A model that may be fitted: the module that builds it, and what that needs besides the data."""

import math
import pickle
from bisect import bisect_left
from copy import copy
from dataclasses import dataclass, field, replace
from types import ModuleType

from deeprules.command.tool import Tool
from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.fit.inputs import Inputs
from deeprules.fit.label_by_label import one_for_each
from deeprules.fit.models import find_module
from deeprules.pretrained.pretrained import Pretrained

MAX_TRIED_LENGTH = 10_000
"""Bases up to which the smallest length of a network is looked for."""


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
            If a network cannot take sequences as short as these, with the smallest length, or has
            another number of outputs than there are labels.
        """
        if train.covariates is None:
            train = self.inputs(train).given(train)
        needed = [] if self.needed is None else [self.needed]
        several = train.dataset.has_several_labels
        if self.kind == "network":
            model = self._network(hp, train, needed)
        elif several:
            return one_for_each(lambda part: self.module.build(hp, part, *needed), train)
        else:
            return self.module.build(hp, train, *needed)
        if several and model.output_shape[-1] != len(train.dataset.labels):
            raise InputError(
                f"The network {self.name} ({self.source}) has {model.output_shape[-1]} outputs for "
                f"{len(train.dataset.labels)} labels. End it with `output_layer(train)` of "
                "deeprules.fit.blocks."
            )
        return model

    def _network(self, hp, train: Partition, needed: list):
        """A network; one that cannot take so short sequences says what it can take."""
        try:
            return self.module.build(hp, train, *needed)
        except ValueError as error:
            if train.dataset.modality != "sequence":
                raise
            length = _smallest_length(lambda part: self.module.build(hp, part, *needed), train)
            if length is None:
                raise
            raise InputError(
                f"The network {self.name} cannot take sequences of {train.dataset.n_features} "
                f"bases: with these hyperparameters the smallest length is {length}. Give longer "
                "sequences (`data: length`), narrow what makes it need them (kernels, layers of "
                f"pooling) by `models: {self.name}: space`, or leave it out."
            ) from error

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


def _smallest_length(build, train: Partition) -> int | None:
    """The smallest length of sequences that a network can be built for; None if there is none."""

    def fails(length: int) -> bool:
        part = copy(train)
        part.dataset = replace(train.dataset, n_features=length)
        try:
            build(part)
        except ValueError:
            return True
        return False

    short, enough = train.dataset.n_features, 2 * train.dataset.n_features
    while fails(enough):
        short, enough = enough, 2 * enough
        if enough > MAX_TRIED_LENGTH:
            return None
    return bisect_left(range(enough), True, lo=short + 1, key=lambda length: not fails(length))


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
