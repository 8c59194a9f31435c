"""Whether a test set may be opened, and the entry that says that it was.

A test set answers once. The same models on the same examples and labels are a repeat; anything
else that shares an example with an earlier opening, whatever the seed of its split, needs a reason
that was not used before. An example is known by its content and by its source and id: neither new
ids alone nor another length, transformation or choice of features alone make it a new one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np

from deeprules.errors import InputError
from deeprules.evaluate.ledger import (
    append_entry,
    canonical_json,
    check_history,
    locked,
    read_examples,
    read_ledger,
    text_sha256,
)

OPTIONS = """What you can do:
  - keep the result of that opening: go back to the configuration and the models tested then;
  - test on new examples: a test set that shares no example with an earlier one, neither by
    content nor by source and id, opens freely;
  - open it once more: give a new reason as `evaluation: reopen` (a bug was fixed, the run is
    repeated on another machine, ...). It stands in the ledger and the report; scores on a test
    set that was seen before are likely too good."""

ONLY_NAMES = """
No content was seen before, only the names of examples. The same examples cropped, transformed or
with other features are no new ones. If they are other examples that happen to have the names of
earlier ones, give their source another name."""


@dataclass(frozen=True)
class Request:
    """What is about to be tested, on what.

    Attributes
    ----------
    models_sha256 : hash of all frozen models
    examples : canonical content hashes (N,) of the test examples, `uint64`
    identities : hashes (N,) of their sources and ids, as `identity_hashes` gives them
    labels_sha256 : hash of contents and labels, as `labels_sha256` gives it
    study : content of `study.json`
    objective : metric of the verdict
    minimum_gain : smallest gain that is worth a network
    reason : why a test set is opened once more; None if not given
    commit : git commit of the code; None if unknown
    """

    models_sha256: str
    examples: np.ndarray
    identities: np.ndarray
    labels_sha256: str
    study: dict
    objective: str
    minimum_gain: float | Mapping[str, float]
    reason: str | None = None
    commit: str | None = None

    @cached_property
    def examples_text(self) -> str:
        """Content and identity hash of each example in hexadecimal, sorted, one a line."""
        pairs = sorted(zip(self.examples.tolist(), self.identities.tolist(), strict=True))
        return "".join(f"{content:016x} {identity:016x}\n" for content, identity in pairs)

    @cached_property
    def facts(self) -> dict:
        """The part of an entry that describes the request."""
        return {
            "models_sha256": self.models_sha256,
            "labels_sha256": self.labels_sha256,
            "n_examples": len(self.examples),
            "study_sha256": self.study["sha256"],
            "study_text_sha256": text_sha256(canonical_json(self.study["study"])),
            "objective": self.objective,
            "minimum_gain": self.minimum_gain,
            "commit": self.commit,
        }

    def is_repeat_of(self, entry: dict) -> bool:
        """Whether an entry is of the same models on the same examples with the same labels."""
        return (
            entry["models_sha256"] == self.models_sha256
            and entry["labels_sha256"] == self.labels_sha256
            and entry["examples_sha256"] == text_sha256(self.examples_text)
        )

    def shared_with(self, folder: str | Path, entry: dict) -> "Earlier":
        """How many of the examples an earlier opening has seen."""
        contents, identities = read_examples(folder, entry)
        lines = [line.split() for line in self.examples_text.splitlines()]
        by_content = [content in contents for content, _ in lines]
        by_identity = [identity in identities for _, identity in lines]
        shared = sum(map(max, by_content, by_identity))
        return Earlier(entry, shared, sum(by_content), sum(by_identity))


@dataclass(frozen=True)
class Earlier:
    """An earlier opening and how many of the examples it has seen: at all, and known by what."""

    entry: dict
    shared: int
    by_content: int
    by_identity: int


def identity_hashes(sources: Sequence[str], ids: Sequence[str]) -> np.ndarray:
    """Hashes (N,) `uint64` of the sources and ids of examples: 8 bytes of BLAKE2b each."""
    pairs = [canonical_json(pair).encode() for pair in zip(sources, ids, strict=True)]
    digests = b"".join(blake2b(pair, digest_size=8).digest() for pair in pairs)
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)


def labels_sha256(examples: np.ndarray, labels: np.ndarray) -> str:
    """SHA-256 of the sorted pairs of content hash (N,) and label (N,)."""
    pairs = zip(np.asarray(examples).tolist(), np.asarray(labels).tolist(), strict=True)
    return text_sha256(canonical_json(sorted(pairs)))


def open_test_set(folder: str | Path, request: Request) -> dict:
    """Check a request against the ledger in `folder` and enter it; call this before predicting.

    An entry stands even if the run fails afterwards. A repeat makes no new entry.

    Returns
    -------
    The entry with its `kind` (`first`, `repeat` or `reopened`), `n_openings` (of these examples,
    so far), `history` (index, time, kind, reason and shared examples of each: all, by content, by
    identity) and `changes`
    (sentences on what was changed since the first of them).

    Raises
    ------
    InputError if the ledger is damaged, or as `check_opening`.
    """
    with locked(folder):
        entries = read_ledger(folder)
        check_history(folder, entries)
        kind, openings = check_opening(folder, entries, request)
        if kind == "repeat":
            entry = next(one.entry for one in openings if request.is_repeat_of(one.entry))
        else:
            reason = request.reason if kind == "reopened" else None
            facts = {"kind": kind, "reason": reason, **request.facts}
            entry = append_entry(folder, entries, facts, request.examples_text)
            n_examples = len(request.examples)
            openings = [*openings, Earlier(entry, n_examples, n_examples, n_examples)]
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
    `first` (no example was seen before), `repeat` (the same models on the same examples with the
    same labels) or `reopened` (a new reason is given), and the earlier openings that share
    examples.

    Raises
    ------
    InputError if examples were seen before with other models or labels, or among others, and no
    reason is given, or one that has served before.
    """
    seen = [request.shared_with(folder, entry) for entry in entries]
    seen = [one for one in seen if one.shared]
    if not seen:
        return "first", []
    if any(request.is_repeat_of(one.entry) for one in seen):
        return "repeat", seen
    listing = "\n".join(
        f"  - opening {one.entry['index']} of {one.entry['time']}: {one.shared} of the "
        f"{len(request.examples)} examples ({one.by_content} by content, {one.by_identity} by "
        f"source and id), {_difference(one.entry, request)}"
        for one in seen
    )
    if not request.reason:
        options = OPTIONS if any(one.by_content for one in seen) else OPTIONS + ONLY_NAMES
        raise InputError(f"This test set was opened before:\n{listing}\n{options}")
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
    if entry["examples_sha256"] == text_sha256(request.examples_text):
        return "with the same models but other labels"
    return "with the same models, but the examples are not all the same"


def _summary(one: Earlier) -> dict:
    """An opening as the report lists it."""
    fields = {name: one.entry[name] for name in ("index", "time", "kind", "reason")}
    shared = {name: getattr(one, name) for name in ("shared", "by_content", "by_identity")}
    return fields | shared


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
