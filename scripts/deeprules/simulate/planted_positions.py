"""Whether a network's attributions are highest where motifs were planted."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from deeprules.data import Development
from deeprules.fit.models import FittedNetwork
from deeprules.interpret.attributions import integrated_gradients
from deeprules.interpret.both_sides import both_sides
from deeprules.interpret.explained import sequences_to_explain
from deeprules.interpret.references import shuffled_references
from deeprules.interpret.split_network import SplitNetwork

SEQUENCES = 100
REFERENCES = 4


def position_auroc(
    network: FittedNetwork, development: Development, drawn: Path, width: int, seed: int
) -> float:
    """Share of pairs of a planted and another base in which the planted one has the higher score.

    Scores are integrated gradients of up to `SEQUENCES` positives. NaN where nothing was planted.

    Parameters
    ----------
    drawn : the simulated table, with `id` and `planted`
    width : bases of a motif
    """
    explained = sequences_to_explain(development, SEQUENCES, seed)
    planted = pd.read_csv(drawn, sep="\t", usecols=["id", "planted"], keep_default_na=False)
    sites = planted.set_index("id")["planted"].reindex(explained.examples["id"])
    truth = np.zeros(explained.codes.shape, dtype=bool)
    for row, text in enumerate(sites):
        for site in filter(None, text.split(";")):
            start = int(site.split(":")[1])
            truth[row, start : start + width] = True
    split = SplitNetwork.of(both_sides(network))
    if not truth.any() or split is None:
        return np.nan
    references = shuffled_references(explained.codes, REFERENCES, np.random.default_rng(seed))
    found = integrated_gradients(split, explained.codes, references, explained.examples, 1)
    scores = found.of_bases(explained.codes)
    return float(roc_auc_score(truth.ravel(), scores.ravel()))
