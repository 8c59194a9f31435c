"""Simulated peaks lie in their genome, hold their motifs, and prefer places rich in GC."""

import numpy as np
import pytest

from deeprules.encoding import reverse_complement_letters
from deeprules.errors import InputError
from deeprules.simulate.simulation import simulate

WORD = {
    **{"seed": None, "n": 100, "chromosomes": 3, "bases": 40_000, "width": 80, "motifs": 2},
    **{"motif_length": 6, "motif_information": 2, "spacing": [5, 5], "gc": [0.3, 0.6]},
    "gc_preference": 8,
}


def made(seed=1, **changes):
    return [simulate({**WORD, **changes, "kind": kind}, seed) for kind in ("genome", "peaks")]


def test_the_same_parameters_give_peaks_that_lie_in_their_genome():
    genome, peaks = made()
    sequences = dict(genome.itertuples(index=False))
    assert [len(one) for one in sequences.values()] == [40_000] * 3 and len(peaks) == 100
    assert (peaks["start"] < peaks["start"] + peaks["summit"]).all()
    assert (peaks["start"] + peaks["summit"] < peaks["end"]).all() and peaks["end"].max() <= 40_000
    # Two motifs of six bases, five apart: 17 bases around the summit are one text on one strand.
    found = set()
    for row in peaks.itertuples():
        at = row.start + row.summit
        text = sequences[row.chromosome][at - 8 : at + 9]
        words = {one[:6] + one[11:] for one in (text, reverse_complement_letters(text))}
        found.add(min(words))
    assert len(found) == 1


def test_peaks_are_richer_in_gc_than_the_genome():
    genome, peaks = made(motifs=1)
    sequences = dict(genome.itertuples(index=False))
    windows = [sequences[row.chromosome][row.start : row.end] for row in peaks.itertuples()]
    gc = np.mean([np.mean([base in "GC" for base in window]) for window in windows])
    whole = "".join(sequences.values())
    assert gc > (whole.count("G") + whole.count("C")) / len(whole) + 0.03


def test_a_genome_too_small_for_its_peaks_is_refused():
    with pytest.raises(InputError, match="1,000 peaks of 80 bases need 160,000 bases"):
        made(n=1000)
