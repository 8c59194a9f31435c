"""Examples that a pretrained model has seen are found by chromosome and by id."""

import pandas as pd
import pytest

from deeprules.errors import InputError
from deeprules.pretrained.pretrained_overlap import find_overlap, read_ids

EXAMPLES = pd.DataFrame(
    {
        "id": [f"e{n}" for n in range(6)],
        "chromosome": ["chr1", "chr1", "chr2", "chr8", "chr8", None],
        "canonical_hash": range(10, 16),
    }
)
ASSIGNMENT = pd.DataFrame(
    {
        "id": ["e0", "e2", "e3", "e4", "e5"],
        "partition": ["train", "tune", "test", "test", "test"],
        "unit": ["a", "b", "c", "c", "d"],
    }
)
NOTHING = {"chromosomes": [], "ids": None}


def overlap(seen_ids=(), examples=EXAMPLES, contents=None, **trained_on):
    declared = {**NOTHING, **trained_on}
    return find_overlap("m", declared, set(seen_ids), contents, examples, ASSIGNMENT)


def counts(table):
    return {(row.partition, row.known_by): row.n for row in table.itertuples()}


@pytest.mark.parametrize(
    "declared", [["chr8", "chr1"], ["8", "1"], ["Chr8", "chr1", "chrX"], ["08", "1 "]]
)
def test_examples_on_the_chromosomes_of_training_are_counted(declared):
    found = overlap(chromosomes=declared)
    assert counts(found.table) == {
        ("train", "chromosome"): 1,
        ("tune", "chromosome"): 0,
        ("test", "chromosome"): 2,
    }
    assert found.summary["n_test"] == 3
    assert found.summary["n_test_seen"] == 2
    assert found.summary["share"] == pytest.approx(2 / 3)
    assert "has seen 2 of the 3 test examples (67%)" in found.summary["sentence"]
    (caution,) = found.summary["cautions"]
    assert caution["sentence"] == found.summary["sentence"] and caution["tip"] == 5


def test_ids_and_chromosomes_are_counted_together_and_each_example_once():
    found = overlap(["e4", "e5"], chromosomes=["chr8"], ids="ids.txt")
    assert counts(found.table)["test", "id"] == 2
    assert counts(found.table)["test", "chromosome"] == 2
    assert found.summary["n_test_seen"] == 3


def test_what_a_model_was_pretrained_on_here_is_found_by_content():
    found = overlap(contents={10, 13, 99})
    assert counts(found.table) == {
        ("train", "content"): 1,
        ("tune", "content"): 0,
        ("test", "content"): 1,
    }
    assert found.summary["n_test_seen"] == 1
    assert overlap(contents=set()).summary["n_test_seen"] == 0


def test_a_model_that_has_seen_no_test_example_is_cleared():
    found = overlap(chromosomes=["chr1"])
    assert found.summary["n_test_seen"] == 0
    assert "too high" not in found.summary["sentence"]
    assert found.summary["cautions"] == []


def test_nothing_declared_means_nothing_known():
    found = overlap()
    assert found.table.empty
    assert list(found.table.columns) == ["partition", "known_by", "n"]
    assert found.summary["n_test_seen"] is None
    assert "is not declared" in found.summary["sentence"]
    assert found.summary["cautions"] == []


@pytest.mark.parametrize(
    "examples", [EXAMPLES[["id"]], EXAMPLES.assign(chromosome=None)], ids=["no column", "empty"]
)
def test_chromosomes_without_any_in_the_data_are_refused(examples):
    with pytest.raises(InputError, match="no column `chromosome`"):
        overlap(chromosomes=["chr8"], examples=examples)


def test_ids_that_are_nobodys_are_told():
    summary = overlap(["x", "y"], ids="ids.txt").summary
    assert summary["n_test_seen"] == 0
    assert "None of the 2 ids in ids.txt is that of an example, such as 'e0'" in summary["sentence"]


def test_ids_are_read_one_a_line(tmp_path):
    path = tmp_path / "ids.txt"
    path.write_text("e1\n e2 \n\n")
    assert read_ids(path) == {"e1", "e2"}
    path.write_text("\n")
    with pytest.raises(InputError, match="holds no ids"):
        read_ids(path)
