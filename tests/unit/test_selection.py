"""Examples that are left out: by label, class, column and id, each counted by its reason."""

import pytest
from source_files import build, build_refusal, write

ROWS = [
    *("a1,ACGTACGT,x,liver", "a2,ACGTACGA,x,liver", "a3,ACGTACGG,y,lung", "a4,ACGTACCC,y,lung"),
    *("a5,ACGTATTT,,lung", "a6,ACGAACGT,z,liver", "a7,TTTTACGT,x,", "a8,TTTGGCGT,y,brain"),
]


@pytest.fixture
def sources(tmp_path):
    text = "id,sequence,label,tissue\n" + "".join(f"{row}\n" for row in ROWS)
    return {"t": {"url": str(write(tmp_path / "t.csv", text)), "format": "table"}}


def settings(**data):
    given = {"label": "label", "positive": "x", "missing_label": "drop", "classes": {"z": None}}
    return given | data


def reasons(built):
    return {one["reason"]: (one["n"], one["such_as"]) for one in built.facts["left_out"]}


def test_missing_labels_are_refused_or_left_out(tmp_path, sources):
    message = build_refusal(tmp_path, sources, **settings(missing_label="error"))
    assert "row 6 (a5), column 'label': there is no label" in message
    assert "`data: missing_label: drop`" in message
    built = build(tmp_path, sources, **settings())
    assert built.examples["id"].tolist() == ["a1", "a2", "a3", "a4", "a7", "a8"]
    assert len(built.features) == 6 and built.facts["classes"] == ["y", "x"]
    assert reasons(built) == {
        "they have no label (missing_label)": (1, ["a5"]),
        "their class is z (classes)": (1, ["a6"]),
    }


def test_values_of_a_regression_may_be_missing_too(tmp_path):
    text = "id,sequence,y\na,ACGT,1\nb,ACGA,NA\nc,ACGG,3\n"
    sources = {"t": {"url": str(write(tmp_path / "t.csv", text)), "format": "table"}}
    built = build(tmp_path, sources, task="regression", label="y", missing_label="drop")
    assert built.examples["label"].tolist() == [1, 3] and built.facts["left_out"][0]["n"] == 1


def test_rows_are_included_and_excluded_by_columns(tmp_path, sources):
    built = build(tmp_path, sources, **settings(include={"tissue": ["liver", "lung"]}))
    assert built.examples["id"].tolist() == ["a1", "a2", "a3", "a4"]
    assert reasons(built)["their tissue is not among liver, lung (include)"] == (2, ["a7", "a8"])
    built = build(tmp_path, sources, **settings(exclude={"tissue": [None, "brain"], "id": "a1"}))
    assert built.examples["id"].tolist() == ["a2", "a3", "a4"]
    assert reasons(built)["their tissue is missing (exclude)"] == (1, ["a7"])
    assert reasons(built)["their tissue is brain (exclude)"] == (1, ["a8"])
    assert reasons(built)["their id is a1 (exclude)"] == (1, ["a1"])
    assert sum(n for n, _ in reasons(built).values()) + len(built.examples) == len(ROWS)


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        ({"above": 18}, ["a3", "a4"]),
        ({"at_least": 18}, ["a2", "a3", "a4"]),
        ({"at_least": 9, "below": 40.5}, ["a1", "a2", "a3"]),
        ({"at_most": 9}, ["a1"]),
    ],
)
def test_numbers_are_chosen_by_limits(tmp_path, limits, kept):
    ages = ["9", "18.0", "40", "40.5", "", "NA"]
    rows = [f"a{i + 1},ACGTAC{'AC'[i % 2]}T,{'xy'[i % 2]},{age}" for i, age in enumerate(ages)]
    path = write(tmp_path / "t.csv", "\n".join(["id,sequence,label,age", *rows, ""]))
    sources = {"t": {"url": str(path), "format": "table"}}
    chosen = settings(classes={}, missing_label="error")
    if len(kept) > 1:
        built = build(tmp_path, sources, **chosen, include={"age": limits})
        assert built.examples["id"].tolist() == kept
        words = " and ".join(f"{name.replace('_', ' ')} {x:g}" for name, x in limits.items())
        missing = f"their age is missing, and so not {words} (include)"
        assert reasons(built)[missing] == (2, ["a5", "a6"])
    built = build(tmp_path, sources, **chosen, exclude={"age": limits})
    assert built.examples["id"].tolist() == [f"a{i}" for i in range(1, 7) if f"a{i}" not in kept]


def test_text_has_no_limits(tmp_path, sources):
    message = build_refusal(tmp_path, sources, **settings(include={"tissue": {"above": 1}}))
    assert (
        "column 'tissue': 7 values are no numbers, and have no limits: 'liver', 'lung'" in message
    )
    assert "Write numbers there, leave them empty, or list the values that are meant" in message


