"""The files of a small panel."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from deeprules.data import Development, Partition
from deeprules.fit.prediction_tables import final_predictions
from deeprules.interpret.explained import INTERPRET
from deeprules.interpret.motif import read_motifs
from deeprules.interpret.panel import find_panel, panel_content, panel_table, scorer_text
from deeprules.interpret.panel_features import of_sequences, of_table
from deeprules.seeds import derived_seed
from deeprules.statistics.log_odds import log_odds
from deeprules.statistics.metrics import metric_score

MAX_ROWS = {"train": 5000, "tune": 2000}


def make_panel(
    source: Mapping,
    chosen: Mapping[str, str],
    development: Development,
    names: Sequence[str],
    metric: str,
    seed: int,
) -> tuple[dict[str, pd.DataFrame], str, dict]:
    """The panel that reproduces the chosen model with the best score on tune.

    Parameters
    ----------
    source : files by name: the predictions of all fits of the chosen model of each kind, and
        perhaps `motifs`
    chosen : name of the model of each kind
    names : of the features of a table

    Returns
    -------
    Tables by name (panel, curve), the text of its program, and the content of `panel.json`.
    """
    seed = derived_seed(seed, INTERPRET, 7)
    parts = {name: _some(part, name, seed) for name, part in development._asdict().items()}
    train, tune = parts.values()
    task = train.dataset.task
    labels = {name: part.labels for name, part in parts.items()}
    told = {
        kind: {name: of_fits.mean(axis=0) for name, of_fits in each.items()}
        for kind, each in ((kind, final_predictions(source[kind], parts)) for kind in chosen)
    }
    scores = {
        kind: metric_score(metric, task, tune.labels, one["tune"]) for kind, one in told.items()
    }
    kind = max(scores, key=scores.get)
    if train.dataset.modality == "sequence":
        motifs = read_motifs(source["motifs"])[0] if source.get("motifs") else []
        candidates = of_sequences(train, tune, motifs)
    else:
        candidates = of_table(train, tune, names, log_odds(told[kind]["train"], task))
    panel, curve = find_panel(candidates, labels, told[kind], task, metric, seed)
    content = panel_content(panel, candidates, train.dataset)
    row = curve[curve["chosen"]].iloc[0]
    summary = {"model": chosen[kind], "kind": kind, "metric": metric, "tune": len(tune)}
    summary |= {"features": int(row["features"]), "tried": len(candidates.facts)}
    summary |= {name: float(row[name]) for name in ("score", "fidelity", "model_score")}
    summary["agreement"] = None if task == "regression" else float(row["agreement"])
    return {"panel": panel_table(content), "curve": curve}, scorer_text(content), summary


def _some(part: Partition, name: str, seed: int) -> Partition:
    """Up to so many examples at random."""
    if len(part) <= MAX_ROWS[name]:
        return part
    rows = np.random.default_rng(seed).permutation(len(part))[: MAX_ROWS[name]]
    return part.subset(np.sort(rows))
