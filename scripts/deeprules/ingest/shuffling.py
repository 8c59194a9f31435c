"""Sequences in a random order that keeps the number of each pair of neighbouring letters."""

import numpy as np


def dinucleotide_shuffle(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random sequence (L) with the same first and last letter and the same dinucleotides.

    Every such sequence is equally likely: the letters are the nodes of a multigraph, each pair of
    neighbours is an edge, and the result is a random Euler path. The edges by which the nodes are
    left for the last time form a random tree towards the last letter (Altschul & Erickson 1985,
    Molecular Biology and Evolution 2:526), drawn by loop-erased walks (Wilson 1996, STOC 28:296).
    Ambiguous letters are letters like any other.
    """
    if len(codes) < 4:
        return codes.copy()
    letters, path = np.unique(codes, return_inverse=True)
    following = [path[1:][path[:-1] == letter] for letter in range(len(letters))]
    last_exit = _random_tree(following, int(path[-1]), rng)
    exits = []
    for letter, targets in enumerate(following):
        if letter not in last_exit:  # The last letter, which may be left at any time but the end.
            exits.append(iter(rng.permutation(targets).tolist()))
            continue
        others = np.delete(targets, np.flatnonzero(targets == last_exit[letter])[0])
        exits.append(iter([*rng.permutation(others).tolist(), last_exit[letter]]))
    at = int(path[0])
    walked = [at]
    for _ in range(len(codes) - 1):
        at = next(exits[at])
        walked.append(at)
    return letters[walked]


def _random_tree(
    following: list[np.ndarray], root: int, rng: np.random.Generator
) -> dict[int, int]:
    """The edge by which each letter but the root leads to the root, each tree equally likely."""
    chosen: dict[int, int] = {}
    reached = {root}
    for letter in range(len(following)):
        at = letter
        while at not in reached:
            chosen[at] = int(following[at][rng.integers(len(following[at]))])
            at = chosen[at]
        at = letter
        while at not in reached:
            reached.add(at)
            at = chosen[at]
    return chosen
