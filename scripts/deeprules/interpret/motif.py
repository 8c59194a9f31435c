"""A motif that attributions hold, and where it stands."""

from dataclasses import asdict, dataclass, field

import numpy as np

from deeprules.files import read_json, write_json

MIN_SEQUENCES = 50
"""Sequences below which no motifs are looked for."""
MOTIF_COLUMNS = ["motif", "consensus", "sites", "sequences", "share", "fits_with_it", "fits"]
MOTIF_COLUMNS += ["from_base", "to_base", "sites_there", "is_placed"]
MOTIF_COLUMNS += ["effect", "survives", "because", "match", "q_value", "examples"]
"""Of the table of motifs."""
MIN_OVERLAP = 5
"""Positions that two motifs must share to be compared."""
ALIKE = 0.85
"""Correlation of base probabilities from which on two motifs are the same."""


@dataclass
class Motif:
    """A motif and its instances.

    Attributes
    ----------
    name : `motif_1` ...
    matrix : base probabilities (W, 4)
    contributions : mean score of each base at each position (W, 4)
    sites : a mapping an instance: row (of the sequence), start, reverse (whether on the other
        strand)
    facts : what else is known, by name
    """

    name: str
    matrix: np.ndarray
    contributions: np.ndarray
    sites: list[dict]
    facts: dict = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Positions."""
        return len(self.matrix)

    @property
    def consensus(self) -> str:
        """The most frequent base of each position; small where it has less than half."""
        letters = zip(self.matrix.argmax(axis=1), self.matrix.max(axis=1), strict=True)
        return "".join("ACGT"[base] if share >= 0.5 else "acgt"[base] for base, share in letters)

    def as_json(self) -> dict:
        """For a JSON file."""
        lists = {name: np.round(getattr(self, name), 5).tolist() for name in ARRAYS}
        return asdict(self) | lists | {"consensus": self.consensus}

    @classmethod
    def of_json(cls, content: dict) -> "Motif":
        """From what `as_json` gave."""
        known = {key: value for key, value in content.items() if key != "consensus"}
        return cls(**known | {name: np.array(known[name]) for name in ARRAYS})


ARRAYS = ("matrix", "contributions")


def write_motifs(path, motifs: list[Motif], null_motifs: list[Motif], source: dict) -> None:
    """Write the motifs of a network, those of shuffled labels, and where known ones are from."""
    lists = {"motifs": motifs, "null": null_motifs}
    content = {name: [one.as_json() for one in found] for name, found in lists.items()}
    write_json(path, content | {"known": source})


def read_motifs(path) -> tuple[list[Motif], list[Motif], dict]:
    """What `write_motifs` wrote."""
    content = read_json(path)
    found = ([Motif.of_json(one) for one in content[name]] for name in ("motifs", "null"))
    return (*found, content["known"])


def similarity(first: np.ndarray, second: np.ndarray) -> float:
    """Highest correlation of base probabilities (W, 4) over all overlaps, on either strand."""
    best, least = -1.0, min(MIN_OVERLAP, len(first), len(second))
    for other in (second, second[::-1, ::-1]):
        for shift in range(least - len(other), len(first) - least + 1):
            begin, end = max(0, shift), min(len(first), shift + len(other))
            one, two = first[begin:end] - 0.25, other[begin - shift : end - shift] - 0.25
            # What one of them has beside the overlap counts against it.
            norms = np.sqrt(((first - 0.25) ** 2).sum() * ((other - 0.25) ** 2).sum())
            shared = np.sqrt((one**2).sum() * (two**2).sum())
            best = max(best, float((one * two).sum() / max(np.sqrt(norms * shared), 1e-9)))
    return best
