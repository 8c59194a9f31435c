"""How the score of two motifs together depends on their order, strands and distance."""

from itertools import combinations

import numpy as np
import pandas as pd

from deeprules.encoding import reverse_complement
from deeprules.interpret.experiments import Asked, consensus_codes
from deeprules.interpret.explained import Explained
from deeprules.interpret.motif import Motif

STRONGEST = 3
"""Motifs whose pairs are tried."""
FARTHEST = 40
"""Bases between two motifs, at most."""
PAIR_COLUMNS = ["first", "second", "first_strand", "second_strand", "gap", "score", "gain"]
PAIR_COLUMNS += ["lower", "upper"]


def pair_scores(motifs: list[Motif], ask: Asked, given: Explained) -> pd.DataFrame:
    """Scores of every pair of motifs in every order, on every strand, at every distance.

    A pair stands in the middle of each background. The other strand of an arrangement is the same
    arrangement: of the eight ways to order two motifs on two strands four are tried, those with the
    first named motif on the forward strand.

    Returns
    -------
    `PAIR_COLUMNS`: first and second as they are read, strand of each, gap (bases between the two),
    score (mean change against the backgrounds), gain (what of it is more than both motifs bring
    alone at the same places) and its 95% interval over backgrounds.
    """
    before = ask(given.codes, given.examples)
    rows = []
    for one, two in combinations(motifs[:STRONGEST], 2):
        for first, second, flips in _arrangements(one, two):
            gaps = range(_largest_gap(one, two, given.codes.shape[1]) + 1)
            changed = np.concatenate([_changed(first, second, flips, gap, given) for gap in gaps])
            examples = pd.concat([given.examples] * (3 * len(gaps)))
            scores = ask(changed, examples).reshape(len(gaps), 3, len(given)) - before
            strands = ["-" if flip else "+" for flip in flips]
            for gap, (together, left, right) in zip(gaps, scores, strict=True):
                gain = together - left - right
                mean, half = float(gain.mean()), 1.96 * gain.std(ddof=1) / np.sqrt(len(gain))
                numbers = [gap, float(together.mean()), mean, mean - half, mean + half]
                rows.append([first.name, second.name, *strands, *numbers])
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def _arrangements(one: Motif, two: Motif):
    """Order and strands of two motifs, the first on the forward strand."""
    for flip in (False, True):
        yield one, two, (False, flip)
        yield two, one, (flip, False)


def _largest_gap(one: Motif, two: Motif, length: int) -> int:
    return max(min(FARTHEST, length - one.width - two.width - 2), 0)


def _changed(first, second, flips, gap, given) -> np.ndarray:
    """Codes (3 N, L): backgrounds with both motifs, with the first alone, with the second alone."""
    words = [consensus_codes(first), consensus_codes(second)]
    start = (given.codes.shape[1] - sum(map(len, words)) - gap) // 2
    starts = (start, start + len(words[0]) + gap)
    changed = np.repeat(given.codes[None], 3, axis=0)
    for kind, wanted in enumerate(((0, 1), (0,), (1,))):
        for place in wanted:
            word = reverse_complement(words[place]) if flips[place] else words[place]
            changed[kind, :, starts[place] : starts[place] + len(word)] = word
    return changed.reshape(-1, changed.shape[2])


def best_arrangements(pairs: pd.DataFrame) -> list[dict]:
    """The arrangement of each pair with the highest score, and the gaps that score alike.

    Returns
    -------
    A mapping a pair: what `pairs` says of the best, `from_gap` and `to_gap` (the gaps around the
    best one whose score is nearer to the best than to the median of the pair's other distances),
    `elsewhere` (that median) and `is_clear` (the gain of the best lies above 0 and the scores of
    other orders and distances are lower by more than its interval).
    """
    found = []
    if not len(pairs):
        return found
    names = pairs[["first", "second"]].apply(lambda row: " ".join(sorted(row)), axis=1)
    for _, rows in pairs.groupby(names, sort=False):
        best = rows.loc[rows["score"].idxmax()]
        elsewhere = float(rows["score"].median())
        keys = ["first", "second", "first_strand", "second_strand"]
        same = rows[(rows[keys] == best[keys]).all(axis=1)].set_index("gap")["score"]
        high = same > (best["score"] + elsewhere) / 2
        low_end = high_end = int(best["gap"])
        while high.get(low_end - 1, False):
            low_end -= 1
        while high.get(high_end + 1, False):
            high_end += 1
        half = (best["upper"] - best["lower"]) / 2
        is_clear = bool(best["lower"] > 0 and best["score"] - elsewhere > 2 * half)
        found.append(
            best.to_dict()
            | {"from_gap": low_end, "to_gap": high_end, "elsewhere": elsewhere}
            | {"is_clear": is_clear}
        )
    return found
