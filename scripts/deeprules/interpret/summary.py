"""What a run says of the network's motifs, as tables and as `summary.json`."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from deeprules.data import Dataset
from deeprules.files import finite_or_none
from deeprules.interpret.experimenting import motif_target
from deeprules.interpret.explained import NULL, Explained
from deeprules.interpret.explaining import completeness
from deeprules.interpret.findings import Q_LEVEL, finding_sentences
from deeprules.interpret.motif import MIN_SEQUENCES, MOTIF_COLUMNS, Motif

EXAMPLES = 5
"""Examples that are named for each motif; the file of sites has all."""


def motif_table(motifs: list[Motif], matches: pd.DataFrame, explained: Explained) -> pd.DataFrame:
    """One row a motif: `MOTIF_COLUMNS`."""
    ids = explained.examples["id"].astype(str).to_numpy()
    rows = []
    for motif in motifs:
        best = matches[matches["motif"] == motif.name].head(1)
        known = [best["known"].iloc[0], best["q_value"].iloc[0]] if len(best) else ["", np.nan]
        named = list(dict.fromkeys(ids[site["row"]] for site in motif.sites))
        facts = [motif.facts[name] for name in MOTIF_COLUMNS[2:-3]]
        examples = ", ".join(named[:EXAMPLES])
        rows.append([motif.name, motif.consensus, *facts, *known, examples])
    return pd.DataFrame(rows, columns=MOTIF_COLUMNS)


def site_table(motifs: list[Motif], explained: Explained) -> pd.DataFrame:
    """One row a site: motif, id of the example, start (from 0), end, strand."""
    rows = [
        [
            motif.name,
            str(explained.examples["id"].iloc[site["row"]]),
            site["start"],
            site["start"] + motif.width,
            "-" if site["reverse"] else "+",
        ]
        for motif in motifs
        for site in motif.sites
    ]
    return pd.DataFrame(rows, columns=["motif", "id", "start", "end", "strand"])


def position_table(motifs: list[Motif]) -> pd.DataFrame:
    """One row a position of a motif: its base probabilities and mean scores, as logos show them."""
    tables = []
    for motif in motifs:
        table = pd.DataFrame(motif.matrix, columns=list("ACGT"))
        scores = pd.DataFrame(motif.contributions, columns=[f"score_{base}" for base in "ACGT"])
        head = pd.DataFrame({"motif": motif.name, "position": np.arange(1, motif.width + 1)})
        tables.append(pd.concat([head, table, scores], axis=1))
    columns = ["motif", "position", *"ACGT", *(f"score_{base}" for base in "ACGT")]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def target_name(dataset: Dataset, target: int | None = None) -> str:
    """What the score is, in words; of several classes that of class number `target`, if given."""
    if dataset.task == "regression":
        return "a predicted value, in standard deviations of train"
    if dataset.task == "binary":
        return f"log odds of `{dataset.classes[1]}`"
    return "log odds of its class" if target is None else f"log odds of `{dataset.classes[target]}`"


def _named(motifs: Sequence[Motif], matches: pd.DataFrame) -> int:
    """How many motifs look like a known one, by the level at which a sentence says so."""
    alike = matches.loc[matches["q_value"] < Q_LEVEL, "motif"]
    return sum(motif.name in set(alike) for motif in motifs)


def summarise(
    model: str,
    dataset: Dataset,
    explained: Explained,
    attributions: pd.DataFrame,
    motifs: list[Motif],
    null_motifs: Sequence[Motif],
    matches: pd.DataFrame,
    pairs: list[dict],
    known: dict,
) -> dict:
    """The content of `summary.json`."""
    own = attributions[attributions["network"] == 0]
    targets = {one.name: target_name(dataset, motif_target(one, explained)) for one in motifs}
    n_fits = attributions["network"].nunique() - 1
    is_enough = len(explained) >= MIN_SEQUENCES
    return {
        "model": model,
        "without": "",
        "score": target_name(dataset),
        "sequences": len(explained),
        "from_tune": int((explained.examples["partition"] == "tune").sum()),
        "fits": n_fits,
        "complete": finite_or_none(completeness(attributions)),
        "mutagenesis": finite_or_none(own["mutagenesis"].median()),
        "mutated": int(own["mutagenesis"].notna().sum()),
        "fewest": MIN_SEQUENCES,
        "is_enough": is_enough,
        "known": known,
        "motifs": len(motifs),
        "surviving": sum(motif.facts["survives"] for motif in motifs),
        "null_motifs": len(null_motifs),
        "null_known": _named(null_motifs, matches),
        "null": NULL,
        "pairs": pairs,
        "sentences": finding_sentences(motifs, matches, pairs, targets),
    }
