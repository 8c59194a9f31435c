"""Dinucleotide shuffles: what a sequence is made of, and nothing of its order."""

import itertools

import numpy as np

from deeprules.encoding import PADDING


def shuffled_references(codes: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """`n` shuffles of each sequence that keep its dinucleotides: codes (N, L) -> (N, n, L).

    Padding stays where it is, and so do the first and the last base. Source: a random Euler walk,
    Altschul and Erickson 1985, Molecular Biology and Evolution 2:526.
    """
    codes = np.asarray(codes)
    found = np.repeat(codes[:, None], n, axis=1)
    for row, sequence in enumerate(codes):
        places = np.flatnonzero(sequence != PADDING)
        if len(places) < 4:
            continue
        inner = slice(places[0], places[-1] + 1)
        walks = [_shuffled(sequence[inner].tolist(), rng) for _ in range(n)]
        found[row, :, inner] = np.array(walks, dtype=codes.dtype)
    return found


def _shuffled(letters: list[int], rng: np.random.Generator) -> list[int]:
    """A random walk over all steps from letter to letter, from the first letter to the last."""
    following: dict[int, list[int]] = {}
    for letter, after in itertools.pairwise(letters):
        following.setdefault(letter, []).append(after)
    last_exits = _last_exits(following, letters[-1], rng)
    for letter, exits in following.items():
        if letter in last_exits:
            exits.remove(last_exits[letter])
        exits[:] = [exits[place] for place in rng.permutation(len(exits))]
        if letter in last_exits:
            exits.append(last_exits[letter])
    walk, used = [letters[0]], dict.fromkeys(following, 0)
    for _ in range(len(letters) - 1):
        letter = walk[-1]
        walk.append(following[letter][used[letter]])
        used[letter] += 1
    return walk


def _last_exits(
    following: dict[int, list[int]], end: int, rng: np.random.Generator
) -> dict[int, int]:
    """For each letter but the end its last step, drawn so that all of them lead to the end.

    A random tree by a walk without loops: Wilson 1996, ACM STOC 28:296.
    """
    exits, in_tree = {}, {end}
    for start in following:
        letter = start
        while letter not in in_tree:
            steps = following[letter]
            after = steps[rng.integers(len(steps))]
            exits[letter], letter = after, after
        letter = start
        while letter not in in_tree:
            in_tree.add(letter)
            letter = exits[letter]
    return {letter: exits[letter] for letter in in_tree - {end}}
