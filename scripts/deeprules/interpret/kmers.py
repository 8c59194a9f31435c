"""The k-mers that logistic regression weighs most: what a baseline knew already."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from deeprules.fit.models import FittedBaseline
from deeprules.interpret.motif import Motif

SHOWN = 20
KMER_COLUMNS = ["kmer", "class", "coefficient", "lowest", "highest", "in_motifs"]


def strongest_kmers(
    fits: Sequence[FittedBaseline], motifs: list[Motif], classes: Sequence[str], target: int
) -> pd.DataFrame:
    """The k-mers with the largest coefficients: `KMER_COLUMNS`.

    A coefficient is the change in log odds of the class (number `target` of `classes`) for one
    standard deviation of the count: mean, lowest and highest over fits. `in_motifs` names the
    motifs whose consensus, on either strand, holds the k-mer. Fits whose pipeline begins otherwise
    than with k-mers give none.
    """
    weights = [_coefficients(fit.estimator, target) for fit in fits]
    weights = [one for one in weights if one is not None]
    if not weights:
        return pd.DataFrame(columns=KMER_COLUMNS)
    table = pd.concat(weights, axis=1)
    mean = table.mean(axis=1)
    least, most = table.min(axis=1), table.max(axis=1)
    order = mean.abs().sort_values(ascending=False, kind="stable").index[:SHOWN]
    rows = [
        [kmer, classes[target], mean[kmer], least[kmer], most[kmer], _motifs_with(kmer, motifs)]
        for kmer in order
    ]
    return pd.DataFrame(rows, columns=KMER_COLUMNS)


def _coefficients(estimator, target: int) -> pd.Series | None:
    """Coefficient of each k-mer."""
    if not isinstance(estimator, Pipeline) or "kmercounts" not in estimator.named_steps:
        return None
    model = estimator.steps[-1][1]
    names = estimator.named_steps["kmercounts"].get_feature_names_out()
    values = np.atleast_2d(model.coef_)
    row = values[0] if len(values) == 1 else values[target]
    return pd.Series(row if len(values) > 1 or target == 1 else -row, index=names)


def _motifs_with(kmer: str, motifs: list[Motif]) -> str:
    """Names of the motifs that hold a k-mer."""
    other = kmer.translate(str.maketrans("ACGT", "TGCA"))[::-1]
    words = {motif.name: motif.consensus.upper() for motif in motifs}
    return ", ".join(name for name, word in words.items() if kmer in word or other in word)
