"""Tables of numbers and of samples, as programs, spreadsheets and R write them."""

import bz2
import lzma

import openpyxl
from user_file import DRAW, counts, kind, reads, refused, sample_data

SAMPLES = [f"S{number:02}" for number in range(1, 41)]
GENES = [f"ENSG{number:011}" for number in range(60)]
COLUMNS = {"orientation": "samples_in_columns"}


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
    source = {"url": matrix, "format": "matrix", "samples": "sheet", **COLUMNS, **settings}
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
    source = {"url": path, "format": "matrix", "samples": "people", **COLUMNS}
    people = {"url": path, "format": "table"}
    return sample_data(sources={"expression": source, "people": people})


@reads("40 examples of 60 features", "counts: its numbers have a decimal comma.")
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
