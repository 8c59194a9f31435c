"""The differential privacy that a network was trained with, in words."""

from collections.abc import Mapping


def promises(fit_settings: Mapping[str, Mapping]) -> dict[str, dict]:
    """What private networks were trained with, by name, from the settings of every model."""
    found = {name: fit["settings"].get("privacy") for name, fit in fit_settings.items()}
    return {name: one for name, one in found.items() if one}


def promise_in_words(name: str, promise: Mapping) -> str:
    """What is promised of a network, and what is not.

    Parameters
    ----------
    promise : `epsilon`, `delta`, `fits` and `noise_multiplier`, as the settings of its fits have it
    """
    fits = promise["fits"]
    together = f"all {fits} fits together keep" if fits > 1 else "its fit keeps"
    return (
        f"`{name}` was trained with differential privacy (DP-SGD, a noise of "
        f"{promise['noise_multiplier']:.2f} clipping norms): {together} an epsilon of "
        f"{promise['epsilon']:g} with a delta of {promise['delta']:g} for one example of train "
        "more or less. No hyperparameter of it was chosen by the data. This is promised of its "
        "weights, and of what they predict; scores and tables of the run are no part of it, and "
        "neither are the examples of tune and test."
    )
