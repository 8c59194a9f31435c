"""When a test set may be opened: once, again with the same models, or with a new reason."""

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from deeprules.errors import InputError
from deeprules.evaluate.identity import identity_hashes, labels_sha256
from deeprules.evaluate.ledger import read_ledger
from deeprules.evaluate.opening import Request, open_test_set


def numbered(start, stop):
    """Contents and identities of the examples of a range."""
    return {
        "examples": np.arange(start, stop, dtype=np.uint64) + 2**63,
        "identities": np.arange(start, stop, dtype=np.uint64),
    }


STUDY = {"study": {"question": "Does it work?"}, "sha256": "a" * 64}
FIRST = Request(
    models_sha256="1" * 64,
    **numbered(0, 100),
    labels_sha256="7" * 64,
    study=STUDY,
    objective="auprc",
    minimum_gain=0.02,
    commit="abc",
)
OTHER_MODELS = replace(FIRST, models_sha256="2" * 64)
OTHER_SPLIT = replace(FIRST, models_sha256="3" * 64, **numbered(99, 200))
NEW_EXAMPLES = replace(OTHER_MODELS, **numbered(500, 600))


@pytest.fixture
def ledger(tmp_path):
    """A ledger in which the test set was opened once."""
    open_test_set(tmp_path, FIRST)
    return tmp_path


def test_the_first_opening_is_entered(tmp_path):
    opening = open_test_set(tmp_path, replace(FIRST, reason="a reason left in the configuration"))
    (entry,) = read_ledger(tmp_path)
    assert opening["kind"] == entry["kind"] == "first"
    assert opening["cautions"] == []
    assert opening["n_openings"] == 1
    assert entry["reason"] is None
    assert (entry["n_examples"], entry["objective"], entry["commit"]) == (100, "auprc", "abc")
    assert entry["study_sha256"] == "a" * 64
    assert entry["labels_sha256"] == "7" * 64
    text = (tmp_path / "examples" / f"1-{entry['examples_sha256']}.txt").read_text()
    assert text.splitlines()[0] == "8000000000000000 0000000000000000"


def test_the_same_models_on_the_same_examples_repeat(ledger):
    in_other_order = replace(
        FIRST, examples=FIRST.examples[::-1], identities=FIRST.identities[::-1]
    )
    opening = open_test_set(ledger, in_other_order)
    assert opening["kind"] == "repeat"
    assert (opening["index"], opening["n_openings"], opening["changes"]) == (1, 1, [])
    assert len(read_ledger(ledger)) == 1


def test_other_models_are_stopped(ledger):
    with pytest.raises(InputError) as stopped:
        open_test_set(ledger, OTHER_MODELS)
    message = str(stopped.value)
    assert "opening 1 of 20" in message
    assert "100 of the 100 examples (100 by content, 100 by source and id)" in message
    assert "source and id), with other models" in message
    assert "only the names" not in message
    assert "evaluation: reopen" in message and "shares no example" in message
    assert len(read_ledger(ledger)) == 1


def test_one_shared_example_under_another_split_is_enough(ledger):
    with pytest.raises(InputError, match="1 of the 101 examples"):
        open_test_set(ledger, OTHER_SPLIT)


def test_the_same_models_on_a_part_of_the_examples_are_stopped(ledger):
    with pytest.raises(InputError, match=r"40 of the 40 .*examples are not all the same"):
        open_test_set(ledger, replace(FIRST, **numbered(0, 40)))


def test_the_same_models_and_examples_with_other_labels_are_stopped(ledger):
    relabelled = replace(FIRST, labels_sha256="8" * 64)
    with pytest.raises(InputError, match=r"100 of the 100 .*same models but other labels"):
        open_test_set(ledger, relabelled)
    opening = open_test_set(ledger, replace(relabelled, reason="two labels were wrong"))
    assert (opening["kind"], opening["n_openings"]) == ("reopened", 2)


def test_cropped_sequences_with_the_same_ids_are_caught(ledger):
    cropped = replace(FIRST, models_sha256="3" * 64, examples=FIRST.examples + np.uint64(1000))
    message = r"100 of the 100 examples \(0 by content, 100 by source and id\)"
    with pytest.raises(InputError, match=message) as stopped:
        open_test_set(ledger, cropped)
    assert "cropped, transformed" in str(stopped.value)


