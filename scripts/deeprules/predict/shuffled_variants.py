"""The same changes in shuffles of the same sequences: what an effect is held against."""

from dataclasses import dataclass

import numpy as np

from deeprules.ingest.shuffling import dinucleotide_shuffle
from deeprules.predict.variant_files import Variant
from deeprules.predict.variant_windows import VariantWindows


class Reservoir:
    """A random sample of the variants that pass by, each with the same chance (Vitter 1985)."""

    def __init__(self, size: int, seed: int):
        self._size, self.kept, self._n = size, [], 0
        self.generator = np.random.default_rng(seed)

    def add(self, variant: Variant) -> None:
        """Let a variant pass by."""
        self._n += 1
        if len(self.kept) < self._size:
            self.kept.append(variant)
        elif (place := self.generator.integers(self._n)) < self._size:
            self.kept[place] = variant


@dataclass(frozen=True)
class Shuffled:
    """Windows of shuffled variants, and whether each changes the length."""

    windows: list[tuple[str, str]]
    changes_length: list[bool]


def shuffle_variants(cutter: VariantWindows, reservoir: Reservoir, n: int) -> Shuffled:
    """`n` shuffled variants: the same changes, between flanks whose bases are shuffled.

    A flank keeps its dinucleotides and its first and last base, so that a change has the same
    neighbours. At other places of the same sequences many changes would break a motif as well.
    """
    found = Shuffled([], [])
    for number in range(n if reservoir.kept else 0):
        variant = reservoir.kept[number % len(reservoir.kept)]
        flanks = (_shuffled(one, reservoir.generator) for one in cutter.flanks(variant))
        found.windows.append(cutter.windows(variant, *flanks))
        found.changes_length.append(len(variant.ref) != len(variant.alt))
    return found


def _shuffled(flank: str, generator) -> str:
    letters = np.frombuffer(flank.encode(), dtype=np.uint8)
    return dinucleotide_shuffle(letters, generator).tobytes().decode()
