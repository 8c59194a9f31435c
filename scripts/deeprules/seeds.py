"""Seeds derived from the one seed of the configuration."""

import numpy as np


def derived_seed(seed: int, *keys: int) -> int:
    """A seed in 1..2**31 - 1 for the use that `keys` number, independent of every other.

    See `numpy.random.SeedSequence`.
    """
    return int(np.random.SeedSequence([seed, *keys]).generate_state(1)[0] % (2**31 - 1)) + 1
