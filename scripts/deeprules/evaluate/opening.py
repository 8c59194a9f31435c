"""Whether a test set may be opened, and the entry that says that it was.

A test set answers once. The same models on the same examples and labels are a repeat; anything
else that shares an example with an earlier opening, whatever the seed of its split, needs a reason
that was not used before. An example is known by its content and by its source and id: neither new
ids alone nor another length, transformation or choice of features alone make it a new one. Where
both are new, sketches tell edited examples: many that resemble those of an earlier opening are the
same test set.
"""

from pathlib import Path

from deeprules.cautions import Caution, as_records
from deeprules.errors import InputError
from deeprules.evaluate.ledger import (
    append_entry,
    locked,
    read_ledger,
    text_sha256,
)
from deeprules.evaluate.ledger_history import check_history
from deeprules.evaluate.request import MANY_ALIKE, Earlier, Request

OPTIONS = """What you can do:
  - keep the result of that opening: go back to the configuration and the models tested then;
  - test on new examples: a test set that shares no example with an earlier one, neither by
    content nor by source and id, opens freely; examples that were edited, cropped, turned,
    rescaled or renamed are no new ones;
  - open it once more: give a new reason as `evaluation: reopen` (a bug was fixed, the run is
    repeated on another machine, ...). It stands in the ledger and the report; scores on a test
    set that was seen before are likely too good."""

SOME_ALIKE = 0.05
MANY_TEST_SETS = 3
"""So many other test sets opened before call for a caution."""

ONLY_NAMES = """
No content was seen before, only the names of examples. The same examples cropped, transformed or
with other features are no new ones. If they are other examples that happen to have the names of
earlier ones, give their source another name, and them ids of their own."""


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
        earlier = [request.shared_with(folder, entry) for entry in entries]
        some_alike = max((one.alike for one in earlier if not one.has_seen), default=0.0)
        kind, openings = check_opening(entries, earlier, request)
        if kind == "repeat":
            entry = next(one.entry for one in openings if request.is_repeat_of(one.entry))
        else:
            reason = request.reason if kind == "reopened" else None
            facts = {"kind": kind, "reason": reason, **request.facts}
            kept = request.sketches and request.sketches.kept(request.examples)
            entry = append_entry(folder, entries, facts, request.examples_text, kept)
            entries, n_examples = [*entries, entry], len(request.examples)
            openings = [*openings, Earlier(entry, n_examples, n_examples, n_examples, 1.0, 1.0)]
    n_others = len(entries) - len(openings)
    changes = _changes(openings[0].entry, entry, request)
    cautions = [
        *_cautions_of_this(openings, changes),
        *_cautions_of_others(n_others, len(entries), some_alike),
    ]
    return {
        **entry,
        "kind": kind,
        "n_openings": len(openings),
        "history": [_summary(one) for one in openings],
        "changes": changes,
        "n_project": len(entries),
        "n_other_test_sets": n_others,
        "cautions": as_records(cautions),
    }


def check_opening(
    entries: list[dict], earlier: list[Earlier], request: Request
) -> tuple[str, list[Earlier]]:
    """Whether a test set may be opened, given what each entry has seen of it.

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
    seen = [one for one in earlier if one.has_seen]
    if not seen:
        return "first", []
    if any(request.is_repeat_of(one.entry) for one in seen):
        return "repeat", seen
    listing = "\n".join(
        f"  - opening {one.entry['index']} of {one.entry['time']}: {one.shared} of the "
        f"{len(request.examples)} examples ({one.by_content} by content, {one.by_identity} by "
        f"source and id{_likeness(one)}), {_difference(one.entry, request)}"
        for one in seen
    )
    if not request.reason:
        is_content = any(one.by_content or one.alike >= MANY_ALIKE for one in seen)
        options = OPTIONS if is_content else OPTIONS + ONLY_NAMES
        raise InputError(f"This test set was opened before:\n{listing}\n{options}")
    used = [entry for entry in entries if _words(entry["reason"]) == _words(request.reason)]
    if used:
        raise InputError(
            f"This test set was opened before:\n{listing}\nThe reason given as `evaluation: "
            f"reopen` has served for opening {used[0]['index']} of {used[0]['time']}; one reason "
            f"opens once.\n{OPTIONS}"
        )
    return "reopened", seen


def _likeness(one: Earlier) -> str:
    """What the message says of examples that are alike."""
    shares = {"alike": one.alike, "by name alone": one.named}
    return "".join(f", {share:.0%} {word}" for word, share in shares.items() if share)


def _cautions_of_this(openings: list[Earlier], changes: list[str]) -> list[Caution]:
    """What the openings of this test set say against a verdict."""
    found = []
    if len(openings) > 1:
        reasons = [f"Reason: {one.entry['reason']}" for one in openings if one.entry["reason"]]
        times = f"It was opened {len(openings)} times, so scores are likely too good."
        title = "The test set was opened more than once"
        found.append(Caution(title, " ".join([times, *reasons]), tip=7))
    if changes:
        title = "The plan changed after the test set was opened"
        found.append(Caution(title, " ".join(changes), tip=4))
    return found


def _cautions_of_others(n_others: int, n_project: int, some_alike: float) -> list[Caution]:
    """What the other openings of the project say against a verdict."""
    found = []
    if n_others >= MANY_TEST_SETS:
        found.append(
            Caution(
                "Many test sets were opened",
                f"This is one of {n_project} openings in this project's ledger; {n_others} are of "
                "other test sets. The best of several results is likely too good: report all of "
                "them, and why this one was chosen.",
                tip=8,
            )
        )
    if some_alike >= SOME_ALIKE:
        found.append(
            Caution(
                "Part of the test set resembles an earlier one",
                f"{some_alike:.0%} of its examples resemble examples of another test set that was "
                "opened before, so it is not all new. See whether the two overlap.",
                tip=8,
            )
        )
    return found


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
    shared = {name: getattr(one, name) for name in ("shared", "by_content", "by_identity", "alike")}
    return fields | shared


def _changes(first: dict, entry: dict, request: Request) -> list[str]:
    """Sentences on what decides how a result is read and differs from the first opening."""
    when = f"after the test set was opened on {first['time']}"
    changes = []
    if first["study_text_sha256"] != request.facts["study_text_sha256"]:
        changes.append(f"The study description was changed {when}.")
    for name, words in (("objective", "objective"), ("minimum_gain", "smallest gain worth it")):
        before, now = first[name], request.facts[name]
        if before != now:
            changes.append(f"The {words} was changed from {before} to {now} {when}.")
    if not changes and entry["study_sha256"] != request.facts["study_sha256"]:
        changes.append(f"The study is not the one entered with the opening of {entry['time']}.")
    return changes


def _words(reason: str | None) -> list[str] | None:
    """A reason as words, so that spaces and capitals don't make a new one."""
    return reason.casefold().split() if reason else None
