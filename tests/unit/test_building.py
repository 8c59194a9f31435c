import importlib
import inspect
import io
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from source_files import build, build_refusal, cut, write

from deeprules import datasets
from deeprules.data import Dataset
from deeprules.ingest import building
from deeprules.ingest.labels import MAX_CLASSES

DATA = Path(os.environ.get("DEEPRULES_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")

TABLE = """id,sequence,kind,donor,plate,age,chrom,from,strand
a,ACGT,good,d1,p1,40,chr1,100,forward
b,ACGA,bad,d1,p2,41.5,chr1,200,-
c,AGGA,bad,d2,p1,,chr2,300,.
"""
LOCATION = {"chromosome": "chrom", "start": "from"}
ROLES = {"label": "kind", "positive": "good"}


def table(path, text=TABLE, **settings):
    """A source with a table of sequences."""
    return {"url": str(write(path, text)), "format": "table", **settings}


def labelled(path, *labels, extra=""):
    """A source whose examples have these labels."""
    rows = "".join(f"s{i},{'ACGT'},{label}{extra}\n" for i, label in enumerate(labels))
    return {"t": table(path, f"id,sequence,kind{',' if extra else ''}\n{rows}")}


# what is written


def test_columns_and_types_of_the_examples(tmp_path):
    built = build(
        tmp_path,
        {"t": table(tmp_path / "t.csv", columns=LOCATION)},
        group="donor",
        batch="plate",
        covariates=["age", "strand"],
        **ROLES,
    )
    examples = built.examples
    assert list(examples) == [
        *("id", "label", "group", "batch", "age", "strand", "source", "chromosome", "start"),
        *("raw_length", "n_share", "lower_share", "content_hash", "canonical_hash"),
    ]
    assert examples["age"].dtype == np.float64 and np.isnan(examples["age"][2])
    assert examples["start"].dtype == "Int64" and examples["start"].tolist() == [100, 200, 300]
    assert examples["strand"].tolist()[:2] == ["+", "-"] and pd.isna(examples["strand"][2])
    assert (examples["source"] == "t").all()


def test_the_facts_of_a_data_set(tmp_path):
    built = build(tmp_path, {"t": table(tmp_path / "t.csv")}, batch="plate", **ROLES)
    assert built.facts["classes"] == ["bad", "good"]
    assert built.facts["n_examples"] == 3 and built.facts["sources"] == {"t": 3}
    assert built.facts["has_batch"] and not built.facts["has_group"]
    dataset = Dataset.load(built.folder / "dataset.json")
    assert dataset.classes == ("bad", "good") and dataset.n_features == 4


def test_sources_follow_each_other_and_only_some_have_a_location(tmp_path):
    sources = {
        "fasta": {
            "url": str(write(tmp_path / "a.fa.gz", ">x\nTTTT\n>y\nCCCC\n")),
            "format": "fasta",
            "values": {"kind": "good"},
        },
        "t": table(tmp_path / "t.csv", columns=LOCATION),
    }
    built = build(tmp_path, sources, **ROLES)
    assert built.examples["id"].tolist() == ["x", "y", "a", "b", "c"]
    assert built.examples["source"].tolist() == ["fasta"] * 2 + ["t"] * 3
    assert built.examples["start"].isna().tolist() == [True] * 2 + [False] * 3
    assert built.examples["start"].dtype == "Int64"


def test_intervals_of_a_genome(tmp_path):
    genome = write(tmp_path / "genome.fa", ">chr1\nAAAACCCCGGGGTTTT\n")
    bed = "chr1\t0\t4\tx\t0\t+\nchr1\t8\t12\ty\t0\t-\n"
    sources = {
        "hg": {"url": str(genome), "format": "genome"},
        "good": {
            "url": str(write(tmp_path / "good.bed", bed)),
            "format": "bed",
            "genome": "hg",
            "values": {"kind": "good"},
        },
    }
    sources["bad"] = {**sources["good"], "values": {"kind": "bad"}, "columns": {"id": "name"}}
    built = build(tmp_path, sources, **ROLES)
    assert built.examples["id"].tolist() == ["good:1", "good:2", "x", "y"]
    assert built.examples["strand"].tolist() == ["+", "-"] * 2
    assert built.examples["end"].tolist() == [4, 12] * 2
    assert built.examples["given_width"].tolist() == [4, 4] * 2
    assert built.features[1].tolist() == [2, 2, 2, 2]


def test_without_ids_rows_are_numbered_as_in_the_file(tmp_path):
    source = table(tmp_path / "t.csv", "sequence,kind\nAC,good\nGT,bad\n")
    assert build(tmp_path, {"t": source}, **ROLES).examples["id"].tolist() == ["t:2", "t:3"]


def test_chunks_give_the_same_as_all_at_once(tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    sequences = ["".join(rng.choice(list("ACGTN"), rng.integers(5, 15))) for _ in range(50)]
    records = [f">s{i} {'good' if i % 3 else 'bad'}\n{text}\n" for i, text in enumerate(sequences)]
    source = {
        "url": str(write(tmp_path / "a.fa", "".join(records))),
        "format": "fasta",
        "header": r"(?P<id>\w+) (?P<kind>\w+)",
    }
    length = {"policy": "crop_or_pad", "bases": 10}
    whole = build(tmp_path, {"f": source}, length=length, **ROLES)
    for name, value in {"CHUNK_ROWS": 7, "CHUNK_VALUES": 40}.items():
        monkeypatch.setattr(building, name, value)
        parts = build(tmp_path, {"f": source}, length=length, **ROLES)
        pd.testing.assert_frame_equal(parts.examples, whole.examples)
        np.testing.assert_array_equal(parts.features, whole.features)
        assert parts.facts == whole.facts
    assert parquet.ParquetFile(tmp_path / "examples.parquet").num_row_groups > 5


# labels


def test_classes_are_renamed_and_joined(tmp_path):
    sources = labelled(tmp_path / "t.csv", 0, 1, 2, 1)
    classes = {"0": "none", "1": "some", "2": "some", "7": "many"}
    built = build(tmp_path, sources, label="kind", positive="some", classes=classes)
    assert built.examples["label"].tolist() == ["none", "some", "some", "some"]
    assert built.facts["classes"] == ["none", "some"]
    assert built.facts["notes"] == ["`classes` renames 7: no label has that name."]


def test_many_classes_are_sorted(tmp_path):
    sources = labelled(tmp_path / "t.csv", "c", "a", "b")
    assert build(tmp_path, sources, task="multiclass", label="kind").facts["classes"] == list("abc")


@pytest.mark.parametrize(
    ("task", "positive", "labels", "message"),
    [
        ("binary", "a", "abc", "binary, but there are 3 classes: a (1), b (1), c (1)"),
        ("binary", "a", "aaa", "there is one class only, a (3)"),
        ("multiclass", None, "aaa", "there is one class only, a (3)"),
        ("binary", "x", "abb", "'x' is no class; the classes are b (2), a (1)"),
    ],
)
def test_classes_that_do_not_suit_the_task_are_refused(tmp_path, task, positive, labels, message):
    sources = labelled(tmp_path / "t.csv", *labels)
    settings = {"task": task, "positive": positive, "label": "kind"}
    assert message in build_refusal(tmp_path, sources, **settings)


def test_values_taken_for_classes_are_noticed(tmp_path):
    sources = labelled(tmp_path / "t.csv", *range(MAX_CLASSES + 1))
    message = build_refusal(tmp_path, sources, task="multiclass", label="kind")
    assert "more than 1,000 classes" in message and "regression" in message


def test_values_of_a_regression(tmp_path):
    sources = labelled(tmp_path / "t.csv", "1.5", "-2", "1e3")
    built = build(tmp_path, sources, task="regression", label="kind")
    assert built.examples["label"].dtype == np.float64
    assert built.examples["label"].tolist() == [1.5, -2, 1000]
    assert built.facts["classes"] == []


def test_values_that_are_not_finite_or_not_different_are_refused(tmp_path):
    sources = labelled(tmp_path / "t.csv", "1", "high", "inf", "")
    message = build_refusal(tmp_path, sources, task="regression", label="kind")
    assert "2 problems" in message and "t.csv: 2 times, row 3" in message
    assert "row 3 (s1), column 'kind': 'high' is no finite number" in message
    assert "row 4 (s2)" in message and "row 5 (s3), column 'kind': there is no kind" in message
    sources = labelled(tmp_path / "t.csv", "2", "2.0")
    assert "all labels are 2" in build_refusal(tmp_path, sources, task="regression", label="kind")


# columns


def test_empty_cells_of_required_columns_are_all_listed(tmp_path):
    text = TABLE.replace("a,ACGT,good,d1", "a,ACGT,,d1").replace("bad,d2", "bad,NA")
    message = build_refusal(
        tmp_path, {"t": table(tmp_path / "t.csv", text)}, group="donor", **ROLES
    )
    assert "2 problems" in message
    assert "row 2 (a), column 'kind': there is no kind" in message
    assert "row 4 (c), column 'donor': there is no donor" in message


def test_absent_columns_of_all_sources_are_listed(tmp_path):
    sources = {"t": table(tmp_path / "t.csv"), "u": table(tmp_path / "u.csv", "sequence\nACGT\n")}
    message = build_refusal(tmp_path, sources, batch="lane", **ROLES)
    assert "2 problems" in message
    assert "source 't' has no column 'lane'" in message
    assert "source 'u' has no column 'kind', 'lane'" in message


def test_wrong_locations_are_listed(tmp_path):
    text = TABLE.replace("200", "2.5").replace("forward", "up")
    sources = {"t": table(tmp_path / "t.csv", text, columns=LOCATION)}
    message = build_refusal(tmp_path, sources, **ROLES)
    assert "2 problems" in message
    assert "'2.5' is no start" in message and "'up' is no strand" in message


def test_a_covariate_may_not_be_called_like_a_column_of_ours(tmp_path):
    sources = {"t": table(tmp_path / "t.csv", columns={"n_share": "age"})}
    assert "writes columns n_share itself" in build_refusal(
        tmp_path, sources, covariates=["n_share"], **ROLES
    )


@pytest.mark.parametrize("role", ["label", "group", "batch"])
def test_ids_have_no_other_role(tmp_path, role):
    sources = {"t": table(tmp_path / "t.csv")}
    message = build_refusal(tmp_path, sources, **{**ROLES, role: "id"})
    assert message.startswith(f"data.{role} in the config: `id` is another for each example")


def test_covariates_are_numbers_only_if_all_sources_say_so(tmp_path):
    other = TABLE.replace("41.5", "old").replace("\na,", "\nx,").replace("\nb,", "\ny,")
    sources = {"t": table(tmp_path / "t.csv"), "u": table(tmp_path / "u.csv", other)}
    sources["u"]["id_prefix"] = "u"
    examples = build(tmp_path, sources, covariates=["age"], **ROLES).examples
    assert examples["age"].dropna().tolist() == ["40", "41.5", "40", "old"]


def test_subgroups_are_columns_beside_the_covariates_or_those_of_a_role(tmp_path):
    named = {"batch": "plate", "covariates": ["age"], "subgroups": ["age", "plate", "chromosome"]}
    frame = pd.read_csv(io.StringIO(TABLE), dtype=str).assign(chromosome=["X", "X", None])
    source = table(tmp_path / "t.csv", frame.to_csv(index=False))
    built = build(tmp_path, {"t": source}, **named, **ROLES)
    facts = {"age": "age", "plate": "batch", "chromosome": "chromosome"}
    assert built.facts["subgroups"] == facts and built.facts["covariates"] == ["age"]
    assert set(facts.values()) <= set(built.examples)
    message = build_refusal(tmp_path, {"t": source}, subgroups=["content_hash"], **ROLES)
    assert "data.subgroups in the config" in message


def test_what_a_killed_job_left_is_removed(tmp_path):
    for name in (".unfinished-dataset", ".unfinished-features.npy"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t.features").write_text("half")
    build(tmp_path, {"t": table(tmp_path / "t.csv")}, label="kind", positive="good")
    assert not list(tmp_path.glob(".unfinished-*"))


def test_values_stand_for_a_column_in_every_row(tmp_path):
    source = table(tmp_path / "t.csv", values={"lab": 7, "run": "p9"})
    built = build(tmp_path, {"t": source}, batch="run", covariates=["lab"], **ROLES)
    assert built.examples["batch"].tolist() == ["p9"] * 3
    assert built.examples["lab"].tolist() == [7.0] * 3


@pytest.mark.parametrize("where", ["source", "samples"])
@pytest.mark.parametrize("column", ["plate", "kind"])
def test_values_do_not_hide_what_the_file_says(tmp_path, where, column):
    sources = {"t": table(tmp_path / "t.csv", values={column: "p9"})}
    if where == "samples":
        sources["u"] = table(tmp_path / "u.csv", "id,sequence\na,ACGT\nb,AACC\nc,ACGG\n")
        sources["u"]["samples"] = "t"
    message = build_refusal(tmp_path, sources, batch="plate", **ROLES)
    assert "1 problem" in message and f"t.csv, column '{column}': `values` says 'p9'" in message


@pytest.mark.parametrize("error", ["#DIV/0!", "#REF!", " #VALUE!"])
@pytest.mark.parametrize("column", ["kind", "plate", "age"])
def test_errors_of_a_spreadsheet_are_no_names(tmp_path, error, column):
    frame = pd.read_csv(io.StringIO(TABLE), dtype=str)
    frame.loc[1, column] = error
    source = table(tmp_path / "t.csv", frame.to_csv(index=False))
    message = build_refusal(tmp_path, {"t": source}, batch="plate", covariates=["age"], **ROLES)
    assert f"row 3 (b), column '{column}': '{error.strip()}' is an error" in message


@pytest.mark.parametrize("place", [("50", "20"), ("-5", "20"), ("1e30", "1e31"), ("inf", "inf")])
def test_places_that_no_genome_has_are_refused(tmp_path, place):
    frame = pd.read_csv(io.StringIO(TABLE), dtype=str).assign(chromosome="chr1")
    frame["start"], frame["end"] = place
    message = build_refusal(
        tmp_path, {"t": table(tmp_path / "t.csv", frame.to_csv(index=False))}, **ROLES
    )
    assert "is no start" in message or "'20' is before the start" in message


@pytest.mark.parametrize("numbers", [2**64 - 1 - np.arange(3, dtype=np.uint64), [2**60 + 1] * 3])
def test_covariates_may_be_whole_numbers_of_any_size(tmp_path, numbers):
    frame = pd.read_csv(io.StringIO(TABLE)).assign(code=numbers)
    frame.to_parquet(tmp_path / "t.parquet")
    source = {"url": str(tmp_path / "t.parquet"), "format": "table"}
    built = build(tmp_path, {"t": source}, covariates=["code"], **ROLES)
    assert built.examples["code"].tolist() == [float(number) for number in numbers]


def test_given_partitions(tmp_path):
    text = TABLE.replace("p2", "tune").replace("p1", "train")
    source = table(tmp_path / "t.csv", text)
    built = build(tmp_path, {"t": source}, "plate", **ROLES)
    assert built.examples["partition"].tolist() == ["train", "tune", "train"]
    assert list(built.examples)[:4] == ["id", "label", "source", "partition"]
    message = build_refusal(tmp_path, {"t": table(tmp_path / "t.csv")}, "plate", **ROLES)
    assert "3 times" in message and "'p1' is no partition" in message
    assert "no column 'fold'" in build_refusal(tmp_path, {"t": source}, "fold", **ROLES)


# cells


BREAKS = ["a\nb", "a\r\nb", "\na", "a\u2028b", "a\x85b", "a\0b"]


@pytest.mark.parametrize("name", BREAKS)
def test_an_id_with_a_line_break_is_refused_from_any_file(tmp_path, name):
    rows = {"id": [name, "c"], "kind": ["good", "bad"]}
    frame = pd.DataFrame({**rows, "sequence": ["AC", "GT"]})
    frame.to_parquet(tmp_path / "t.parquet")
    sources = {"t": {"url": str(tmp_path / "t.parquet"), "format": "table"}}
    message = build_refusal(tmp_path, sources, **ROLES)
    assert "1 problem" in message and "column 'id': the id holds a line break" in message
    pd.DataFrame(rows).to_parquet(tmp_path / "s.parquet")
    sources = {
        "f": {"url": str(write(tmp_path / "f.fa", ">a b\nAC\n>c\nGT\n")), "format": "fasta"},
        "s": {"url": str(tmp_path / "s.parquet"), "format": "table"},
    }
    message = build_refusal(tmp_path, sources, samples="s", **ROLES)
    assert "s.parquet, row 1, column 'id': " in message and "holds a line break" in message


@pytest.mark.parametrize("name", BREAKS)
def test_a_feature_with_a_line_break_is_refused(tmp_path, name):
    frame = pd.DataFrame({"id": ["a", "b"], "kind": ["good", "bad"], name: [1, 2]})
    frame.to_parquet(tmp_path / "m.parquet")
    source = {"url": str(tmp_path / "m.parquet"), "format": "matrix", "metadata": ["kind"]}
    message = build_refusal(tmp_path, {"m": source}, modality="tabular", **ROLES)
    assert "names of features with a line break" in message


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("1,5", "'1,5' is no number. Write numbers with a decimal point"),
        ("1.234,5", "'1.234,5' is no number. Write numbers with a decimal point"),
        ("1e400", "'1e400' is no finite number"),
        ("1e-400", "'1e-400' has more digits, or is closer to 0, than 64-bit numbers"),
        (
            "9007199254740993",
            "'9007199254740993' has more digits, or is closer to 0, than 64-bit numbers",
        ),
    ],
)
def test_values_that_are_read_otherwise_than_written_are_refused(tmp_path, label, message):
    text = f'id,sequence,kind\na,ACGT,2\nb,ACGA,"{label}"\n'
    sources = {"t": table(tmp_path / "t.csv", text)}
    found = build_refusal(tmp_path, sources, task="regression", label="kind")
    assert "1 problem" in found and f"row 3 (b), column 'kind': {message}" in found
    samples = table(tmp_path / "s.csv", text.replace("sequence", "note"))
    fasta = {"url": str(write(tmp_path / "f.fa", ">a\nAC\n>b\nGT\n")), "format": "fasta"}
    sources = {"f": fasta, "s": samples}
    found = build_refusal(tmp_path, sources, task="regression", label="kind", samples="s")
    assert f"s.csv, row 3 (b), column 'kind': {message}" in found


def test_values_keep_their_64_bits(tmp_path):
    values = ["1e-300", "123456789.25", "123456790", "9007199254740992", "0.1", "0e5", "-1e29"]
    built = build(tmp_path, labelled(tmp_path / "t.csv", *values), task="regression", label="kind")
    assert built.examples["label"].tolist() == [float(value) for value in values]


@pytest.mark.parametrize("labels", [("1e-60", "2e-60"), ("-1e300", "1e300"), ("-1e308", "1.7e308")])
def test_values_too_close_or_too_far_apart_are_refused(tmp_path, labels):
    sources = labelled(tmp_path / "t.csv", *labels)
    message = build_refusal(tmp_path, sources, task="regression", label="kind")
    assert f"labels from {float(labels[0]):g} to {float(labels[1]):g}. Take log" in message


@pytest.mark.parametrize("age", ["41,5", "1,041"])
def test_commas_in_a_covariate_are_refused(tmp_path, age):
    text = TABLE.replace("41.5", f'"{age}"')
    message = build_refusal(
        tmp_path, {"t": table(tmp_path / "t.csv", text)}, covariates=["age"], **ROLES
    )
    assert f"row 3 (b), column 'age': {age!r} is no number. Write numbers with" in message


def test_a_covariate_with_a_long_list_takes_no_long_time(tmp_path):
    text = TABLE.replace(",", ";").replace("41.5", "1," * 100_000)
    built = build(tmp_path, {"t": table(tmp_path / "t.csv", text)}, covariates=["age"], **ROLES)
    assert len(built.examples["age"][1]) == 200_000


def test_a_covariate_of_numbers_and_text_is_noted(tmp_path):
    text = TABLE.replace("41.5", "unknown")
    built = build(tmp_path, {"t": table(tmp_path / "t.csv", text)}, covariates=["age"], **ROLES)
    assert (
        "The covariate age is a number in 1 examples and text in others, such as 'unknown': all "
        "its values are taken for names."
    ) in built.facts["notes"]


@pytest.mark.parametrize("kind", ["list", "struct"])
def test_a_nested_column_that_is_asked_for_is_named(tmp_path, kind):
    nested = [["good"], ["bad"]] if kind == "list" else [{"a": "good"}, {"a": "bad"}]
    frame = pa.table({"id": ["a", "b"], "sequence": ["AC", "GT"], "kind": nested})
    parquet.write_table(frame, tmp_path / "t.parquet")
    sources = {"t": {"url": str(tmp_path / "t.parquet"), "format": "table"}}
    assert f"no single values: kind ({kind}<" in build_refusal(tmp_path, sources, **ROLES)
    sources["f"] = {"url": str(write(tmp_path / "f.fa", ">a\nAC\n")), "format": "fasta"}
    sources["f"]["samples"] = "t"
    assert f"no single values: kind ({kind}<" in build_refusal(tmp_path, sources, **ROLES)


# whole files


def test_duplicate_ids_are_listed_with_their_places(tmp_path):
    text = ">x\nAC\n>y\nAC\n>x\nGG\n>z\nAC\n"
    one = {
        "url": str(write(tmp_path / "1.fa", text)),
        "format": "fasta",
        "values": {"kind": "good"},
    }
    two = {"url": str(write(tmp_path / "2.fa", ">z\nTT\n")), "format": "fasta"}
    sources = {"one": one, "two": {**two, "values": {"kind": "bad"}}}
    message = build_refusal(tmp_path, sources, **ROLES)
    assert "1 problem " in message and "2 ids that several examples have: 'x' (2: " in message
    assert "1.fa row 1" in message and "1.fa row 3" in message
    assert "'z' (2: " in message and "2.fa row 1" in message


def test_files_without_examples_are_refused_beside_other_problems(tmp_path):
    sources = {
        "t": table(tmp_path / "t.csv", TABLE.replace("ACGA", "A.GA")),
        "none": table(tmp_path / "none.csv", "id,sequence,kind\n"),
        "void": {"url": str(write(tmp_path / "void.fa", "")), "format": "fasta"},
    }
    message = build_refusal(tmp_path, sources, **ROLES)
    assert "3 problems" in message
    assert "none.csv: there are no examples in it" in message
    assert "void.fa: the file is empty" in message and "row 3 (b)" in message


def test_a_failed_build_leaves_the_last_data_set_alone(tmp_path):
    build(tmp_path, {"t": table(tmp_path / "t.csv")}, **ROLES)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    path = cut(write(tmp_path / "cut.csv.gz", TABLE * 50))
    before[path] = path.read_bytes()
    sources = {"t": {"url": str(path), "format": "table"}}
    assert "cut short" in build_refusal(tmp_path, sources, **ROLES)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.iter_modules(datasets.__path__)]
)
def test_every_reader_keeps_the_contract(name):
    reader = importlib.import_module(f"deeprules.datasets.{name}")
    assert reader.MODALITY in building.FEATURES
    assert list(inspect.signature(reader.read).parameters) == ["source"]


