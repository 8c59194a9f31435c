"""Whether anything that a model or a prediction tells of single examples may be given away."""

from collections.abc import Mapping

from deeprules.errors import InputError

PUBLIC = "public"
SENSITIVITIES = (PUBLIC, "controlled", "identifiable")
SMALLEST_COUNT = 5
"""Examples below which a count is not shown, unless the configuration says otherwise."""


def sensitivity_of(config: Mapping) -> str:
    """How sensitive the data of a resolved configuration are: one of `SENSITIVITIES`.

    Raises
    ------
    InputError
        If it is another word: nothing may pass for public by a slip of the pen.
    """
    found = config["data"].get("sensitivity") or PUBLIC
    if found not in SENSITIVITIES:
        raise InputError(
            f"data.sensitivity: `{found}` is none of {', '.join(SENSITIVITIES)}. Write one of them."
        )
    return found


def is_public(config: Mapping) -> bool:
    """Whether single examples of the data of a configuration may be shown to anyone."""
    return sensitivity_of(config) == PUBLIC


def smallest_count(config: Mapping) -> int:
    """Examples below which a count of data that are not public is not shown."""
    return config.get("privacy", {}).get("smallest_count", SMALLEST_COUNT)


def why_weights_stay(
    config: Mapping, holds_examples: bool = False, is_private: bool = False
) -> str:
    """Why a model may not be given away, as a sentence; empty if it may.

    Parameters
    ----------
    config : resolved configuration of the run that fitted it
    holds_examples : whether its file holds training examples, as that of nearest neighbours and of
        support vector machines
    is_private : whether it was trained with differential privacy, and an audit found nothing else
    """
    sensitivity = sensitivity_of(config)
    if sensitivity == PUBLIC or (is_private and not holds_examples):
        return ""
    if holds_examples:
        return f"The data are {sensitivity}, and the file of the model holds training examples."
    return (
        f"The data are {sensitivity}, and the weights of a model may tell who was among its "
        "training examples. A network with `private: true` may leave (docs/privacy.md)."
    )


def require_public(config: Mapping, what: str) -> None:
    """Stop what would give single examples or weights away.

    Raises
    ------
    InputError
        If the data are not public; `what` says what was to be made of them.
    """
    if not is_public(config):
        raise InputError(
            f"{what} is not made here. {why_weights_stay(config)} "
            "Give away what report, paper kit and archive say of the run instead; they hold no row "
            "of an individual."
        )
