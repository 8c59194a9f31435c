"""Sources that the configuration names: a genome, a table of samples, a list of values."""

from collections.abc import Iterator, Mapping

from deeprules_workflow.schema import nearest


def named_faults(where: str, name: str | None, sources: Mapping, *formats: str) -> Iterator[str]:
    """Complain of a name that no source has, or one of another format; None names nothing."""
    if name is None:
        return
    if name not in sources:
        yield f"{where}: there is no source `{name}`{nearest(name, sources)}"
    elif sources[name].get("format") not in formats:
        wanted = " or ".join(f"`{one}`" for one in formats)
        yield f"{where}: source `{name}` must have the format {wanted}"
