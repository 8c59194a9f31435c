"""The two sequences that a variant makes of one place in the genome, of the model's width.

Each allele stands in the middle of its own window, or where the window of a region has it: what an
insertion brings in or a deletion takes away moves both flanks by half of it. So exchanging the
alleles exchanges the windows.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from deeprules.encoding import encode
from deeprules.errors import InputError
from deeprules.ingest.genomes import Genome
from deeprules.predict.variant_files import Variant

MISMATCH = "the reference is another one"
UNKNOWN = "unknown chromosome"
OFF_THE_END = "the window reaches over the end of the chromosome"
NO_SEQUENCE = "the alternative allele has no sequence"
TOO_LONG = "an allele is longer than the window"
OF_ANOTHER_ASSEMBLY = (MISMATCH, UNKNOWN)
SHOWN = 5
MAX_WRONG = 0.01
"""Share of variants that do not fit the genome, above which it is taken for another assembly."""


@dataclass
class Excluded:
    """Variants without an effect, and why.

    Attributes
    ----------
    n : all variants that were looked at
    counts : how many were left out for each reason
    rows : (variant, reason, what was found) of those that are not written yet
    first : sentences on the first that do not fit the genome
    """

    n: int = 0
    counts: Counter = field(default_factory=Counter)
    rows: list[tuple[Variant, str, str]] = field(default_factory=list)
    first: list[str] = field(default_factory=list)

    def add(self, variant: Variant, reason: str, found: str = "") -> None:
        """Leave a variant out."""
        self.counts[reason] += 1
        self.rows.append((variant, reason, found))
        if reason in OF_ANOTHER_ASSEMBLY and len(self.first) < SHOWN:
            told = f"{reason}, {found}" if found else reason
            self.first.append(f"line {variant.row} ({variant.id}): {told}")

    def check_assembly(self, genome: str) -> None:
        """Stop where too many variants do not fit the genome.

        Raises
        ------
        InputError
            With the counts and the first of these variants.
        """
        wrong = sum(self.counts[reason] for reason in OF_ANOTHER_ASSEMBLY)
        if not self.n or wrong / self.n <= MAX_WRONG:
            return
        raise InputError(
            f"{wrong:,} of {self.n:,} variants ({wrong / self.n:.1%}) do not fit the genome "
            f"{genome}: {self.counts[MISMATCH]:,} have another reference, {self.counts[UNKNOWN]:,} "
            f"lie on chromosomes that it does not have. {'; '.join(self.first)}. The variants are "
            "most likely of another assembly: give the genome that they were called on, or lift "
            "them over. Single variants that do not fit are left out, up to 1% of all."
        )


class VariantWindows:
    """Cuts the windows of variants out of a genome.

    Parameters
    ----------
    genome : the genome
    width : bases that the model takes
    regions : windows in which variants are seen, of the same width; the others are in the middle

    Attributes
    ----------
    excluded : variants without windows
    chromosomes : bases of the chromosomes of the others, under the names that they use
    """

    def __init__(self, genome: Genome, width: int, regions: "Regions | None" = None):
        self.genome, self.width, self.regions = genome, width, regions or Regions([], width)
        self.excluded = Excluded()
        self.chromosomes: dict[str, int] = {}

    def cut(self, variant: Variant) -> tuple[str, str] | None:
        """Windows with the reference and the alternative allele; None if it is left out."""
        self.excluded.n += 1
        chromosome = self.genome.find(variant.chromosome)
        if chromosome is None:
            return self.excluded.add(variant, UNKNOWN, variant.chromosome)
        start, size = variant.position - 1, self.genome.sizes[chromosome]
        if start < 0:  # VCF has telomeres at 0
            return self.excluded.add(variant, OFF_THE_END)
        if start + len(variant.ref) > size:
            return self.excluded.add(variant, MISMATCH, f"the chromosome has {size:,} bases")
        there = self.genome.fetch(chromosome, start, start + len(variant.ref)).upper()
        if there != variant.ref:
            return self.excluded.add(variant, MISMATCH, f"it has {there[:20]}")
        if variant.alt is None:
            return self.excluded.add(variant, NO_SEQUENCE)
        if max(len(variant.ref), len(variant.alt)) > self.width:
            return self.excluded.add(variant, TOO_LONG)
        flanks = self.flanks(variant)
        if flanks is None:
            return self.excluded.add(variant, OFF_THE_END)
        self.chromosomes[variant.chromosome] = size
        return self.windows(variant, *flanks)

    def in_region(self, variant: Variant) -> bool:
        """Whether a variant is seen in the window of a region."""
        return self._moved(variant) is not None

    def flanks(self, variant: Variant) -> tuple[str, str] | None:
        """Bases before and after a variant that windows take; None if one reaches over an end."""
        chromosome, start = self.genome.find(variant.chromosome), variant.position - 1
        before, after = self._flanks(variant, min(len(variant.ref), len(variant.alt)))
        end = start + len(variant.ref)
        if start < before or end + after > self.genome.sizes[chromosome]:
            return None
        left = self.genome.fetch(chromosome, start - before, start).upper()
        return left, self.genome.fetch(chromosome, end, end + after).upper()

    def windows(self, variant: Variant, left: str, right: str) -> tuple[str, str]:
        """Windows of both alleles between these flanks."""
        found = []
        for allele in (variant.ref, variant.alt):
            before, after = self._flanks(variant, len(allele))
            found.append(left[len(left) - before :] + allele + right[:after])
        return tuple(found)

    def _flanks(self, variant: Variant, length: int) -> tuple[int, int]:
        """Bases before and after an allele of so many bases."""
        before = (self.width - length) // 2 + (self._moved(variant) or 0)
        return before, self.width - length - before

    def _moved(self, variant: Variant) -> int | None:
        """How far to the right of the middle of its window a variant stands; None: in no region."""
        room = self.width - max(len(variant.ref), len(variant.alt))
        middle = variant.position - 1 - room // 2
        found = self.regions.moved(self.genome.find(variant.chromosome), middle)
        is_inside = found is not None and 0 <= found + room // 2 <= room
        return found if is_inside else None


class Regions:
    """Windows of regions, in which variants are seen.

    Parameters
    ----------
    windows : chromosome, start and end of each
    width : bases of each
    """

    def __init__(self, windows: Iterable[tuple[str, int, int]], width: int):
        starts: dict[str, list[int]] = {}
        for chromosome, start, _ in windows:
            starts.setdefault(chromosome, []).append(start)
        self._starts = {name: np.unique(found) for name, found in starts.items()}
        self.width = width

    def moved(self, chromosome: str, start: int) -> int | None:
        """From the start of the nearest window to another start; None where there is no window."""
        starts = self._starts.get(chromosome)
        if starts is None:
            return None
        after = int(np.searchsorted(starts, start))
        return min((start - int(one) for one in starts[max(after - 1, 0) : after + 1]), key=abs)


def codes(windows: list[tuple[str, str]]) -> np.ndarray:
    """Windows with the reference and the alternative allele as codes (N, 2, L), `uint8`."""
    flat = encode([one for pair in windows for one in pair])
    return np.stack(flat).reshape(len(windows), 2, -1)
