"""What the schema cannot say about `space`: names and values that no model could take."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from deeprules_workflow.hyperparameters import Hyperparameter, hyperparameters, kind_of
from deeprules_workflow.modules import Module
from deeprules_workflow.schema import nearest


def fitting_space(space: Mapping, module: Module, folder: str | Path) -> dict:
    """A model's `space` with values of the type that its hyperparameters have.

    A list with one decimal number in it is one of decimal numbers, and so are whole numbers for a
    hyperparameter of decimal ones. Where a model has text to choose from, a number is that text
    (`max_features: 0.1`).
    """
    known = hyperparameters(folder, module.kind, module.name).known
    return {name: _fitting(value, known.get(name)) for name, value in space.items()}


def space_faults(models: Mapping, known: Mapping[str, Module], folder: str | Path) -> Iterator[str]:
    """Hyperparameters that a model does not have, and values that they could not take."""
    for name, entry in models.items():
        module = known.get(entry.get("module", name))
        if module is None or module.fault:
            continue
        found = hyperparameters(folder, module.kind, module.name)
        for key, value in entry["space"].items():
            where = f"models.{name}.space.{key}"
            if key not in found.known and found.is_complete:
                has = ", ".join(sorted(found.known)) or "none"
                yield (
                    f"{where}: `{module.name}` has no such hyperparameter"
                    f"{nearest(key, found.known)} (it has: {has})"
                )
                continue
            value = _fitting(value, found.known.get(key))
            yield from _value_faults(where, value, found.known.get(key, Hyperparameter("")))


def _fitting(value, hyperparameter):
    """A value, or a list of them, in the type of a hyperparameter."""
    values = value if isinstance(value, list) else [value]
    if hyperparameter is not None and hyperparameter.kind == "text":
        written = [str(one) if str(one) in hyperparameter.choices else one for one in values]
        values = [
            new if kind_of(one) in ("number", "whole number") else one
            for one, new in zip(values, written, strict=True)
        ]
    kinds = {kind_of(one) for one in values}
    is_decimal = hyperparameter is not None and hyperparameter.kind == "number"
    if kinds == {"number", "whole number"} or (is_decimal and kinds == {"whole number"}):
        values = [float(one) for one in values]
    return values if isinstance(value, list) else values[0]


def _value_faults(where: str, value: object, hyperparameter: Hyperparameter) -> Iterator[str]:
    """What is wrong with the values of one hyperparameter."""
    values = value if isinstance(value, list) else [value]
    if not values:  # what is no value at all was named by the schema
        return
    kinds = {kind_of(one) for one in values}
    if len(kinds) > 1:
        names = {kind if "number" not in kind else "numbers" for kind in kinds}
        yield f"{where}: the choices must be of one type, not {' and '.join(sorted(names))}"
        return
    twice = [one for index, one in enumerate(values) if one in values[:index]]
    if twice:
        yield f"{where}: {_shown(twice[0])} stands twice among the choices"
    (kind,) = kinds
    wanted, choices = hyperparameter.kind, hyperparameter.choices
    for one in values:
        if wanted and kind != wanted:
            among = f": {', '.join(map(_shown, choices))}" if wanted == "text" and choices else ""
            yield f"{where}: {_shown(one)} is {_a(kind)}, and the model takes {_a(wanted)}{among}"
        elif wanted == "text" and choices and one not in choices:
            among = ", ".join(map(_shown, choices))
            yield f"{where}: {_shown(one)} is not among {among}{nearest(one, choices)}"
        elif wanted and kind in ("number", "whole number"):
            yield from _range_faults(where, one, hyperparameter)


def _range_faults(where, value, hyperparameter):
    """Numbers of another sign than all of the model's own range, and shares above 1.

    Beyond its range a number may be tried: more units, no penalty.
    """
    choices = hyperparameter.choices
    low = min(choices) if choices else hyperparameter.low
    high = max(choices) if choices else hyperparameter.high
    if low is None:
        return
    if low >= 0 > value:
        yield f"{where}: {value} is negative; the model's own range is {_bounds(low, high)}"
    elif hyperparameter.kind == "number" and low >= 0 and high is not None and high <= 1 < value:
        yield f"{where}: {value} is above 1; the model's own range is {_bounds(low, high)}"


def _bounds(low, high):
    return f"from {low:g}" if high is None else f"{low:g} to {high:g}"


def _a(kind):
    """A kind with its article."""
    return kind if kind in ("text", "true or false") else f"a {kind}"


def _shown(value):
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
