"""Test sets that are the same although they were edited, and others that are not."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from deeprules.encoding import COMPLEMENT
from deeprules.errors import InputError
from deeprules.evaluate.identity import Sketches, example_hashes
from deeprules.evaluate.ledger import append_entry, read_ledger
from deeprules.evaluate.opening import open_test_set
from deeprules.evaluate.request import Request
from deeprules.evaluate.row_sketches import row_sketches, similar_rows
from deeprules.files import write_table
from deeprules.ingest.dataset_files import row_hashes

STUDY = {"study": {"question": "Does it work?"}, "sha256": "a" * 64}
LENGTH = 120


def random_codes(n, seed, length=LENGTH):
    return (1 << np.random.default_rng(seed).integers(0, 4, (n, length))).astype(np.uint8)


def expression(n, seed, n_features=300):
    """Rows with a structure that all samples share."""
    shared, own = np.random.default_rng(99), np.random.default_rng(seed)
    level, loadings = shared.normal(5, 2, n_features), shared.normal(size=(4, n_features))
    noise = own.normal(size=(n, 4)) @ loadings * 0.5 + own.normal(size=(n, n_features)) * 0.7
    return np.exp((level + noise) / 2).astype(np.float32)


def request(folder, features, models="1", prefix="e", source="mine", prefixes=None):
    """A request for a test set with these features."""
    n = len(features)
    is_sequence = features.dtype == np.uint8
    content = row_hashes(features)
    if is_sequence:
        content = np.minimum(content, row_hashes(COMPLEMENT[features[:, ::-1]]))
    table = {"id": [f"{prefix}{i}" for i in range(n)], "source": source, "canonical_hash": content}
    table["label"] = ["x", "y"] * (n // 2) + ["x"] * (n % 2)
    write_table(folder / "examples.parquet", pd.DataFrame(table))
    facts = {"modality": "sequence" if is_sequence else "tabular", "n_features": features.shape[1]}
    test = SimpleNamespace(folder=folder, features=features, dataset=SimpleNamespace(**facts))
    known = example_hashes(test, prefixes)
    return Request(models * 64, **known, study=STUDY, objective="auprc", minimum_gain=0.02)


def ranks(seed):
    """Rows that hold the same values, each in an order of its own."""
    return np.random.default_rng(seed).permuted(np.tile(np.arange(300.0), (100, 1)), axis=1)


def one_base_edited(codes, at=60):
    edited = codes.copy()
    edited[:, at] = COMPLEMENT[edited[:, at]]
    return edited


def mutated(codes, rate):
    rng = np.random.default_rng(5)
    other = random_codes(len(codes), 6, codes.shape[1])
    return np.where(rng.random(codes.shape) < rate, other, codes).astype(np.uint8)


def padded(codes, n=1):
    return np.pad(codes, ((0, 0), (n, 0)))


EDITED_SEQUENCES = {
    "one base cropped": lambda codes: codes[:, 1:],
    "padded by one": padded,
    "half cropped": lambda codes: codes[:, 60:],
    "one base edited": one_base_edited,
    "reversed": lambda codes: codes[:, ::-1],
    "complemented": lambda codes: COMPLEMENT[codes],
    "reverse complemented and cropped": lambda codes: COMPLEMENT[codes[:, :0:-1]],
    "shifted by 20": lambda codes: np.hstack([codes[:, 20:], random_codes(len(codes), 7, 20)]),
    "1% mutated": lambda codes: mutated(codes, 0.01),
    "5% mutated": lambda codes: mutated(codes, 0.05),
    "half of them new": lambda codes: np.vstack([codes[::2, 1:], random_codes(50, 8, LENGTH - 1)]),
}


@pytest.mark.parametrize("edit", EDITED_SEQUENCES)
def test_edited_sequences_under_new_names_are_no_new_test_set(tmp_path, edit):
    codes = random_codes(100, 1)
    open_test_set(tmp_path / "ledger", request(tmp_path, codes))
    changed = np.ascontiguousarray(EDITED_SEQUENCES[edit](codes))
    renamed = request(tmp_path, changed, "2", prefix="new_", source="other")
    with pytest.raises(InputError, match=r"opened before(.|\n)*0 by source and id, .*% alike"):
        open_test_set(tmp_path / "ledger", renamed)
    assert len(read_ledger(tmp_path / "ledger")) == 1


def edited_values(rows):
    edited = rows.copy()
    edited[np.arange(len(rows)), np.arange(len(rows)) % rows.shape[1]] += 1.25
    return edited


EDITED_ROWS = {
    "one value edited": edited_values,
    "logarithm": np.log1p,
    "standardised": lambda rows: (rows - rows.mean(axis=0)) / rows.std(axis=0),
    "logarithm of edited": lambda rows: np.log1p(edited_values(rows)),
    "divided by row sums": lambda rows: np.log1p(1e4 * rows / rows.sum(axis=1, keepdims=True)),
    "half of them new": lambda rows: np.vstack([np.log1p(rows[::2]), np.log1p(expression(50, 8))]),
    "features in another order": lambda rows: rows[:, np.random.default_rng(3).permutation(300)],
    "a feature less": lambda rows: rows[:, 1:],
    "a third of the features": lambda rows: rows[:, ::3],
    "a feature more": lambda rows: np.hstack([rows, rows[:, :1] ** 2]),
    "signs turned": lambda rows: rows * np.where(np.arange(300) % 2, 1, -1),
    "half of the rows, shuffled": lambda rows: rows[::-2, ::-1],
}


@pytest.mark.parametrize("edit", EDITED_ROWS)
def test_edited_rows_under_new_names_are_no_new_test_set(tmp_path, edit):
    rows = expression(100, 1)
    open_test_set(tmp_path / "ledger", request(tmp_path, rows))
    changed = np.ascontiguousarray(EDITED_ROWS[edit](rows), dtype=np.float32)
    renamed = request(tmp_path, changed, "2", prefix="new_", source="other")
    with pytest.raises(InputError, match=r"opened before(.|\n)*0 by source and id, .*% alike"):
        open_test_set(tmp_path / "ledger", renamed)


def neighbours():
    """Windows of a genome with an old repeat in every fifth, and the windows that follow them."""
    genome, repeat = random_codes(1, 3, 400 * LENGTH)[0], random_codes(1, 4, 60)
    windows = genome.reshape(400, LENGTH).copy()
    rows = np.arange(0, 400, 5)
    windows[rows, :60] = mutated(np.repeat(repeat, len(rows), axis=0), 0.15)
    return windows[::2], windows[1::2]


DIFFERENT = {
    "random sequences": (random_codes(300, 1), random_codes(300, 2)),
    "shuffled letters": (
        random_codes(300, 1),
        np.random.default_rng(0).permuted(random_codes(300, 1), axis=1),
    ),
    "tandem repeats": (
        np.tile(random_codes(1, 1, 2), (100, 60)),
        np.hstack([np.tile(random_codes(1, 1, 2), (100, 40)), random_codes(100, 2, 40)]),
    ),
    "genomic neighbours": neighbours(),
    "samples of one population": (expression(300, 1), expression(300, 2)),
    "few features": (expression(300, 1, 8), expression(300, 2, 8)),
    "a feature, and many rows": (expression(200, 1, 1), expression(200, 2, 1)),
    "two features": (expression(40, 1, 2), expression(40, 2, 2)),
    "three features, few rows": (expression(10, 1, 3), expression(10, 2, 3)),
    "six features": (expression(50, 1, 6), expression(50, 2, 6)),
    "one row": (expression(1, 1), expression(1, 2)),
    "the same values in each row": (ranks(1).astype(np.float32), ranks(2).astype(np.float32)),
    "few features, few and many rows": (expression(2000, 1, 8), expression(60, 2, 8)),
    "counts, most of them 0": (
        np.random.default_rng(1).poisson(0.2, (300, 200)).astype(np.float32),
        np.random.default_rng(2).poisson(0.2, (300, 200)).astype(np.float32),
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_other_examples_open_as_first(tmp_path, name):
    earlier, later = DIFFERENT[name]
    open_test_set(tmp_path / "ledger", request(tmp_path, earlier))
    opening = open_test_set(tmp_path / "ledger", request(tmp_path, later, "2", prefix="new_"))
    assert (opening["kind"], opening["n_openings"]) == ("first", 1)
    assert not [one for one in opening["cautions"] if "resembles" in one["title"]]


@pytest.mark.parametrize("turn", ["reversed", "complemented"])
def test_one_turned_example_among_new_ones_is_enough(tmp_path, turn):
    codes = random_codes(100, 1)
    open_test_set(tmp_path / "ledger", request(tmp_path, codes))
    later = random_codes(100, 2)
    later[17] = EDITED_SEQUENCES[turn](codes[3:4])[0]
    with pytest.raises(InputError, match=r"1 of the 100 examples \(1 by content"):
        open_test_set(tmp_path / "ledger", request(tmp_path, later, "2", prefix="new_"))


@pytest.mark.parametrize("prefix", ["e", "p_e"])
def test_other_features_of_the_same_examples_are_known_by_their_names(tmp_path, prefix):
    open_test_set(tmp_path / "ledger", request(tmp_path, expression(100, 1)))
    other = np.sqrt(expression(100, 1)[:, :200])
    prefixes = {"other": prefix.removesuffix("e")}
    later = request(tmp_path, other, "2", prefix, source="other", prefixes=prefixes)
    with pytest.raises(
        InputError, match=r"opened before(.|\n)*100% by name alone(.|\n)*ids of their own"
    ):
        open_test_set(tmp_path / "ledger", later)


def test_names_of_sequences_that_are_others_tell_nothing(tmp_path):
    open_test_set(tmp_path / "ledger", request(tmp_path, random_codes(100, 1)))
    later = request(tmp_path, random_codes(100, 2), "2", source="other")
    assert open_test_set(tmp_path / "ledger", later)["kind"] == "first"


def test_numbers_are_no_names(tmp_path):
    open_test_set(tmp_path / "ledger", request(tmp_path, expression(100, 1), prefix=""))
    other = request(tmp_path, expression(100, 2, 200), "2", prefix="", source="other")
    assert open_test_set(tmp_path / "ledger", other)["kind"] == "first"


def test_a_part_that_resembles_an_earlier_test_set_is_told(tmp_path):
    codes, later = random_codes(100, 1), random_codes(100, 2)
    open_test_set(tmp_path / "ledger", request(tmp_path, codes))
    later[:10] = one_base_edited(codes[:10])
    opening = open_test_set(tmp_path / "ledger", request(tmp_path, later, "2", prefix="new_"))
    assert opening["kind"] == "first"
    (caution,) = opening["cautions"]
    assert caution["title"] == "Part of the test set resembles an earlier one"
    assert "10% of its examples" in caution["sentence"]


def test_the_same_models_on_the_same_examples_repeat(tmp_path):
    asked = request(tmp_path, random_codes(100, 1))
    open_test_set(tmp_path / "ledger", asked)
    again = open_test_set(tmp_path / "ledger", asked)
    assert (again["kind"], again["n_openings"], again["n_project"]) == ("repeat", 1, 1)


def test_an_entry_of_an_earlier_version_is_still_read(tmp_path):
    asked = request(tmp_path, random_codes(100, 1))
    before = replace(asked, names=None, turned=None, sketches=None)
    facts = {name: value for name, value in before.facts.items() if name != "sketches_kind"}
    append_entry(
        tmp_path / "ledger", [], {"kind": "first", "reason": None, **facts}, before.examples_text
    )
    assert open_test_set(tmp_path / "ledger", asked)["kind"] == "repeat"
    with pytest.raises(InputError, match="100 of the 100 examples"):
        open_test_set(tmp_path / "ledger", replace(asked, models_sha256="2" * 64))


def test_few_features_in_another_order_are_no_new_test_set(tmp_path):
    rows = expression(100, 1, 8)
    open_test_set(tmp_path / "ledger", request(tmp_path, rows))
    turned = np.ascontiguousarray(rows[:, ::-1])
    with pytest.raises(InputError, match="100% alike"):
        open_test_set(tmp_path / "ledger", request(tmp_path, turned, "2", "new_", source="other"))


def test_sketches_of_an_earlier_version_are_compared_without_values():
    sketches = row_sketches(expression(100, 1))
    for earlier in (sketches, sketches[:, :12]):
        assert similar_rows(sketches, earlier, 300)[0].all()
    assert not similar_rows(sketches, sketches[:, :12], None)[0].any()


def test_edited_or_removed_sketches_are_noticed(tmp_path):
    asked = request(tmp_path, random_codes(100, 1))
    open_test_set(tmp_path / "ledger", asked)
    (path,) = (tmp_path / "ledger" / "sketches").iterdir()
    for spoil in (lambda: np.save(path, np.zeros((1, 16), np.uint32)), path.unlink):
        spoil()
        with pytest.raises(InputError, match="sketches of opening 1 are missing or were edited"):
            open_test_set(tmp_path / "ledger", replace(asked, models_sha256="2" * 64))


def test_the_ledger_keeps_few_sketches_of_many_examples_and_finds_them(monkeypatch):
    monkeypatch.setattr("deeprules.evaluate.identity.KEPT", {"sequence": 50, "tabular": 50})
    for features, edit in ((random_codes(400, 1), one_base_edited), (expression(400, 1), np.log1p)):
        is_sequence = features.dtype == np.uint8
        facts = {"modality": "sequence" if is_sequence else "tabular", "n_features": 300}
        dataset = SimpleNamespace(**facts)
        earlier = Sketches.of(SimpleNamespace(features=features, dataset=dataset))
        kept = earlier.kept(np.random.default_rng(0).permutation(400))
        later = Sketches.of(SimpleNamespace(features=edit(features), dataset=dataset))
        assert len(kept) == 50
        assert later.share_alike(kept, earlier.kind) > 0.9


def test_many_disjoint_test_sets_are_told_from_the_fourth_on(tmp_path):
    told = []
    for number in range(6):
        asked = request(tmp_path, random_codes(40, number), str(number), prefix=f"s{number}_")
        opening = open_test_set(tmp_path / "ledger", asked)
        assert (opening["kind"], opening["n_openings"]) == ("first", 1)
        assert (opening["index"], opening["n_project"]) == (number + 1, number + 1)
        told.append([one["title"] for one in opening["cautions"]])
    assert told == [[], [], [], *[["Many test sets were opened"]] * 3]
    assert "one of 6 openings" in opening["cautions"][0]["sentence"]
    assert "5 are of other test sets" in opening["cautions"][0]["sentence"]
