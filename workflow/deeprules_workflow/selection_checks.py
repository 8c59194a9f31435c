"""What contradicts itself in the settings of examples to include and to leave out."""

from collections.abc import Iterator, Mapping

from deeprules.source_roles import listed_in
from deeprules_workflow.named_sources import named_faults


def selection_faults(data: Mapping) -> Iterator[str]:
    """Classes that are left out, and the sources of values."""
    positive = data["positive"]
    if positive is not None and data["classes"].get(positive, positive) is None:
        yield f"data.positive: `{positive}` is left out by `classes`; name a class that stays"
    if data.get("task") == "regression" and data["min_class_size"] is not None:
        yield "data.min_class_size: a regression task has no classes"
    yield from _faults_of_limits(data)
    for where, name in listed_in(data).items():
        yield from named_faults(where, name, data["sources"], "list", "table")


def _faults_of_limits(data: Mapping) -> Iterator[str]:
    """Limits between which no number lies, or beside a list."""
    for key in ("include", "exclude"):
        for column, wanted in data[key].items():
            if not isinstance(wanted, Mapping):
                continue
            lowest = [wanted[name] for name in ("above", "at_least") if name in wanted]
            highest = [wanted[name] for name in ("below", "at_most") if name in wanted]
            is_open = "above" in wanted or "below" in wanted
            if "listed_in" in wanted and (lowest or highest):
                yield f"data.{key}.{column}: give `listed_in` or limits, not both"
            elif lowest and highest and (max(lowest), is_open) >= (min(highest), True):
                limits = f"between {max(lowest)} and {min(highest)}"
                yield f"data.{key}.{column}: no number lies {limits}"
