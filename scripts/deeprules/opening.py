"""Whether a test set may be opened, and the entry that says that it was.

A test set answers once. The same models on the same examples are a repeat; anything else that
shares an example with an earlier opening, whatever its ids or the seed of its split, needs a
reason that was not used before.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from deeprules.errors import InputError
from deeprules.ledger import (
    append_entry,
    canonical_json,
    locked,
    read_examples,
    read_ledger,
    text_sha256,
)

OPTIONS = """What you can do:
  - keep the result of that opening: go back to the configuration and the models tested then;
  - test on new examples: a test set that shares no example with an earlier one opens freely;
  - open it once more: give a new reason as `evaluation: reopen` (a bug was fixed, the run is
    repeated on another machine, ...). It stands in the ledger and the report; scores on a test
    set that was seen before are likely too good."""


@dataclass(frozen=True)
class Request:
    """What is about to be tested, on what.

    Attributes
    ----------
    models_sha256 : hash of all frozen models
    examples : canonical content hashes (N,) of the test examples, `uint64`
    study : content of `study.json`
    objective : metric of the verdict
    minimum_gain : smallest gain that is worth a network
    reason : why a test set is opened once more; None if not given
    commit : git commit of the code; None if unknown
    """

    models_sha256: str
    examples: np.ndarray
    study: dict
    objective: str
    minimum_gain: float
    reason: str | None = None
    commit: str | None = None

    @cached_property
    def examples_text(self) -> str:
        """The distinct content hashes in hexadecimal, sorted, one a line."""
        return "".join(f"{value:016x}\n" for value in np.unique(self.examples).tolist())

    @cached_property
    def facts(self) -> dict:
        """The part of an entry that describes the request."""
        return {
            "models_sha256": self.models_sha256,
            "n_examples": len(self.examples),
            "study_sha256": self.study["sha256"],
            "study_text_sha256": text_sha256(canonical_json(self.study["study"])),
            "objective": self.objective,
            "minimum_gain": self.minimum_gain,
            "commit": self.commit,
        }

    def is_repeat_of(self, entry: dict) -> bool:
        """Whether an entry is of the same models on the same examples."""
        return entry["models_sha256"] == self.models_sha256 and entry[
            "examples_sha256"
        ] == text_sha256(self.examples_text)


@dataclass(frozen=True)
class Earlier:
    """An earlier opening and how many of the distinct examples it has seen."""

    entry: dict
    shared: int


def open_test_set(folder: str | Path, request: Request) -> dict:
    """Check a request against the ledger in `folder` and enter it; call this before predicting.

    An entry stands even if the run fails afterwards. A repeat makes no new entry.

    Returns
    -------
    The entry with its `kind` (`first`, `repeat` or `reopened`), `n_openings` (of these examples,
    so far), `history` (index, time, kind, reason and shared examples of each) and `changes`
    (sentences on what was changed since the first of them).

    Raises
    ------
    InputError if the ledger is damaged, or as `check_opening`.
    """
    with locked(folder):
        entries = read_ledger(folder)
        kind, openings = check_opening(folder, entries, request)
        if kind == "repeat":
            entry = next(one.entry for one in openings if request.is_repeat_of(one.entry))
        else:
            reason = request.reason if kind == "reopened" else None
            facts = {"kind": kind, "reason": reason, **request.facts}
            entry = append_entry(folder, entries, facts, request.examples_text)
            openings = [*openings, Earlier(entry, len(request.examples_text.split()))]
    return {
        **entry,
        "kind": kind,
        "n_openings": len(openings),
        "history": [_summary(one) for one in openings],
        "changes": _changes(openings[0].entry, request),
    }


def check_opening(
    folder: str | Path, entries: list[dict], request: Request
) -> tuple[str, list[Earlier]]:
    """Whether a test set may be opened.

    Returns
    -------
    `first` (no example was seen before), `repeat` (the same models on the same examples) or
    `reopened` (a new reason is given), and the earlier openings that share examples.

    Raises
    ------
    InputError if examples were seen before with other models, or among others, and no reason is
    given, or one that has served before.
    """
    wanted = set(request.examples_text.split())
    seen = [Earlier(entry, len(wanted & read_examples(folder, entry))) for entry in entries]
    seen = [one for one in seen if one.shared]
    if not seen:
        return "first", []
    if any(request.is_repeat_of(one.entry) for one in seen):
        return "repeat", seen
    listing = "\n".join(
        f"  - opening {one.entry['index']} of {one.entry['time']}: {one.shared} of the "
        f"{len(wanted)} distinct examples, {_difference(one.entry, request)}"
        for one in seen
    )
    if not request.reason:
        raise InputError(f"This test set was opened before:\n{listing}\n{OPTIONS}")
    used = [entry for entry in entries if _words(entry["reason"]) == _words(request.reason)]
    if used:
        raise InputError(
            f"This test set was opened before:\n{listing}\nThe reason given as `evaluation: "
            f"reopen` has served for opening {used[0]['index']} of {used[0]['time']}; one reason "
            f"opens once.\n{OPTIONS}"
        )
    return "reopened", seen


def _difference(entry: dict, request: Request) -> str:
    """What keeps a request from being a repeat of an entry."""
    if entry["models_sha256"] != request.models_sha256:
        return "with other models"
    return "with the same models among other examples"


def _summary(one: Earlier) -> dict:
    """An opening as the report lists it."""
    fields = {name: one.entry[name] for name in ("index", "time", "kind", "reason")}
    return fields | {"shared": one.shared}


def _changes(first: dict, request: Request) -> list[str]:
    """Sentences on what decides how a result is read and differs from the first opening."""
    when = f"after the test set was opened on {first['time']}"
    changes = []
    if first["study_text_sha256"] != request.facts["study_text_sha256"]:
        changes.append(f"The study description was changed {when}.")
    for name, words in (("objective", "objective"), ("minimum_gain", "smallest gain worth it")):
        before, now = first[name], request.facts[name]
        if before != now:
            changes.append(f"The {words} was changed from {before} to {now} {when}.")
    return changes


def _words(reason: str | None) -> list[str] | None:
    """A reason as words, so that spaces and capitals don't make a new one."""
    return reason.casefold().split() if reason else None
