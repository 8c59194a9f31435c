"""The chosen model fitted to shuffled labels: what it seems to respond to then is no finding."""

import numpy as np

from deeprules.controls.shuffled_labels import shuffled
from deeprules.data import Development
from deeprules.fit.chosen_model import ChosenModel
from deeprules.interpret.explained import INTERPRET
from deeprules.seeds import derived_seed


def null_fit(chosen: ChosenModel, development: Development, seed: int):
    """A model with its chosen hyperparameters, fitted to labels that were shuffled.

    Returns
    -------
    The model, and the development data with the labels that it was given.
    """
    seed = derived_seed(seed, INTERPRET, 0)
    rng = np.random.default_rng(seed)
    drawn = Development(*(shuffled(part, "all", rng) for part in development))
    remedy = "leave interpretation out (`interpret: false`)"
    return chosen.refit(drawn, seed, "shuffled labels, for interpretation", remedy), drawn