def test_ids_may_stand_in_a_list_or_a_table(tmp_path, sources):
    path = write(tmp_path / "bad.txt.gz", "# failed\na1\n a7 \nunknown\n")
    sources["bad"] = {"url": str(path), "format": "list"}
    built = build(tmp_path, sources, **settings(exclude={"id": {"listed_in": "bad"}}))
    assert built.examples["id"].tolist() == ["a2", "a3", "a4", "a8"]
    assert reasons(built)["their id is listed in bad (exclude)"] == (2, ["a1", "a7"])
    assert "1 of the 3 names in the list bad (data.exclude) are of no example." in str(built.facts)
    sources["bad"] = {"url": str(write(tmp_path / "bad.csv", "name\na1\na3\n")), "format": "table"}
    sources["bad"]["columns"] = {"id": "name"}
    built = build(tmp_path, sources, **settings(include={"id": {"listed_in": "bad"}}))
    assert built.examples["id"].tolist() == ["a1", "a3"]


def test_samples_left_out_by_id_need_no_row_in_the_sample_table(tmp_path):
    matrix = write(tmp_path / "m.csv", "id,g1,g2\na,1,2\nb,3,4\nc,5,6\n")
    sources = {
        "m": {"url": str(matrix), "format": "matrix", "id_prefix": "one_"},
        "s": {"url": str(write(tmp_path / "s.csv", "id,kind\na,x\nb,y\n")), "format": "table"},
    }
    given = {"modality": "tabular", "label": "kind", "positive": "x", "samples": "s"}
    assert "1" in build_refusal(tmp_path, sources, **given)
    built = build(tmp_path, sources, **given, include={"id": {"listed_in": "s"}})
    assert built.examples["id"].tolist() == ["one_a", "one_b"]
    assert built.features[:, 0].tolist() == [1, 3] and built.facts["left_out"][0]["n"] == 1


def test_small_classes_are_left_out_with_all_that_they_would_have_told(tmp_path, sources):
    text = "id,sequence,label\n" + "".join(
        f"{label}{i},{'ACGT' * 3}{'AC' * i},{label}\n" for label in "xy" for i in range(1, 4)
    )
    text += "rare,ACGTNNNNNNNNNNNNNNNNNNNNNNNNNNNN,z\n"
    sources = {"t": {"url": str(write(tmp_path / "t.csv", text)), "format": "table"}}
    built = build(
        tmp_path, sources, label="label", positive="x", min_class_size=2, length={"policy": "pad"}
    )
    assert built.facts["classes"] == ["y", "x"] and built.facts["length"]["longest"] == 18
    assert built.facts["letters"]["ambiguous"] == 0
    reason = "their class, z, has fewer than 2 (min_class_size)"
    assert reasons(built) == {reason: (1, ["rare"])}


def test_a_value_that_no_example_has_is_refused(tmp_path, sources):
    message = build_refusal(tmp_path, sources, **settings(exclude={"tissue": "livr"}))
    assert "data.exclude in the config, column 'tissue': no example has the tissue livr" in message
    assert "nearest are liver" in message
    message = build_refusal(tmp_path, sources, **settings(include={"organ": "liver"}))
    assert "has no column 'organ'" in message
    path = write(tmp_path / "bad.txt", "b1\nb2\n")
    sources["bad"] = {"url": str(path), "format": "list"}
    message = build_refusal(tmp_path, sources, **settings(exclude={"id": {"listed_in": "bad"}}))
    assert "bad.txt, column 'id': no example has the id b1, b2" in message


def test_nothing_left_is_one_error_with_the_counts(tmp_path, sources):
    everything = {"tissue": ["liver", "lung", "brain", None]}
    message = build_refusal(tmp_path, sources, **settings(exclude=everything))
    assert message.startswith("All 8 examples are left out: ") and "\n" not in message
    assert "3 as their tissue is liver (exclude)" in message
    assert "1 as their tissue is missing (exclude)" in message


def test_one_class_left_names_what_was_left_out(tmp_path, sources):
    message = build_refusal(tmp_path, sources, **settings(classes={"z": None, "y": None}))
    assert "there is one class only, x (3) (left out: 1 as they have no label" in message
    assert "3 as their class is y (classes)" in message and "leave fewer out" in message


def test_a_source_that_is_left_out_whole_is_counted(tmp_path, sources):
    other = write(tmp_path / "o.csv", "id,sequence,label,tissue\nb1,AC,x,heart\n")
    sources["o"] = {"url": str(other), "format": "table"}
    built = build(tmp_path, sources, **settings(exclude={"tissue": "heart"}))
    assert built.facts["sources"] == {"t": 6, "o": 0} and len(built.features) == 6


def test_negatives_are_drawn_for_the_positives_that_stay(tmp_path):
    text = "id,sequence,label,tissue\n" + "".join(
        f"p{i},ACGTTGCAAC{'ACGT'[i % 4]},x,{'lung' if i < 3 else 'liver'}\n" for i in range(9)
    )
    sources = {"t": {"url": str(write(tmp_path / "t.csv", text)), "format": "table"}}
    given = {
        "label": "label",
        "positive": "x",
        "group": "drawn_from",
        "include": {"tissue": "lung"},
    }
    negatives = {"from": "dinucleotide_shuffle", "seed": 1}
    built = build(tmp_path, sources, **given, negatives=negatives)
    assert built.facts["sources"] == {"t": 3, "negatives": 3} and built.left_out.popitem()[1] == 6
    given = given | {"include": {}, "exclude": {"tissue": ["lung", "liver"]}}
    message = build_refusal(tmp_path, sources, **given, negatives=negatives)
    assert message.startswith("All 9 examples are left out: ")
