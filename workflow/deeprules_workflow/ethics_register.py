"""The ethics register: read, completed and checked before anything starts."""

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path

from deeprules.strict_text import TextError, read_yaml
from deeprules_workflow.schema import complete, load_schema, nearest, violations, without

NAME = "ethics.yaml"


def read_register(path: Path | None) -> tuple[dict, list[str]]:
    """A register without what is wrong in it, and what is wrong in it; empty without a file."""
    schema = load_schema("ethics")
    if path is None:
        return complete({}, schema), []
    try:
        content = read_yaml(path)
    except TextError as error:
        return complete({}, schema), list(error.faults)
    if isinstance(content, Mapping):
        content = {key: value for key, value in content.items() if value is not None}
    register = complete(content, schema)
    broken = violations(register, schema)
    if broken:
        whole = {(path[0],) if path else () for path in broken}
        return complete(without(register, whole), schema), list(broken.values())
    return register, list(_contradictions(register))


def register_faults(path: Path | None, register: Mapping, config: Mapping) -> Iterator[str]:
    """Where the register and the configuration do not agree."""
    stated, meant = register["sensitivity"], config["data"].get("sensitivity")
    if path is None and meant not in (None, "public"):
        yield (
            f"data.sensitivity: data that are `{meant}` need an ethics register, and there is no "
            f"{NAME} beside the study; config/new/{NAME} holds its questions"
        )
    elif path is not None and meant not in (None, stated or "public"):
        yield f"data.sensitivity: is `{meant}`, but {path} says `{stated or 'nothing'}`"
    known = {*config["data"].get("sources", {}), *config.get("pretrained", {})}
    for number, approval in enumerate(register["approvals"]):
        for name in approval["sources"]:
            if name not in known:
                where = f"{path}: approvals[{number}].sources"
                yield f"{where}: there is no source `{name}`{nearest(name, known)}"


def _contradictions(register: Mapping) -> Iterator[str]:
    seen = set()
    for number, one in enumerate(register["concerns"]):
        where = f"concerns[{number}] ({one['id']})"
        if one["id"] in seen:
            yield f"{where}: another concern has this id"
        seen.add(one["id"])
        raised = _day(one["raised"])
        if raised is None or raised > datetime.date.today():
            yield f"{where}.raised: {one['raised']!r} is no day up to today, such as 2026-03-31"
        if one["status"] != "open" and not one["resolution"]:
            yield f"{where}.resolution: say how it was {one['status']}, or set its status to `open`"
        if one["severity"] == "blocking" and one["status"] == "accepted":
            yield f"{where}.status: a blocking concern is `open` or `resolved`, never `accepted`"
    for number, one in enumerate(register["approvals"]):
        where = f"approvals[{number}] ({one['id']})"
        if one["expires"] is not None and _day(one["expires"]) is None:
            yield f"{where}.expires: {one['expires']!r} is no day, such as 2026-03-31"
        if one["kind"] == "licence" and not one["terms"]:
            yield f"{where}.terms: say what the licence allows and forbids"


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
