"""Likeness of motifs: where they lie, and p values that are those of chance."""

import numpy as np
import pytest

from deeprules.interpret.tomtom import tomtom


def columns(rng, n):
    return rng.dirichlet([0.4] * 4, n)


@pytest.fixture
def rng():
    return np.random.default_rng(8)


@pytest.mark.parametrize("width", [4, 7, 15])
def test_p_values_of_unlike_motifs_are_uniform(rng, width):
    pool = columns(rng, 400)
    known = [pool[rng.integers(400, size=rng.integers(5, 14))] for _ in range(3000)]
    p = np.concatenate([tomtom(columns(rng, width), known).p_values for _ in range(4)])
    for level in (0.2, 0.05, 0.01):
        assert 0.6 * level < (p < level).mean() < 1.4 * level


@pytest.mark.parametrize("is_reverse", [False, True])
@pytest.mark.parametrize(("before", "after"), [(3, 2), (0, 0), (-2, 1), (1, -3)])
def test_a_motif_is_found_where_it_lies(rng, is_reverse, before, after):
    motif = columns(rng, 9)
    inner = motif[max(-before, 0) : len(motif) - max(-after, 0)]
    ends = columns(rng, max(before, 0)), columns(rng, max(after, 0))
    one = np.concatenate([ends[0], inner, ends[1]])
    known = [columns(rng, rng.integers(5, 14)) for _ in range(300)]
    known[7] = one[::-1, ::-1] if is_reverse else one
    found = tomtom(motif, known)
    assert found.p_values.argmin() == 7 and found.p_values[7] < 1e-4
    assert (found.offsets[7], found.overlaps[7]) == (before, len(inner))
    assert found.reverse[7] == is_reverse


def test_flat_columns_make_nothing_alike(rng):
    flat = rng.dirichlet([8] * 4, 30)
    known = [columns(rng, rng.integers(5, 14)) for _ in range(300)]
    known[7] = np.concatenate([columns(rng, 6), flat])
    p = [tomtom(rng.dirichlet([8] * 4, 12), known).p_values[7] for _ in range(40)]
    assert np.mean(np.array(p) < 0.05) < 0.2


def test_one_known_motif_is_enough(rng):
    motif = columns(rng, 6)
    for known in (motif, np.full((5, 4), 0.25)):
        assert 0 <= tomtom(motif, [known]).p_values[0] <= 1
