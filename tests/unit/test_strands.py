"""Strands have one reading, whatever the format, and it is the strand of the bases."""

import pytest
from source_files import build, build_refusal, open_source, read_all, refusal, write

from deeprules.ingest.strands import strand_of

SPELLINGS = {
    "+": ["+", " + ", "1", "+1", "plus", "Plus", "FORWARD", "fwd", "\uff0b"],
    "-": ["-", " -", "-1", "minus", "Reverse", "rev", "REV ", "\u2212", "\u2013", "\u22121"],
    ".": [".", "*", "0", "", "NA"],
}
EACH = [(text, strand) for strand, texts in SPELLINGS.items() for text in texts]
NOT_UNDERSTOOD = ["up", "2", "--", "+-", "chr1", "?", "sense"]
ROLES = {"label": "kind", "positive": "a"}
GENOME = ">chr1\nAAAACCCCGGGGTTTT\n"
BASES = {"+": "AAAC", "-": "GTTT", ".": "AAAC"}


@pytest.mark.parametrize(("text", "strand"), EACH)
def test_every_spelling_is_understood(text, strand):
    assert strand_of(text) == strand


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_no_strand_is_not_guessed(text):
    assert strand_of(text) is None


def bed(tmp_path, *lines, genome=GENOME, name="a.bed", **settings):
    path = write(tmp_path / name, "".join(f"{line}\n" for line in lines))
    return open_source(path, write(tmp_path / "genome.fa", genome), **settings)


@pytest.mark.parametrize(("text", "strand"), EACH)
def test_bases_and_table_have_the_strand_of_the_sixth_field(tmp_path, text, strand):
    table, sequences = read_all("bed", bed(tmp_path, f"chr1\t1\t5\tn\t0\t{text}"))
    assert (table["strand"].tolist(), sequences) == ([strand], [BASES[strand]])


def test_a_strand_that_is_not_understood_is_refused_with_its_line(tmp_path):
    message = refusal("bed", bed(tmp_path, "chr1\t0\t4\tn\t0\t+", "chr1\t0\t4\tn\t0\tup"))
    assert "row 2, column 'strand': 'up' is no strand" in message


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("chr1\t1\t5\t-1", {"strand": "name"}),
        ("chr1\t1\t5\tn\tminus", {"strand": "score"}),
        ("chr1\t1\t5\tn\t0\t+\t-", {"strand": "column7"}),
    ],
)
def test_a_strand_in_another_field_is_applied_where_it_is_named(tmp_path, line, columns):
    table, sequences = read_all("bed", bed(tmp_path, line, columns=columns))
    assert (table["strand"].tolist(), sequences) == (["-"], ["GTTT"])


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("chr1\t1\t5\t+", "chr1\t1\t5\t-"), "name"),
        (("chr1\t1\t5\tx\t.", "chr1\t1\t5\ty\t-"), "score"),
        (("chr1\t1\t5\tx\t1", "chr1\t1\t5\ty\t-1"), "score"),
        (("chr1 1 5 Forward", "chr1 1 5 reverse"), "name"),
        (("chr1\t1\t5\tpeak", "chr1\t1\t5\t\u2212"), "name"),
    ],
)
def test_strands_in_a_field_that_is_not_read_as_one_are_refused(tmp_path, lines, name):
    sources = as_sources(tmp_path, *lines)
    message = build_refusal(tmp_path, sources, label="kind", positive="a")
    assert f"`columns: {{strand: {name}}}`" in message
    sources["a"]["columns"] = {name: name}
    assert len(build(tmp_path, sources, **ROLES).examples) == 3


def test_a_sixth_field_under_another_name_is_no_strand_unless_it_holds_some(tmp_path):
    columns = {"cluster": "strand"}
    sources = as_sources(tmp_path, "chr1\t1\t5\tn\t0\tc1", columns=columns)
    assert "such as `columns: {cluster: strand}`" in build_refusal(
        tmp_path, as_sources(tmp_path, "chr1\t1\t5\tn\t0\tc1"), **ROLES
    )
    assert build(tmp_path, sources, **ROLES).features[0].tolist() == [1, 1, 1, 2]
    sources = as_sources(tmp_path, "chr1\t1\t5\tn\t0\t-1", "chr1\t1\t5\tn\t0\t1", columns=columns)
    assert "field 6 holds strands" in build_refusal(tmp_path, sources, **ROLES)
    sources["a"]["columns"] = {**columns, "strand": "strand"}
    assert build(tmp_path, sources, **ROLES).features[0].tolist() == [4, 8, 8, 8]


@pytest.mark.parametrize("fields", ["peak1\t0", "1\t1", "x\t0", "plus\t3", "-1\t-1"])
def test_names_and_scores_are_not_taken_for_strands(tmp_path, fields):
    sources = as_sources(tmp_path, f"chr1\t1\t5\t{fields}", "chr1\t2\t6\tother\t1000")
    assert build(tmp_path, sources, **ROLES).examples["id"].size == 3


def as_sources(tmp_path, *lines, **settings):
    """A source of intervals, one of a FASTA record with another label, and the genome."""
    text = "".join(f"{line}\n" for line in lines)
    bases = write(tmp_path / "b.fa", ">z reverse\nCCCC\n")
    header = r"(?P<id>\w+) (?P<strand>\w+)"
    return {
        "a": {
            "url": str(write(tmp_path / "a.bed", text)),
            **{"format": "bed", "genome": "hg", "values": {"kind": "a"}, **settings},
        },
        "b": {"url": str(bases), "format": "fasta", "values": {"kind": "b"}, "header": header},
        "hg": {"url": str(write(tmp_path / "hg.fa", GENOME)), "format": "genome"},
    }


def test_one_strand_for_a_whole_source_is_applied(tmp_path):
    values = {"kind": "a", "strand": "rev"}
    built = build(tmp_path, as_sources(tmp_path, "chr1\t1\t5", values=values), **ROLES)
    assert built.features[0].tolist() == [4, 8, 8, 8]
    assert built.examples["strand"].tolist() == ["-", "-"]
    sources = as_sources(tmp_path, "chr1\t1\t5\tn\t0\t+", values=values)
    assert "'+' in the file, but '-' in `values`" in build_refusal(tmp_path, sources, **ROLES)
    sources["a"]["values"] = {"kind": "a", "strand": "up"}
    assert "has the strand 'up'" in build_refusal(tmp_path, sources, **ROLES)


def test_sequences_that_are_given_stay_as_they_are_and_their_strand_is_written_in_one_way(tmp_path):
    built = build(tmp_path, as_sources(tmp_path, "chr1\t1\t5\tn\t0\t1"), **ROLES)
    assert built.features[1].tolist() == [2, 2, 2, 2]
    assert built.examples["strand"].tolist() == ["+", "-"]


def test_a_strand_in_the_sample_table_of_intervals_is_refused(tmp_path):
    samples = write(tmp_path / "s.csv", "id,strand\na:1,-\n")
    sources = as_sources(tmp_path, "chr1\t1\t5", samples="s")
    sources["s"] = {"url": str(samples), "format": "table"}
    assert "the strand is in its sample table" in build_refusal(tmp_path, sources, **ROLES)


def test_the_place_of_an_interval_comes_from_its_line_alone(tmp_path):
    message = refusal("bed", bed(tmp_path, "chr1\t1\t5\tchr2", columns={"chromosome": "name"}))
    assert "chromosome of an interval cannot come from elsewhere" in message
    message = refusal("bed", bed(tmp_path, "chr1\t1\t5", values={"start": "3"}))
    assert "start of an interval cannot" in message
