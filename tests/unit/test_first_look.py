"""What is told of files before a run: counts, what would be left out, the first examples."""

import pytest
from source_files import fill_in, write

from deeprules.checks.first_look import first_look
from deeprules.errors import InputError

SETTINGS = {
    "duplicates": "drop",
    "conflicts": "drop",
    "strategy": "stratified",
    "partition_column": None,
}


def look(folder, sources, **data):
    """All that is told; the sources' `url` is their file."""
    told = []
    data = fill_in(**{"modality": "sequence", "task": "binary", **data}, sources=sources)
    files = {name: source["url"] for name, source in data["sources"].items()}
    given = {name: f"data/{path.name}" for name, path in files.items()}
    try:
        first_look(data, files, given, SETTINGS, folder / "look", told.append)
    finally:
        assert not (folder / "look").exists()
    return "\n".join(told)


def sequences(n):
    """Different sequences of 12 bases."""
    return ["".join("ACGT"[number // 4**place % 4] for place in range(12)) for number in range(n)]


def test_examples_are_counted_by_source_label_group_and_batch_and_three_are_shown(tmp_path):
    rows = [f"e{i},{s},{i % 2},d{i % 20},p{i % 3}" for i, s in enumerate(sequences(60))]
    path = write(tmp_path / "a.csv", "\n".join(["id,sequence,label,donor,plate", *rows, rows[7]]))
    path.write_text(path.read_text().replace("\ne7,", "\ncopy,", 1))
    told = look(
        tmp_path,
        {"mine": {"url": path, "format": "table"}},
        label="label",
        positive="1",
        group="donor",
        batch="plate",
    )
    assert "61 examples of 12 bases were read." in told
    assert "Source: mine 61" in told
    assert "Label: 1 31, 0 30" in told
    assert "Group ('donor'), 20 of them: d7 4, d0 3" in told and "8 more, down to 3" in told
    assert "Batch ('plate'): p1 21, p0 20, p2 20" in told
    assert "e2" in told and "e3 " not in told and "CAAAAAAAAAAA" in told
    assert "Of 61 examples, 1 would be left out.\n  - 1, as they repeat the content" in told
    assert "Worth a look:\n  - " in told and "100" in told
    assert told.endswith("Nothing here stops a run.")


def test_a_matrix_is_told_by_its_features_and_a_value_by_its_range(tmp_path):
    rows = [f"s{i},{i},{i * i % 17},{i * 3 % 11 / 2},{i % 7}" for i in range(40)]
    path = write(tmp_path / "a.csv", "\n".join(["id,age,g1,g2,g3", *rows]))
    source = {"url": path, "format": "matrix", "metadata": ["age"]}
    told = look(tmp_path, {"m": source}, modality="tabular", task="regression", label="age")
    assert "40 examples of 3 features were read.\nFeatures: g1, g2, g3" in told
    assert "Label ('age'): 0 to 39, median 19.5" in told
    assert "1, 1.5, 1" in told


def test_all_that_would_stop_a_run_is_one_list_by_the_names_that_a_person_knows(tmp_path):
    first = write(tmp_path / "a.fa", ">x\nACGT\n>y\nAC!T\n")
    second = write(tmp_path / "b.csv", "sequence,label\nACGU,1\nAXGT,0\n")
    sources = {
        "a": {"url": first, "format": "fasta", "values": {"label": "1"}},
        "b": {"url": second, "format": "table"},
    }
    with pytest.raises(InputError) as caught:
        look(tmp_path, sources, label="label", positive="1")
    message = str(caught.value)
    assert message.startswith("2 problems in the input:")
    assert "data/a.fa, row 2 (y), column 'sequence'" in message and "data/b.csv, row 3" in message


def test_what_only_the_audit_refuses_comes_after_what_was_understood(tmp_path):
    rows = [f"{s},{int(i == 0)}" for i, s in enumerate(sequences(30))]
    path = write(tmp_path / "a.csv", "\n".join(["sequence,label", *rows]))
    with pytest.raises(InputError, match="class '1' has 1 example; train, tune and test each"):
        look(tmp_path, {"a": {"url": path, "format": "table"}}, label="label", positive="1")
