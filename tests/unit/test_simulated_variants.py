"""Simulated variants: they fit their genome, and break motifs where they say so."""

import pytest
from test_simulated_peaks import WORD

from deeprules.encoding import reverse_complement_letters
from deeprules.errors import InputError
from deeprules.simulate.simulation import simulate

GIVEN = {**WORD, "variants": 200, "breaking": 0.1}


def made(**changes):
    kinds = ("genome", "peaks", "variants")
    return [simulate({**GIVEN, **changes, "kind": kind}, 1) for kind in kinds]


def words(peaks, sequences):
    """Both words of six bases, five apart, around a summit: they are the same in all peaks."""
    row = next(peaks.itertuples())
    at = row.start + row.summit
    text = sequences[row.chromosome][at - 8 : at + 9]
    both = {text[:6], text[11:]}
    return both | {reverse_complement_letters(one) for one in both}


def test_variants_fit_their_genome_and_break_the_motifs_that_they_name():
    genome, peaks, variants = made()
    sequences = dict(genome.itertuples(index=False))
    planted = words(peaks, sequences)
    breaking = variants["id"].str.startswith("breaks_motif_")
    assert len(variants) == 200 and breaking.sum() == 20 and variants["id"].is_unique
    assert (variants["ref"] != variants["alt"]).all()
    assert not variants.duplicated(["chromosome", "position"]).any()
    for row in variants.itertuples():
        sequence, at = sequences[row.chromosome], row.position - 1
        assert sequence[at] == row.ref
        around = [sequence[at - k : at - k + 6] for k in range(6)]
        assert any(one in planted for one in around) == row.id.startswith("breaks")
    inside = [
        ((peaks["chromosome"] == row.chromosome) & (abs(middle - row.position) <= 80)).any()
        for middle in [peaks["start"] + peaks["summit"]]
        for row in variants.itertuples()
    ]
    assert all(inside)


def test_weak_motifs_are_broken_at_the_bases_that_they_want():
    genome, _, variants = made(motif_information=1.2, variants=300, breaking=1)
    assert set(variants["id"].str[:14]) == {"breaks_motif_1", "breaks_motif_2"}
    sequences = dict(genome.itertuples(index=False))
    assert all(
        sequences[row.chromosome][row.position - 1] == row.ref for row in variants.itertuples()
    )


def test_parameters_of_variants_change_neither_genome_nor_peaks():
    for one, other in zip(made()[:2], made(variants=5, breaking=1)[:2], strict=True):
        assert one.equals(other)


def test_more_variants_than_bases_are_refused():
    with pytest.raises(InputError, match="are more than the 1,200 bases of motifs"):
        made(variants=2000, breaking=1)
