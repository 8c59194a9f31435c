"""Simulated counts with planted genes, donors and batches."""

import numpy as np
import pandas as pd

from deeprules.errors import InputError
from deeprules.simulate.simulated_design import (
    balanced_groups,
    class_names,
    confounded_batches,
    exact_share,
    flip,
    names,
)

SPREAD = 0.5
"""Standard deviation of a gene's log expression within a batch, a donor and a class."""


def simulate_expression(
    *,
    rng: np.random.Generator,
    n: int,
    genes: int,
    positive_share: float,
    planted: int,
    effect: float,
    nonlinear: float,
    label_noise: float,
    batches: int,
    batch_shift: float,
    batch_scale: float,
    batch_confounding: float,
    donors: int | None,
    donor_effect: float,
    depth: float,
) -> pd.DataFrame:
    """Counts with planted genes; the schema describes the parameters.

    The planted genes come first. A planted gene follows the label directly or, last among
    them, in a pair that is high together in one class and opposed in the other, so that
    neither of the two tells anything alone.

    Returns
    -------
    Table with the columns id, label, group (donor), batch and one column of counts a gene.
    """
    if planted > genes:
        raise InputError(f"simulate: `planted` ({planted}) is more than `genes` ({genes}).")
    positive = exact_share(rng, n, positive_share)
    batch = confounded_batches(rng, positive, batches, batch_confounding)
    donor = balanced_groups(rng, n, donors)
    spread = SPREAD * np.exp(rng.normal(0, batch_scale, size=(batches, genes)))
    level = rng.normal(1.5, 1, size=genes) + spread[batch] * rng.normal(size=(n, genes))
    level += rng.normal(0, batch_shift, size=(batches, genes))[batch]
    level += rng.normal(0, donor_effect, size=(donor.max() + 1, genes))[donor]
    level[:, :planted] += _gene_effects(rng, positive, planted, nonlinear, effect)
    depths = depth * rng.lognormal(0, 0.2, size=(n, 1))
    counts = rng.poisson(depths * np.exp(np.minimum(level, 10)))
    facts = pd.DataFrame(
        {
            "id": names("sample", np.arange(n)),
            "label": class_names(flip(rng, positive, label_noise)),
            "group": names("donor", donor),
            "batch": names("batch", batch, digits=1),
        }
    )
    return facts.join(pd.DataFrame(counts, columns=names("gene", np.arange(genes))))


def _gene_effects(rng, positive, planted, nonlinear, effect) -> np.ndarray:
    """Shifts (N, planted) of log expression: direct genes first, then the pairs' two halves."""
    sign = np.where(positive, 1, -1)[:, None]
    pairs = round(planted * nonlinear / 2)
    direct = sign * rng.choice([-1, 1], size=planted - 2 * pairs)
    first = rng.choice([-1, 1], size=(len(positive), pairs))
    return effect / 2 * np.hstack([direct, first, first * sign])
