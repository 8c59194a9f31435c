"""Association of batch and label: whether a design can tell one from the other."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import beta, chi2_contingency
from scipy.stats.contingency import association

STRONG = 0.5
"""Association above which a design counts as confounded."""

SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Association:
    """Strength of the association of batch and label.

    Attributes
    ----------
    measure : `cramers_v` (classes) or `eta_squared` (values)
    value : 0 (none) to 1 (complete)
    p_value : of the chi-squared test or of the analysis of variance
    complete : every batch holds a single class, or a single value
    """

    measure: str
    value: float
    p_value: float
    complete: bool

    @property
    def confounded(self) -> bool:
        """Strong, and more than chance gives in a design of this size."""
        return self.p_value < SIGNIFICANCE and (self.complete or self.value > STRONG)

    @property
    def facts(self) -> dict:
        """The measure by its name and the p-value, for a JSON file."""
        return {self.measure: self.value, "p_value": self.p_value}

    def sentence(self) -> str:
        """What a confounded design means, in plain words."""
        name = "Cramer's V" if self.measure == "cramers_v" else "eta squared"
        if self.complete:
            return (
                "Batch and label are fully confounded: every batch holds one label alone, so no "
                "analysis can tell a batch effect from the effect under study"
            )
        return (
            f"Batch and label are confounded: {name} is {self.value:.2f} "
            f"(p = {self.p_value:.2g}), so a model can score by recognising the batch"
        )


def cross_table(rows: pd.Series, columns: pd.Series) -> pd.DataFrame:
    """Number of examples (N) of each value of one column with each value of another, both sorted.

    As `pandas.crosstab` has it, without its copies of both columns.
    """
    row, row_names = pd.factorize(rows, sort=True)
    column, column_names = pd.factorize(columns, sort=True)
    known = (row >= 0) & (column >= 0)
    shape = len(row_names), len(column_names)
    counts = np.bincount(row[known] * shape[1] + column[known], minlength=shape[0] * shape[1])
    return pd.DataFrame(counts.reshape(shape), row_names, column_names)


def batch_label_association(
    labels: pd.Series, batches: pd.Series, is_classification: bool
) -> Association | None:
    """Cramer's V (classes) or eta squared (values) of batch and label.

    None where it says nothing: one batch, one label, or a batch of its own for each example.
    Cramer's V (Cramer 1946, Mathematical Methods of Statistics, p. 282) is biased upwards in
    small tables (Bergsma 2013, doi:10.1016/j.jkss.2012.10.002): read it with its p-value. The
    p-value of eta squared is that of the analysis of variance: without an association eta squared
    follows a beta distribution.
    """
    if batches.nunique() < 2 or labels.nunique() < 2 or batches.nunique() == len(batches):
        return None
    if is_classification:
        table = cross_table(batches, labels).to_numpy()
        return Association(
            measure="cramers_v",
            value=float(association(table, method="cramer")),
            p_value=float(chi2_contingency(table, correction=False).pvalue),
            complete=bool(((table > 0).sum(axis=1) == 1).all()),
        )
    by_batch = labels.groupby(batches, observed=True)
    within = float(((labels - by_batch.transform("mean")) ** 2).sum())
    eta_squared = 1 - within / float(((labels - labels.mean()) ** 2).sum())
    between, rest = by_batch.ngroups - 1, len(labels) - by_batch.ngroups
    return Association(
        measure="eta_squared",
        value=eta_squared,
        p_value=float(beta.sf(eta_squared, between / 2, rest / 2)),
        complete=bool((by_batch.nunique() == 1).all()),
    )
