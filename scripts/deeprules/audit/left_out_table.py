"""All examples that were read and do not go on, by reason."""

from collections.abc import Mapping, Sequence

import pandas as pd

COLUMNS = ("reason", "source", "n", "such_as")
SHOWN = 3

REASONS = {
    "duplicate": "they repeat the content and label of another (duplicates)",
    "conflict": "their content or locus has several labels (conflicts)",
}
"""What the audit leaves out examples for, in the words of the settings."""


def left_out_table(
    left_out: Sequence[Mapping], examples: pd.DataFrame, keep: pd.DataFrame
) -> pd.DataFrame:
    """Examples left out by reason and source: reason, source, n and the first ids, joined by `;`.

    Parameters
    ----------
    left_out : those left out when the data set was built, as `dataset.json` says it
    examples : id and source (N) of those that were not
    keep : keep and reason (N) of the audit
    """
    rows = [{**one, "such_as": ";".join(one["such_as"])} for one in left_out]
    reason = keep["reason"].to_numpy()
    gone = examples[reason != ""].assign(reason=reason[reason != ""])
    gone = gone if "source" in gone else gone.assign(source="")
    for (why, where), ids in gone.groupby(["reason", "source"], sort=False)["id"]:
        row = {"reason": REASONS[why], "source": where, "n": len(ids)}
        rows.append({**row, "such_as": ";".join(ids.head(SHOWN))})
    return pd.DataFrame(rows, columns=list(COLUMNS))
