"""What tells one of several labels alone."""

import pandas as pd

from deeprules.checks.giveaways import Giveaways, find_giveaways
from deeprules.data import Partition


def find_label_giveaways(
    train: Partition, tune: Partition, names: list[str], seed: int
) -> Giveaways:
    """`find_giveaways` of each of several labels by itself, their names before what is said.

    In the table, `best_class` is the label. A label is given away; the others are not, so that no
    verdict on all is withheld for it.
    """
    tables, summaries = [], []
    for number, label in enumerate(train.dataset.labels):
        parts = (part.of_label(number) for part in (train, tune))
        found = find_giveaways(*parts, names, seed)
        tables.append(found.table.assign(best_class=label))
        summaries.append(_of_label(label, found.summary))
    table = pd.concat(tables, ignore_index=True)
    table = table.sort_values("tune", ascending=False, kind="stable", ignore_index=True)
    merged = {**summaries[0]}
    for key in ("cautions", "notes"):
        merged[key] = [one for summary in summaries for one in summary[key]]
    return Giveaways(table, merged)


def _of_label(label: str, summary: dict) -> dict:
    """Cautions and notes of giveaways.json that name the label."""
    cautions = [
        {**one, "title": f"{label}: {one['title']}", "sentence": f"{label}: {one['sentence']}"}
        | {"withholds": False}
        for one in summary["cautions"]
    ]
    return {**summary, "cautions": cautions, "notes": [f"{label}: {n}" for n in summary["notes"]]}
