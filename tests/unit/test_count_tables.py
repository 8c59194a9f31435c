"""Tables of counts as programs write them are read as they are."""

import numpy as np
import pytest
from source_files import open_source, read, refusal, write

from deeprules.ingest import text_lines
from deeprules.ingest.sample_tables import SampleTable
from deeprules.ingest.tables import read_batches

VALUES = [[1, 3], [2, 4]]
BAM = "/data/run 1/{}Aligned.sortedByCoord.out.bam"

TABLES = {
    "featureCounts": (
        '# Program:featureCounts v2.0.6; Command:"featureCounts" "-a" "x.gtf"\n'
        f"Geneid\tChr\tStart\tEnd\tStrand\tLength\t{BAM.format('a')}\t{BAM.format('b')}\n"
        "g1\t1;1\t1;8\t5;9\t+;+\t7\t1\t2\ng2\t1\t20\t30\t-\t11\t3\t4\n"
    ),
    "featureCounts with names": (
        "Geneid\tChr\tStart\tEnd\tStrand\tLength\tgene_name\ta.sorted.bam\tb.sorted.bam\n"
        "g1\t1\t1\t5\t+\t7\tA\t1\t2\ng2\t1\t20\t30\t-\t11\tB\t3\t4\n"
    ),
    "nf-core": "gene_id\tgene_name\ta\tb\ng1\tA\t1\t2\ng2\tA\t3\t4\n",
    "nf-core transcripts": "tx\tgene_id\ta\tb\ng1\tA\t1\t2\ng2\tA\t3\t4\n",
    "salmon quantmerge": "Name\ta\tb\ng1\t1\t2\ng2\t3\t4\n",
    "tximport counts in R": '"a","b"\n"g1",1,2\n"g2",3,4\n',
    "tximport": (
        '"","abundance.a","abundance.b","counts.a","counts.b","length.a","length.b",'
        '"countsFromAbundance"\n"g1",9,8,1,2,5,5,"no"\n"g2",9,8,3,4,5,5,"no"\n'
    ),
    "GCT 1.2": "#1.2\n2\t2\nName\tDescription\ta\tb\ng1\tx y\t1\t2\ng2\tna\t3\t4\n",
    "GCT 1.3": (
        "#1.3\n2\t2\t1\t1\nid\tmoa\ta\tb\nkind\tna\tcase\tcontrol\ng1\tx\t1\t2\ng2\ty\t3\t4\n"
    ),
    "GEO": (
        '!Series_title\t"T"\n!Series_summary\t"one, two; three"\n\n'
        '!Sample_title\t"A"\t"B"\n!Sample_geo_accession\t"a"\t"b"\n'
        '!Sample_characteristics_ch1\t"tissue: liver"\t"tissue: lung"\n'
        '!Sample_characteristics_ch1\t"age: 4"\t"sex: f"\n'
        '!series_matrix_table_begin\n"ID_REF"\t"a"\t"b"\n"g1"\t1\t2\n"g2"\t3\t4\n'
        "!series_matrix_table_end\n"
    ),
    "annotations anywhere": "Chr,Start,gene_id,a,b,description\n1,5,g1,1,2,x\n1,7,g2,3,4,y\n",
}


@pytest.mark.parametrize("block", [10**6, 20])
@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_counts_is_read_as_it_is(tmp_path, monkeypatch, name, block):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block)
    source = open_source(
        write(tmp_path / "counts.txt.gz", TABLES[name]), orientation="samples_in_columns"
    )
    chunks = read("matrix", source)
    assert [one for chunk in chunks for one in chunk.table["id"]] == ["a", "b"]
    np.testing.assert_array_equal(np.concatenate([chunk.features for chunk in chunks]), VALUES)
    assert list(chunks[0].feature_names) == ["g1", "g2"]
    if name == "GCT 1.3":
        assert chunks[0].table["kind"].tolist() == ["case", "control"]


def test_what_is_left_out_is_told(tmp_path):
    source = open_source(
        write(tmp_path / "c.txt", TABLES["featureCounts"]), orientation="samples_in_columns"
    )
    read("matrix", source)
    assert source.notes == [
        "made: columns that are no samples were left out (5): Chr, Start, End, Strand, Length.",
        f"made: samples are called by their files of alignments: a is {BAM.format('a')}.",
        "made: lines of text beside the table were left out (1).",
    ]


