"""What is wrong with the section `release` of a configuration."""

from collections.abc import Iterator, Mapping

from deeprules_workflow.schema import nearest


def release_faults(release: Mapping, models: Mapping) -> Iterator[str]:
    """A model that is not there, or one whose choice has no reason."""
    name, reason = release["model"], release["reason"]
    if name is not None and name not in models:
        yield f"release.model: the run has no model `{name}`{nearest(name, models)}"
    if name is not None and not reason:
        yield f"release.reason: say why `{name}` is released and not what the verdict recommends"
    if name is None and reason:
        yield "release.reason: is for a model that `release.model` names; name it, or drop this"
