"""What a tool is given, and every way in which its scores can be wrong."""

import numpy as np
import pytest
from own_tools import make_tool
from partitions import make_dataset

from deeprules.command.tool_commands import Finished
from deeprules.command.tool_files import (
    read_folder,
    read_scores,
    write_examples,
    write_folder,
    write_labels,
)
from deeprules.encoding import encode
from deeprules.errors import InputError

IDS = ["example1", "example2", "example3"]


def codes(*sequences):
    return np.stack(encode(sequences))


@pytest.mark.parametrize(
    ("form", "text"),
    [("fasta", ">e1\nACGTN\n>e2\nRTT\n"), ("tsv", "id\tsequence\ne1\tACGTN\ne2\tRTT\n")],
)
def test_sequences_are_written_without_their_padding(tmp_path, form, text):
    tool = make_tool(tmp_path, make_dataset(), format=form)
    features = codes("ACGTN", "ARTTA")
    features[1, [0, 4]] = 0
    write_examples(tmp_path / "examples", ["e1", "e2"], features, tool)
    assert (tmp_path / "examples").read_text() == text


def test_rows_of_a_matrix_are_written_under_the_names_of_the_features(tmp_path):
    tool = make_tool(tmp_path, make_dataset("tabular", n_features=2))
    rows = np.array([[0.1, 2], [np.nan, -3]], dtype=np.float32)
    write_examples(tmp_path / "examples", ["e1", "e2"], rows, tool)
    expected = "id\tgene0\tgene1\ne1\t0.1\t2.0\ne2\tNA\t-3.0\n"
    assert (tmp_path / "examples").read_text() == expected


def test_labels_are_names_of_classes_or_values(tmp_path):
    path = tmp_path / "labels"
    write_labels(path, ["e1", "e2"], np.array([1, 0]), make_dataset())
    assert path.read_text() == "id\tlabel\ne1\tyes\ne2\tno\n"
    write_labels(path, ["e1"], np.array([0.25]), make_dataset(task="regression"))
    assert path.read_text() == "id\tlabel\ne1\t0.25\n"


def test_the_files_of_a_model_come_back_as_they_were(tmp_path):
    (tmp_path / "from" / "model").mkdir(parents=True)
    (tmp_path / "from" / "model" / "weights").write_bytes(b"\x00\xff")
    (tmp_path / "from" / "model.txt").write_text("also")
    files = read_folder(tmp_path / "from")
    assert files == {"model/weights": b"\x00\xff", "model.txt": b"also"}
    write_folder(tmp_path / "to", files)
    assert read_folder(tmp_path / "to") == files


def scores(tmp_path, text, task="binary"):
    dataset = make_dataset(task=task)
    done = Finished(make_tool(tmp_path, make_dataset()), "own_tool --score", stderr="all went well")
    return read_scores(text, IDS, dataset, done)


@pytest.mark.parametrize(
    "text",
    [
        "example2\t5\nexample1\t-1e3\nexample3\t.5\n",
        "#ID\tlogit\nexample1\t-1000\nexample3\t0.5\nexample2\t5\n",
        "id\tlength\tscore\r\nexample3\t9\t0.5\r\nexample1\t9\t-1000\r\nexample2\t9\t5\r\n",
        "id\tyes\tno\nexample3\t.5\t.5\nexample1\t-1000\t0\n\nexample2\t5\t0\n",
    ],
    ids=["bare", "one column", "a column score", "a column for the positive class"],
)
def test_scores_are_found_in_any_order(tmp_path, text):
    np.testing.assert_array_equal(scores(tmp_path, text), [[-1000], [5], [0.5]])


def test_several_classes_have_a_column_each_in_any_order(tmp_path):
    text = "id\tc\ta\tb\nexample3\t1\t2\t3\nexample2\t4\t5\t6\nexample1\t7\t8\t9\n"
    expected = [[8, 9, 7], [5, 6, 4], [2, 3, 1]]
    np.testing.assert_array_equal(scores(tmp_path, text, "multiclass"), expected)


FAULTS = [
    ("", "binary", "wrote no scores"),
    ("id\tscore\n", "binary", r"missing ids in its scores: 3 for 3 examples \(example1, "),
    ("example1\t1\nexample2\t1\n", "binary", r"missing ids .*: 1 for 3 examples \(example3\)"),
    ("example1\t1\n" * 2 + "example2\t1\nexample3\t1\n", "binary", "repeated ids .*example1"),
    ("example1\t1\nexample2\t1\nexample3\t1\nsp9\t1\n", "binary", r"unknown ids .*\(sp9\)"),
    (
        "example1\t1\nexample2\thigh\nexample3\t1\n",
        "binary",
        "example2 is no finite.*: 'high'",
    ),
    ("example1\t1\nexample2\tnan\nexample3\t1\n", "binary", "example2 is no finite number: 'nan'"),
    ("example1\t1\nexample2\tinf\nexample3\t1\n", "regression", "example2 is no finite number"),
    ("example1\t1\nexample2\nexample3\t1\n", "binary", "has 1 fields, not 2: 'example2'"),
    ("example1 1\nexample2 1\nexample3 1\n", "binary", "has 1 fields, not 2: 'example1 1'"),
    ("id\tp\tq\n", "binary", "no column `score`, only p, q"),
    ("id\ta\tb\nexample1\t1\t0\n", "multiclass", "lack a column for c"),
    ("example1\t1\nexample2\t1\nexample3\t1\n", "multiclass", "lack a column for a, b, c"),
]


@pytest.mark.parametrize(("text", "task", "message"), FAULTS)
def test_wrong_scores_are_told_with_the_command(tmp_path, text, task, message):
    with pytest.raises(InputError, match=message) as caught:
        scores(tmp_path, text, task)
    assert "own_tool --score" in str(caught.value) and "all went well" in str(caught.value)