def test_a_format_is_one_file(tmp_path, monkeypatch):
    """A reader that nobody has listed is found by its name."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "words.py").write_text(
        "import numpy as np, pandas as pd\n"
        "from deeprules.ingest.sources import Chunk\n"
        "MODALITY = 'sequence'\n"
        "def read(source):\n"
        "    words = source.path.read_text().split()\n"
        "    kinds = pd.DataFrame({'kind': ['good', 'bad']})\n"
        "    yield Chunk(kinds, words, np.arange(2) + 1)\n"
    )
    monkeypatch.setattr(datasets, "__path__", [*datasets.__path__, str(tmp_path / "plugins")])
    sources = {"w": {"url": str(write(tmp_path / "w.txt", "ACGT TTTT")), "format": "words"}}
    built = build(tmp_path, sources, **ROLES)
    assert built.examples["id"].tolist() == ["w:1", "w:2"]
    sys.modules.pop("deeprules.datasets.words")


PEAK_MEMORY = """
import sys
from pathlib import Path
from source_files import fill_in
from deeprules.ingest.building import Outputs, build_dataset

path = Path(sys.argv[1])
source = {"format": "fasta", "header": "(?P<id>.+) (?P<kind>.+)"}
data = fill_in(
    modality="sequence", task="binary", label="kind", positive="1", sources={"f": source}
)
names = ("examples.parquet", "features.npy", "dataset.json", "names.txt", "negatives.tsv")
build_dataset(data, {"f": path}, Outputs(*(path.parent / name for name in names)))
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to see memory")
def test_sequences_are_never_all_in_memory(tmp_path):
    rng, peaks = np.random.default_rng(1), []
    for n in (10_000, 50_000):
        bases = np.frombuffer(b"ACGT", np.uint8)[rng.integers(0, 4, (n, 1000), dtype=np.uint8)]
        lines = (b">s%d %d\n%s\n" % (i, i % 2, row.tobytes()) for i, row in enumerate(bases))
        (tmp_path / "a.fa").write_bytes(b"".join(lines))
        ran = subprocess.run(
            [sys.executable, "-c", PEAK_MEMORY, str(tmp_path / "a.fa")],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        peaks.append(int(ran.stdout) * 1024)
    assert peaks[1] - peaks[0] < 40_000 * 1000


# real data


@needs_data
def test_promoters_of_e_coli(tmp_path):
    folder = DATA / "ecoli_promoters"
    sources = {
        "promoters": {
            "url": str(folder / "positive2860.txt"),
            "format": "fasta",
            "header": r"^(?P<id>[^ ]+?_(?P<strand>forward|reverse)_(?P<start>[0-9]+))_",
            "values": {"label": "promoter", "chromosome": "K12"},
        },
        "coding": {
            "url": str(folder / "negative2860.txt"),
            "format": "fasta",
            "header": r"(?P<id>(?P<strand>reverse)? ?(?P<start>[0-9]+)_(?P<end>[0-9]+))$",
            "values": {"label": "coding", "chromosome": "K12"},
        },
    }
    built = build(tmp_path, sources, label="label", positive="promoter")
    assert built.features.shape == (5720, 81)
    assert built.examples["content_hash"].duplicated().sum() == 1
    assert built.examples["canonical_hash"].duplicated().sum() == 3
    assert built.facts["letters"]["lower_case"] == 2860
    assert built.examples["start"].between(1, 4_700_000).all()


@needs_data
def test_cells_of_two_plates_whose_names_repeat(tmp_path):
    folder = DATA / "sc_mixology"
    sources = {}
    for plate in ("p1", "p2"):
        sources[f"cells_{plate}"] = {
            "url": str(folder / f"sc_celseq2_5cl_{plate}.metadata.csv.gz"),
            "format": "table",
        }
        sources[plate] = {
            "url": str(folder / f"sc_celseq2_5cl_{plate}.count.csv.gz"),
            "format": "matrix",
            "orientation": "samples_in_columns",
            "samples": f"cells_{plate}",
            "id_prefix": f"{plate}.",
        }
    settings = {"modality": "tabular", "label": "demuxlet_cls", "positive": "DBL"}
    built = build(tmp_path, sources, batch="batch", transform="log_cp10k", **settings)
    assert built.facts["sources"] == {"p1": 297, "p2": 307}
    assert built.features.shape == (604, len(built.feature_names))
    assert set(built.examples["batch"]) == {"sc_Celseq2_5cl_p1", "sc_Celseq2_5cl_p2"}
    assert built.facts["classes"] == ["SNG", "DBL"]