def test_renamed_examples_with_the_same_content_are_caught(ledger):
    renamed = replace(FIRST, identities=FIRST.identities + np.uint64(1000))
    message = (
        r"100 of the 100 examples \(100 by content, 0 by source and id\), with the same models"
    )
    with pytest.raises(InputError, match=message):
        open_test_set(ledger, renamed)


def test_identity_is_source_and_id():
    hashes = identity_hashes(["a", "b", "a", "a1"], ["1", "1", "2", ""])
    assert hashes.dtype == np.uint64
    assert len(set(hashes.tolist())) == 4
    assert identity_hashes(["b"], ["1"])[0] == hashes[1]


@pytest.mark.parametrize("labels", [["x", "y", "y"], [0.5, 1.5, -2.0]])
def test_labels_are_hashed_with_their_contents_whatever_the_order(labels):
    contents, labels = np.array([3, 1, 2], dtype=np.uint64), np.array(labels)
    first = labels_sha256(contents, labels)
    assert labels_sha256(contents[::-1], labels[::-1]) == first
    assert labels_sha256(contents, labels[::-1]) != first


def test_a_reason_opens_and_is_kept(ledger):
    reason = "the reverse strand was read wrongly"
    opening = open_test_set(ledger, replace(OTHER_SPLIT, reason=reason))
    assert (opening["kind"], opening["n_openings"], opening["reason"]) == ("reopened", 2, reason)
    assert [(one["index"], one["reason"], one["shared"]) for one in opening["history"]] == [
        (1, None, 1),
        (2, reason, 101),
    ]
    repeat = open_test_set(ledger, replace(OTHER_SPLIT, reason=reason))
    assert repeat["kind"] == "repeat"
    for one in (opening, repeat):
        (caution,) = one["cautions"]
        assert caution["title"] == "The test set was opened more than once"
        assert caution["sentence"].endswith(f"so scores are likely too good. Reason: {reason}")


def test_a_reason_opens_only_once(ledger):
    reason = "the reverse strand was read wrongly"
    open_test_set(ledger, replace(OTHER_MODELS, reason=reason))
    again = replace(FIRST, models_sha256="4" * 64, reason="The  reverse strand was read WRONGLY")
    with pytest.raises(InputError, match=r"has served for opening 2 .*one reason opens once"):
        open_test_set(ledger, again)
    assert open_test_set(ledger, replace(again, reason="another bug was found"))["n_openings"] == 3


def test_new_examples_open_freely(ledger):
    opening = open_test_set(ledger, NEW_EXAMPLES)
    assert (opening["kind"], opening["index"], opening["n_openings"]) == ("first", 2, 1)


def test_changes_after_the_opening_are_told(ledger):
    changed = replace(
        FIRST,
        study={"study": {"question": "Does it work better?"}, "sha256": "b" * 64},
        objective="mcc",
        minimum_gain=0.001,
    )
    opening = open_test_set(ledger, changed)
    assert opening["kind"] == "repeat"
    assert opening["study_sha256"] == "a" * 64
    (caution,) = opening["cautions"]
    assert "plan changed" in caution["title"]
    assert caution["sentence"] == " ".join(opening["changes"])
    told = " ".join(opening["changes"])
    assert "study description was changed" in told
    assert "objective was changed from auprc to mcc" in told
    assert "from 0.02 to 0.001" in told


def test_a_study_that_says_the_same_in_other_words_is_told(ledger):
    opening = open_test_set(ledger, replace(FIRST, study=STUDY | {"sha256": "b" * 64}))
    (caution,) = opening["cautions"]
    assert "is not the one entered with the opening" in caution["sentence"]


def test_a_damaged_ledger_opens_nothing(ledger):
    path = ledger / "openings.jsonl"
    path.write_text(path.read_text().replace('"n_examples":100', '"n_examples":10'))
    with pytest.raises(InputError, match="line 1: the entry was edited"):
        open_test_set(ledger, FIRST)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_an_emptied_ledger_opens_nothing(ledger):
    git = ["git", "-C", ledger, "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init"], ["add", "openings.jsonl"], ["commit", "--message", "opened"]):
        subprocess.run([*git, *arguments], check=True, capture_output=True)
    shutil.rmtree(ledger / "examples")
    (ledger / "openings.jsonl").write_text("")
    with pytest.raises(InputError, match="entries were removed or replaced"):
        open_test_set(ledger, OTHER_MODELS)
