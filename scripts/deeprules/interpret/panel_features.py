"""What a small panel may be made of: features of a table, or k-mers and motifs of sequences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deeprules.data import Partition
from deeprules.encoding import PADDING, reverse_complement
from deeprules.feature_store import dense
from deeprules.fit.kmers import KmerCounts
from deeprules.interpret.filled_rows import filled, going_with, medians
from deeprules.interpret.motif import Motif
from deeprules.interpret.one_hot import one_hot

KMERS = (3, 4, 5)
MOTIFS = 10
"""Motifs, the most frequent first."""
SCREENED = 2000
"""Features of a table that are tried, those that go most with the score."""
CHUNK = 500


@dataclass(frozen=True)
class Candidates:
    """Features that a panel is chosen from.

    Attributes
    ----------
    facts : of each: name, kind (`feature`, `kmer` or `motif`) and what computes it
    train, tune : their values (N, M), `float64`, without gaps
    """

    facts: list[dict]
    train: np.ndarray
    tune: np.ndarray


def of_table(
    train: Partition, tune: Partition, names: Sequence[str], score: np.ndarray
) -> Candidates:
    """Features of a table, those whose values go most with a score (N, K) of train."""
    rows, others = dense(train.features, np.float64), dense(tune.features, np.float64)
    median = medians(rows)
    rows, others = (filled(one, median) for one in (rows, others))
    alike, lengths = going_with(rows, score)
    alike = np.where(lengths > 1e-9, alike, 0)
    kept = np.sort(np.argsort(-alike, kind="stable")[:SCREENED])
    kept = kept[lengths[kept] > 1e-9]
    facts = [{"name": names[one], "kind": "feature", "median": float(median[one])} for one in kept]
    return Candidates(facts, rows[:, kept], others[:, kept])


def of_sequences(train: Partition, tune: Partition, motifs: Sequence[Motif]) -> Candidates:
    """Counts of k-mers that vary in train, and the best place of each motif."""
    codes, others = np.asarray(train.features), np.asarray(tune.features)
    both, facts, columns, more = train.dataset.both_strands, [], [], []
    for k in [k for k in KMERS if k <= codes.shape[1]]:
        counts = KmerCounts(k, both).fit(codes)
        words = counts.get_feature_names_out()
        facts += [{"name": word, "kind": "kmer", "word": word, "median": 0.0} for word in words]
        columns.append(counts.transform(codes).toarray())
        more.append(counts.transform(others).toarray())
    for motif in motifs[:MOTIFS]:
        weights = np.round(np.log2(np.clip(motif.matrix, 1e-3, 1) / 0.25), 3)
        facts.append(
            {"name": f"{motif.name} {motif.consensus}", "kind": "motif", "median": 0.0}
            | {"matrix": weights.tolist()}
        )
        columns.append(best_places(codes, weights, both)[:, None])
        more.append(best_places(others, weights, both)[:, None])
    values = np.concatenate(columns, axis=1).astype(np.float64)
    kept = np.flatnonzero(values.std(axis=0) > 1e-9)
    tuned = np.concatenate(more, axis=1).astype(np.float64)
    return Candidates([facts[one] for one in kept], values[:, kept], tuned[:, kept])


def best_places(codes: np.ndarray, weights: np.ndarray, both_strands: bool) -> np.ndarray:
    """Highest sum of weights (W, 4) over the windows without padding of codes (N, L): (N,)."""
    strands = (np.asarray, reverse_complement) if both_strands else (np.asarray,)
    width, found = len(weights), np.full(len(codes), -np.inf)
    for start in range(0, len(codes), CHUNK):
        for turn in strands:
            some = turn(codes[start : start + CHUNK])
            bases, windows = one_hot(some), some.shape[1] - width + 1
            if windows < 1:
                continue
            sums = sum(bases[:, at : at + windows] @ row for at, row in enumerate(weights))
            known = np.stack([some[:, at : at + windows] != PADDING for at in range(width)])
            sums = np.where(known.all(axis=0), sums, -np.inf)
            here = slice(start, start + CHUNK)
            found[here] = np.maximum(found[here], sums.max(axis=1))
    return np.where(np.isfinite(found), found, 0.0)
