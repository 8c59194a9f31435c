"""One untidy input as people have it, and what is told of it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

DRAW = random.Random(14)
CASES: list["Case"] = []


@dataclass(frozen=True)
class Case:
    """An input.

    Attributes
    ----------
    make : writes its files into a folder and returns the section `data` of the configuration
    words : what is told of it, each word for word
    is_refused : whether that is the one message that stops a run
    """

    make: Callable[[Path], dict]
    words: Sequence[str]
    is_refused: bool

    @property
    def name(self) -> str:
        return self.make.__name__


def reads(*words: str):
    """Decorate what makes an input that is read right."""
    return lambda make: CASES.append(Case(make, words, False)) or make


def refused(*words: str):
    """Decorate what makes an input that gets one message."""
    return lambda make: CASES.append(Case(make, words, True)) or make


def bases(n: int) -> str:
    """A random sequence."""
    return "".join(DRAW.choices("ACGT", k=n))


def counts(n: int) -> list[int]:
    """Counts of reads, some of them 0."""
    return [max(0, int(DRAW.gauss(60, 50))) for _ in range(n)]


def kind(number: int) -> str:
    """The class of a sample."""
    return ("case", "control")[number % 2]


def sequence_data(**data) -> dict:
    """The section `data` of two classes of sequences."""
    return {"modality": "sequence", "task": "binary", "label": "class", "positive": "case", **data}


def sample_data(**data) -> dict:
    """The section `data` of a matrix with cases and controls."""
    return {
        "modality": "tabular",
        "task": "binary",
        "label": "diagnosis",
        "positive": "case",
        **data,
    }
