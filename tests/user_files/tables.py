"""Tables of numbers and of samples, as programs, spreadsheets and R write them."""

import bz2
import lzma
import tarfile

import openpyxl
from user_file import DRAW, counts, kind, reads, refused, sample_data

SAMPLES = [f"S{number:02}" for number in range(1, 41)]
GENES = [f"ENSG{number:011}" for number in range(60)]
IN_COLUMNS = "its samples are in columns: 40 of the 40 ids of the sample table stand there"


def text_of(rows, delimiter="\t"):
    """Rows as delimited text."""
    return "\n".join(delimiter.join(map(str, row)) for row in rows) + "\n"


def sheet_rows(samples=SAMPLES):
    """A table of samples: id, diagnosis, donor and plate."""
    header = ["library", "diagnosis", "donor", "plate"]
    rows = [[name, kind(i), f"D{i // 2}", f"P{i % 3}"] for i, name in enumerate(samples)]
    return [header, *rows]


def workbook(path, **sheets):
    """An Excel file with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def with_sheet(folder, matrix, samples=SAMPLES, more=None, **settings):
    """A matrix and a table of its samples, which lies in an Excel file."""
    path = workbook(folder / "samples.xlsx", Sheet1=sheet_rows(samples))
    sheet = {"url": path, "format": "table", "columns": {"id": "library"}, **(more or {})}
    source = {"url": matrix, "format": "matrix", "samples": "sheet", **settings}
    return sample_data(group="donor", batch="plate", sources={"counts": source, "sheet": sheet})


def gene_rows(header, front=lambda gene: [gene], genes=GENES):
    """A table with a gene a row, its counts in the samples at the end."""
    return [header, *([*front(gene), *counts(len(SAMPLES))] for gene in genes)]


@reads(
    "40 examples of 60 features",
    "Batch ('plate'): P0 14, P1 13, P2 13",
    "S01    case    D0    P0",
    "columns that are no samples were left out (5): Chr, Start, End, Strand, Length.",
)
def feature_counts_and_a_sheet_of_excel(folder):
    files = [f"/scratch/run 1/{name}.sorted.bam" for name in SAMPLES]
    header = ["Geneid", "Chr", "Start", "End", "Strand", "Length", *files]
    rows = gene_rows(header, lambda gene: [gene, "1;1", "1;8", "5;9", "+;+", 9])
    command = '# Program:featureCounts v2.0.6; Command:"featureCounts" "-a" "x.gtf"\n'
    (folder / "counts.txt").write_text(command + text_of(rows))
    return with_sheet(folder, folder / "counts.txt")


@reads("40 examples of 60 features", "reads that belong to no gene were left out (__no_feature)")
def table_joined_from_htseq_as_r_writes_it(folder):
    rows = [SAMPLES, *([f'"{gene}"', *counts(40)] for gene in [*GENES, "__no_feature"])]
    (folder / "htseq.csv").write_text(text_of(rows, ","))
    return with_sheet(folder, folder / "htseq.csv")


@reads("40 examples of 60 features", "no samples were left out (1): gene_name.")
def counts_of_nf_core(folder):
    rows = gene_rows(["gene_id", "gene_name", *SAMPLES], lambda gene: [gene, f"n{gene[-3:]}"])
    (folder / "salmon.merged.gene_counts.tsv").write_text(text_of(rows))
    return with_sheet(folder, folder / "salmon.merged.gene_counts.tsv")


@reads("40 examples of 60 features")
def gct_of_a_portal(folder):
    rows = gene_rows(["Name", "Description", *SAMPLES], lambda gene: [gene, "na"])
    (folder / "expression.gct").write_text(f"#1.2\n{len(GENES)}\t40\n{text_of(rows)}")
    return with_sheet(folder, folder / "expression.gct")


@reads("40 examples of 60 features", "Label ('diagnosis'): case 20, control 20")
def series_matrix_of_geo_for_both(folder):
    names = [f"GSM{number}" for number in range(100, 140)]
    lines = ['!Series_title\t"A study, of; things"', ""]
    lines.append("\t".join(["!Sample_geo_accession", *(f'"{name}"' for name in names)]))
    kinds = (f'"diagnosis: {kind(i)}"' for i in range(40))
    lines.append("\t".join(["!Sample_characteristics_ch1", *kinds]))
    lines.append("!series_matrix_table_begin")
    rows = gene_rows(['"ID_REF"', *(f'"{name}"' for name in names)])
    lines += [text_of(rows).rstrip(), "!series_matrix_table_end", ""]
    path = folder / "GSE1_series_matrix.txt"
    path.write_text("\n".join(lines))
    source = {"url": path, "format": "matrix", "samples": "people"}
    people = {"url": path, "format": "table"}
    return sample_data(sources={"expression": source, "people": people})


@reads("40 examples of 60 features", "counts: its numbers have a decimal comma.", IN_COLUMNS)
def german_table_of_excel(folder):
    rows = [
        [gene, *(f"{DRAW.random() * 9:.3f}".replace(".", ",") for _ in SAMPLES)] for gene in GENES
    ]
    path = folder / "werte.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text_of([["Gen", *SAMPLES], *rows], ";").encode())
    return with_sheet(folder, path)


@reads("40 examples of 60 features", "counts: its text was read as utf-16.")
def unicode_text_of_excel(folder):
    path = folder / "counts.txt"
    path.write_bytes(text_of(gene_rows(["gene", *SAMPLES])).encode("utf-16"))
    return with_sheet(folder, path)


@reads("40 examples of 60 features")
def table_in_xz(folder):
    path = folder / "counts.tsv.xz"
    path.write_bytes(lzma.compress(text_of(gene_rows(["gene", *SAMPLES])).encode()))
    return with_sheet(folder, path)


@refused(
    "`orientation: samples_in_rows` does not fit, its samples are in columns: 40 of the 40 ids of "
    "the sample table stand there, such as S01, S02. Set `orientation: samples_in_columns`."
)
def matrix_that_was_not_turned(folder):
    (folder / "counts.tsv").write_text(text_of(gene_rows(["gene", *SAMPLES])))
    return with_sheet(folder, folder / "counts.tsv", orientation="samples_in_rows")


@refused(
    "`orientation: samples_in_columns` does not fit, its samples are in rows: 40 of the 40 ids of "
    "the sample table stand there, such as S01, S02. Set `orientation: samples_in_rows`."
)
def matrix_that_was_turned_already(folder):
    rows = [["sample", *GENES], *([name, *counts(60)] for name in SAMPLES)]
    (folder / "counts.tsv").write_text(text_of(rows))
    return with_sheet(folder, folder / "counts.tsv", orientation="samples_in_columns")


@refused(
    "diagnosis: among the features of source 'counts'. List it in `metadata: [diagnosis]`: what "
    "describes a sample must not be a feature.",
)
def matrix_with_its_labels_in_a_row(folder):
    rows = [["", *SAMPLES], ["diagnosis", *map(kind, range(40))]]
    rows += [[gene, *counts(40)] for gene in GENES]
    (folder / "counts.tsv").write_text(text_of(rows))
    return sample_data(sources={"counts": {"url": folder / "counts.tsv", "format": "matrix"}})


@reads("40 examples of 60 features")
def table_in_bzip2(folder):
    path = folder / "counts.tsv.bz2"
    path.write_bytes(bz2.compress(text_of(gene_rows(["gene", *SAMPLES])).encode()))
    return with_sheet(folder, path)


@refused(
    "mixed decimal marks: a point in ",
    "a comma in '1,25' (line 5, column 'S05'). Write numbers with a decimal point and nothing "
    "between thousands, or say how they are written",
)
def table_of_mixed_decimal_marks(folder):
    rows = [[gene, *(f"{DRAW.random() * 9:.2f}" for _ in SAMPLES)] for gene in GENES]
    rows[3][5] = "1,25"
    (folder / "values.tsv").write_text(text_of([["gene", *SAMPLES], *rows]))
    return with_sheet(folder, folder / "values.tsv")


@refused("it has 2 sheets: counts, key. Say which, with `sheet: its name`.")
def excel_file_of_two_sheets(folder):
    path = workbook(
        folder / "counts.xlsx", counts=gene_rows(["gene", *SAMPLES]), key=[["a"], ["b"]]
    )
    return with_sheet(folder, path)


@refused(
    "formulas without a saved result (1): D3. Open the file in Excel or LibreOffice and save it, "
    "or put values in their place."
)
def excel_file_of_formulas_without_results(folder):
    rows = gene_rows(["gene", *SAMPLES])
    rows[2][3] = "=D2+1"
    return with_sheet(folder, workbook(folder / "counts.xlsx", counts=rows))


@reads("names of features that a spreadsheet turned into dates (2): 1-Mar, 2-Sep.")
def genes_that_became_dates(folder):
    genes = ["1-Mar", "2-Sep", *GENES[2:]]
    (folder / "counts.tsv").write_text(text_of(gene_rows(["gene", *SAMPLES], genes=genes)))
    return with_sheet(folder, folder / "counts.tsv")


@refused(
    "source 'counts' has no column 'status', nor has its sample table data/samples.xlsx. Correct "
    "the config, or add it with `columns`, `values` or a sample table; the columns are id; those "
    "of the sample table are id, diagnosis, donor, plate."
)
def label_that_no_column_has(folder):
    (folder / "counts.tsv").write_text(text_of(gene_rows(["gene", *SAMPLES])))
    return {**with_sheet(folder, folder / "counts.tsv"), "label": "status"}


@refused("states 99 by 40 numbers, and it holds 60 by 40. It may be cut short: download it again,")
def gct_that_lost_its_end(folder):
    rows = gene_rows(["Name", "Description", *SAMPLES], lambda gene: [gene, "na"])
    (folder / "expression.gct").write_text(f"#1.2\n99\t40\n{text_of(rows)}")
    return with_sheet(folder, folder / "expression.gct")


@refused(
    "it is a series matrix of GEO without numbers, as those of sequencing are. Take the counts "
    "from the supplementary files of the series, and this file as the sample table, of format "
    "`table`."
)
def series_matrix_of_a_study_of_sequencing(folder):
    data = series_matrix_of_geo_for_both(folder)
    path = folder / "GSE1_series_matrix.txt"
    lines = path.read_text().splitlines()
    kept = [line for line in lines if not line.startswith("ENSG")]
    path.write_text("\n".join([*kept, ""]))
    return data


@reads("40 examples of 60 features", "counts: 40 files with one sample each.")
def counts_of_samples_at_addresses_of_their_own(folder):
    addresses = {}
    for name in SAMPLES:
        (folder / name).mkdir()
        addresses[name] = folder / name / "counts.txt"
        addresses[name].write_text(text_of([[gene, DRAW.randrange(90)] for gene in GENES]))
    data = with_sheet(folder, None)
    del data["sources"]["counts"]["url"]
    data["sources"]["counts"]["urls"] = addresses
    return data


@refused(
    "is for a source of format `matrix` without a `url`, with one file a sample: `{name of the"
)
def addresses_of_samples_for_another_format(folder):
    data = counts_of_samples_at_addresses_of_their_own(folder)
    data["sources"]["counts"]["format"] = "h5ad"
    return data


@refused("it is the summary of featureCounts. Give the file beside it, without `.summary`.")
def summary_of_feature_counts(folder):
    files = [f"/scratch/{name}.bam" for name in SAMPLES]
    rows = [["Status", *files], ["Assigned", *counts(40)], ["Unassigned_Unmapped", *counts(40)]]
    (folder / "counts.txt.summary").write_text(text_of(rows))
    return with_sheet(folder, folder / "counts.txt.summary")


@refused(
    "samples.xlsx: its rows are diagnosis, donor, plate: it has its samples in columns. Turn it, "
    "so that each sample is a row (Excel: paste, transpose)."
)
def sample_table_that_was_not_turned(folder):
    (folder / "counts.tsv").write_text(text_of(gene_rows(["gene", *SAMPLES])))
    data = with_sheet(folder, folder / "counts.tsv")
    workbook(folder / "samples.xlsx", Sheet1=[list(row) for row in zip(*sheet_rows(), strict=True)])
    return data


@refused("counts.xlsx is an Excel file or an archive that is cut short. Delete it and download it")
def excel_file_whose_copy_broke_off(folder):
    path = workbook(folder / "counts.xlsx", counts=gene_rows(["gene", *SAMPLES]))
    path.write_bytes(path.read_bytes()[:3000])
    return with_sheet(folder, path)


@reads("40 examples of 60 features", "rows without any value were left out (3)")
def table_of_excel_with_empty_rows_at_its_end(folder):
    rows = [*gene_rows(["gene", *SAMPLES]), *([""] * 41 for _ in range(3))]
    (folder / "counts.csv").write_text(text_of(rows, ","))
    return with_sheet(folder, folder / "counts.csv")


@refused("line 1 has one value, 'Table S3', and 40 empty ones. If it is a title and the header is")
def table_of_excel_under_a_title(folder):
    rows = [["Table S3", *[""] * 40], *gene_rows(["gene", *SAMPLES])]
    (folder / "counts.csv").write_text(text_of(rows, ","))
    return with_sheet(folder, folder / "counts.csv")


@reads("40 examples of 60 features")
def excel_file_that_is_called_text(folder):
    path = workbook(folder / "counts.xlsx", Sheet1=gene_rows(["gene", *SAMPLES]))
    return with_sheet(folder, path.rename(folder / "counts.tsv"))


@reads("40 examples of 60 features", "counts: its values are separated by semicolons.")
def table_of_excel_that_says_its_separator(folder):
    text = text_of(gene_rows(["gene", *SAMPLES]), ";")
    (folder / "counts.csv").write_bytes(f"sep=;\n{text}".replace("\n", "\r\n").encode())
    return with_sheet(folder, folder / "counts.csv")


@refused("it is a table of results, as DESeq2, edgeR and limma give them, without samples. Give ")
def results_of_a_test_instead_of_counts(folder):
    rows = [["", "baseMean", "log2FoldChange", "pvalue", "padj"]]
    rows += [[gene, 9.5, 0.3, 0.01, 0.2] for gene in GENES]
    (folder / "results.csv").write_text(text_of(rows, ","))
    return with_sheet(folder, folder / "results.csv", orientation="samples_in_columns")


@refused("Join classes with `classes`, such as `classes: {Case: case}`, or choose multiclass.")
def sheet_whose_labels_differ_in_their_spelling(folder):
    (folder / "counts.tsv").write_text(text_of(gene_rows(["gene", *SAMPLES])))
    data, rows = with_sheet(folder, folder / "counts.tsv"), sheet_rows()
    rows[1][1] = "Case"
    workbook(folder / "samples.xlsx", Sheet1=rows)
    return data


@refused("column 'id': 1 rows with an id that was there before: 42 (S03). Keep one row for each ")
def sheet_that_describes_a_sample_twice(folder):
    (folder / "counts.tsv").write_text(text_of(gene_rows(["gene", *SAMPLES])))
    data, rows = with_sheet(folder, folder / "counts.tsv"), sheet_rows()
    workbook(folder / "samples.xlsx", Sheet1=[*rows, rows[3]])
    return data


def instead_of_counts(folder, text):
    """Something else under the name of a table of counts."""
    (folder / "counts.tsv").write_text(text)
    return with_sheet(folder, folder / "counts.tsv")


@refused(
    "counts.tsv is a web page (HTML or XML). Download the file itself: the address may be that"
)
def page_that_asks_to_sign_in(folder):
    return instead_of_counts(folder, "\n<!DOCTYPE html>\n<html><body>Sign in</body></html>\n")


@refused("counts.tsv is a pointer of Git LFS, not the file itself. Fetch it with `git lfs pull`.")
def pointer_of_git(folder):
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    return instead_of_counts(folder, text)


@refused("counts.tsv is JSON. Turn it into CSV, TSV or Parquet.")
def records_of_a_web_service(folder):
    return instead_of_counts(folder, '[{"gene": "ENSG1", "S01": 4}]\n')


@refused(
    "the file of S02 has 1 that the first one lacks (ENSG00000000000). Count all samples with one "
    "annotation."
)
def counts_of_two_annotations(folder):
    with tarfile.open(folder / "GSE1_RAW.tar", "w") as archive:
        for number, name in enumerate(SAMPLES):
            path = folder / f"{name}.txt"
            genes = GENES if number else GENES[1:]
            path.write_text(text_of([*([gene, 4] for gene in genes), ["__no_feature", 9]]))
            archive.add(path, path.name)
    return with_sheet(folder, folder / "GSE1_RAW.tar")
