"""The verdict that the design of a simulation asks for, and how often verdicts agree with it."""

from collections.abc import Mapping

import pandas as pd

AGREEING = {
    "network": {"network"},
    "baseline": {"baseline", "no_difference"},
    "withheld": {"withheld"},
    "open": set(),
}
"""Verdicts that agree with what is expected; none is judged where the design leaves it open."""

VERDICTS = ("network", "baseline", "no_difference", "withheld")
"""What a verdict can be, as `deeprules.evaluate.comparison.decide` draws it."""

LONGEST_WORD = 6
"""Bases of the longest k-mer that logistic regression counts."""

MEANS = ("gain", "lower", "upper", "network_score", "baseline_score", "nuisance_score")
"""Columns of the repeats that the summary gives the means of."""


def expected_verdict(parameters: Mapping) -> str:
    """The verdict that the parameters of simulated sequences ask for, before anything is fitted.

    Parameters
    ----------
    parameters : a complete `simulate` entry of kind `sequences`

    Returns
    -------
    - `withheld` where nothing but the batch, or nothing at all, tells the label, or where the
      batch tells it as well as any sequence could;
    - `network` where order and distance decide, also against decoys with the same motifs:
      counts of k-mers do not hold them;
    - `baseline` where the log odds are a sum over copies of words that logistic regression
      counts, so that no model can be better than it (`no_difference` agrees as well);
    - `open` where the design does not settle it.

    It does not depend on the number of examples: with few of them the right verdict may be out
    of reach.
    """
    truth = parameters["truth"]
    if truth in ("none", "batch") or parameters["label_noise"] >= 0.5:
        return "withheld"
    if parameters["batch_confounding"] >= 1:
        return "withheld"
    if truth == "grammar":
        return "network" if parameters["decoys"] > 0 else "open"
    is_word = parameters["motif_information"] >= 2 and parameters["motif_length"] <= LONGEST_WORD
    return "baseline" if is_word else "open"


def summarise_cells(repeats: pd.DataFrame) -> pd.DataFrame:
    """One row a cell, in the order of its first repeat.

    Parameters
    ----------
    repeats : rows of `deeprules.simulate.simulated_study.run_cell`, of all cells

    Returns
    -------
    The cell with what its repeats share, the number of repeats, `agreement` (the share of them
    whose verdict agrees with the expected one; NaN where that is open), the number of each
    verdict, how many audits called batch and label confounded, and `MEANS` over repeats.
    """
    rows = []
    for _, found in repeats.groupby("cell", sort=False):
        facts = found.iloc[0].loc[:"expected"].drop("repeat").to_dict()
        agreeing = AGREEING[facts["expected"]]
        rows.append(
            {
                **facts,
                "repeats": len(found),
                "agreement": found["verdict"].isin(agreeing).mean() if agreeing else None,
                **{verdict: int((found["verdict"] == verdict).sum()) for verdict in VERDICTS},
                "confounded": int(found["confounded"].sum()),
                **found[list(MEANS)].astype(float).mean().to_dict(),
            }
        )
    return pd.DataFrame(rows)