def test_other_columns_are_dropped_when_asked(tmp_path):
    path = write(tmp_path / "m.csv", "gene,panel,a,b\ng1,x,1,2\ng2,y,3,4\n")
    settings = {"orientation": "samples_in_columns"}
    message = refusal("matrix", open_source(path, **settings))
    assert "'y' is no number. Correct it, or list the column in `drop`" in message
    [chunk] = read("matrix", open_source(path, drop=["panel"], **settings))
    np.testing.assert_array_equal(chunk.features, VALUES)
    assert "Correct `drop`; the file has gene, panel, a, b" in refusal(
        "matrix", open_source(path, drop=["pannel"], **settings)
    )
    path = write(tmp_path / "r.csv", "id,note,g1,g2\na,x,1,3\nb,y,2,4\n")
    [chunk] = read("matrix", open_source(path, drop=["note"]))
    np.testing.assert_array_equal(chunk.features, VALUES)
    assert "note" not in chunk.table


@pytest.mark.parametrize("name", ["featureCounts", "nf-core", "GEO", "GCT 1.3"])
def test_known_tables_have_their_orientation(tmp_path, name):
    path = write(tmp_path / "c.txt", TABLES[name])
    [chunk] = read("matrix", open_source(path))
    assert chunk.samples_in_columns and len(chunk.table) == 2
    message = refusal("matrix", open_source(path, orientation="samples_in_rows"))
    assert "its rows are genes" in message and "`orientation: samples_in_columns`" in message


def test_one_file_of_alignments_keeps_its_name_beside_its_like(tmp_path):
    text = TABLES["salmon quantmerge"].replace("a\tb", "x/a.bam\ty/a.bam")
    source = open_source(write(tmp_path / "c.txt", text), orientation="samples_in_columns")
    assert read("matrix", source)[0].table["id"][0] == "x/a.bam"


def test_a_series_of_geo_is_a_sample_table_as_well(tmp_path):
    path = write(tmp_path / "GSE1_series_matrix.txt.gz", TABLES["GEO"])
    source = open_source(path, format="table", columns={"id": "id"})
    samples = SampleTable(source, {"tissue", "age", "sex", "title"}.__contains__)
    assert samples.columns == ["id", "title", "tissue", "age", "sex"]
    found = samples.join(
        read("matrix", open_source(path, orientation="samples_in_columns"))[0].table, source
    )
    assert found["tissue"].tolist() == ["liver", "lung"] and found["title"].tolist() == ["A", "B"]
    assert found["age"].tolist()[0] == "4" and found["age"].isna().tolist() == [False, True]


def test_a_characteristic_is_not_mixed_with_a_line_of_its_name(tmp_path):
    kinds = '!Sample_characteristics_ch1\t"{}: {}"\t"{}: {}"\n'
    text = (
        '!Sample_geo_accession\t"a"\t"b"\n!Sample_type\t"RNA"\t"RNA"\n'
        '!Sample_status\t"Public on Jan 01 2010"\t"Public on Feb 01 2010"\n'
        + "".join(
            kinds.format(name, one, name, other)
            for name, one, other in (
                ("status", "case", "case"),
                ("type", "tumour", "normal"),
                ("id", "7", "8"),
            )
        )
        + TABLES["GEO"][TABLES["GEO"].index("!series_matrix_table_begin") :]
    )
    source = open_source(write(tmp_path / "series.txt", text), format="table")
    [(table, _)] = read_batches(source)
    assert table.to_pydict() == {
        "id": ["a", "b"],
        "Sample_type": ["RNA", "RNA"],
        "Sample_status": ["Public on Jan 01 2010", "Public on Feb 01 2010"],
        "status": ["case", "case"],
        "type": ["tumour", "normal"],
        "characteristic_id": ["7", "8"],
    }


def test_what_is_said_of_a_second_channel_is_a_column_by_itself(tmp_path):
    line = '!Sample_characteristics_ch2\t"tissue: reference"\t"tissue: reference"\n'
    text = TABLES["GEO"].replace("!series_matrix_table_begin", line + "!series_matrix_table_begin")
    source = open_source(write(tmp_path / "series.txt", text), format="table")
    [(table, _)] = read_batches(source)
    columns = table.to_pydict()
    assert columns["tissue"] == ["liver", "lung"] and columns["tissue_ch2"] == ["reference"] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "#1.3\n2\t2\nid\ta\tb\ng1\t1\t2\n",
            "its second line, '2\\t2', does not hold the 4 numbers",
        ),
        ("gene_id\tgene_name\ng1\tA\n", "it has no column with a sample: gene_id, gene_name"),
    ],
)
def test_broken_tables_of_counts_are_refused(tmp_path, text, message):
    path = write(tmp_path / "c.gct", text)
    assert message in refusal("matrix", open_source(path, orientation="samples_in_columns"))
