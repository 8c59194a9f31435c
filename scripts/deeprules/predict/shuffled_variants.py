"""The same changes at random places of the same sequences: what an effect is held against."""

from dataclasses import dataclass

import numpy as np

from deeprules.predict.variant_files import BASES, Variant
from deeprules.predict.variant_windows import VariantWindows

TRIES = 50


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
    """Up to `n` shuffled variants; each stands in the middle of a window, as the variants do.

    A substitution of one base is moved to another place with the same base in the window of the
    variant; what changes the length, or several bases, to any other place there.
    """
    found = Shuffled([], [])
    for number in range(n if reservoir.kept else 0):
        variant = reservoir.kept[number % len(reservoir.kept)]
        windows = _moved(cutter, variant, reservoir.generator)
        if windows is not None:
            found.windows.append(windows)
            found.changes_length.append(len(variant.ref) != len(variant.alt))
    return found


def _moved(cutter: VariantWindows, variant: Variant, generator) -> tuple[str, str] | None:
    """The windows of a variant's change at another place of its sequence; None if none is found."""
    chromosome = cutter.genome.find(variant.chromosome)
    middle, width = variant.position - 1, cutter.width
    for place in generator.integers(middle - width // 2, middle + width // 2 + 1, TRIES).tolist():
        end = place + len(variant.ref)
        if place < 0 or place == middle or end > cutter.genome.sizes[chromosome]:
            continue
        ref = cutter.genome.fetch(chromosome, place, end).upper()
        if set(ref) - BASES or (len(variant.ref) == len(variant.alt) == 1 and ref != variant.ref):
            continue
        windows = cutter.at(chromosome, place, ref, _changed(variant, ref, generator))
        if windows is not None:
            return windows
    return None


def _changed(variant: Variant, ref: str, generator) -> str:
    """What the variant's change makes of other bases."""
    if len(variant.ref) == 1:
        return variant.alt if len(variant.alt) == 1 else ref + variant.alt[1:]
    if len(variant.alt) == 1:
        return ref[0]
    return "".join(generator.permutation(list(variant.alt)))
