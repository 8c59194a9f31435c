"""The files that the examples of config/README.md name, made small."""

import gzip
import tarfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyBigWig
from cell_files import write_10x, write_h5ad
from user_file import DRAW, bases, counts, kind

PEOPLE = [f"S{number:02}" for number in range(40)]
CONTIGS = ("chr7", "chr8", "chr9", "chr10", "chr11")
LENGTH = 60_000


def lines(*rows, delimiter="\t"):
    """Rows as delimited text."""
    return "\n".join(delimiter.join(map(str, row)) for row in rows) + "\n"


def fasta(path):
    return "".join(f">{path.name[:4]}{i}\n{bases(40)}\n" for i in range(40))


def genome(path):
    return "".join(f">{name}\n{bases(LENGTH)}\n" for name in CONTIGS)


def intervals(path):
    """Lines of BED; those of narrowPeak have a summit."""
    more = "\tp\t1\t.\t5\t3\t2\t100" if "narrowPeak" in path.name else ""
    shift = 450 if path.name.startswith("un") else 0
    places = ((CONTIGS[i % 5], 3000 + 900 * i + shift) for i in range(60))
    return "".join(
        f"{name}\t{start}\t{start + 200 + i % 5}{more}\n" for i, (name, start) in enumerate(places)
    )


def track(path):
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader([(name, LENGTH) for name in CONTIGS])
        for name in CONTIGS:
            values = [float(DRAW.randrange(1000)) for _ in range(LENGTH // 50)]
            file.addEntries(name, 0, values=values, span=50, step=50)


def peaks_table(path):
    rows = ([f"p{i}", bases(40), f"f{i % 3}", f"gene{i // 2}"] for i in range(60))
    return lines(["peak_name", "seq", "family", "gene"], *rows, delimiter=",")


def marks(path):
    """Sequences with three labels, each of which some are not known of."""
    rows = (
        [f"p{i}", bases(40), *(DRAW.choice(["1", "0", ""]) for _ in range(3))] for i in range(90)
    )
    return lines(["id", "sequence", "H3K27ac", "H3K4me3", "CTCF"], *rows, delimiter=",")


def utrs(path):
    rows = ([bases(40), round(DRAW.random(), 4)] for _ in range(60))
    return lines(["sequence", "stability"], *rows, delimiter=",")


def genes(path, front=("gene",), names=PEOPLE, more=()):
    """A table with a gene a row; `more` is put after its name."""
    rows = ([f"g{i}", *more, *counts(len(names))] for i in range(30))
    return lines([*front, *names], *rows)


def feature_counts(path):
    header = ("Geneid", "Chr", "Start", "End", "Strand", "Length")
    text = genes(path, header, [f"bam/{name}.bam" for name in PEOPLE], ("1", 1, 9, "+", 9))
    return "# Program:featureCounts v2.0.6\n" + text


def series(path):
    kinds = ["!Sample_characteristics_ch1", *(f"diagnosis: {kind(i)}" for i in range(40))]
    head = lines(["!Series_title", "A"], ["!Sample_geo_accession", *PEOPLE], kinds)
    return f"{head}!series_matrix_table_begin\n{genes(path, ('ID_REF',))}!series_matrix_table_end\n"


def star(path):
    """What a pattern becomes: an archive of the files."""
    head = "".join(f"N_{name}\t1\t1\t1\n" for name in ("unmapped", "multimapping"))
    with tarfile.open(path, "w") as archive:
        for name in PEOPLE:
            file = path.parent / f"{name}_ReadsPerGene.out.tab"
            rows = ([f"g{i}", *counts(3)] for i in range(30))
            file.write_text(head + lines(*rows))
            archive.add(file, file.name)


def german(path):
    """Text of a spreadsheet with two titles above and a remark below."""
    rows = [[f"g{i}", *(f"1.{n:03},5" for n in counts(40))] for i in range(30)]
    text = "Werte\n\u00dcbersicht\n" + lines(["Gen", *PEOPLE], *rows, delimiter=";") + "% Ende\n"
    path.write_bytes(text.encode("cp1252"))


def people():
    """What is known of each: id, diagnosis, donor, plate, sex, age and more."""
    header = ["id", "diagnosis", "donor", "plate", "sex", "age", "tissue", "qc"]
    rows = [
        [name, kind(i), f"D{i // 2}", f"P{i % 3}", "fm"[i // 2 % 2], 30 + i, "blood", "passed"]
        for i, name in enumerate(PEOPLE)
    ]
    return pd.DataFrame(rows, columns=header)


def sheet(path):
    """The people to be chosen from: some unclear, some without a diagnosis or an age."""
    table = people().astype(object)
    table.loc[:1, "diagnosis"] = ["unclear", None]
    table.loc[2:5, ["tissue", "qc", "age"]] = [["serum", "failed", None]] * 4
    # Each class is large enough for `min_class_size: 20` after that.
    more = pd.concat([table, *(table[10:].assign(id=table["id"] + f"_{k}") for k in "abc")])
    return more.to_csv(index=False)


def chosen_counts(path):
    names = [name + end for end in ("", "_a", "_b", "_c") for name in PEOPLE[10 * bool(end) :]]
    return lines(["id", "g1", "g2", "g3"], *([n, *counts(3)] for n in names), delimiter=",")


def workbook(path):
    table = people().rename(columns={"id": "library"})
    book = openpyxl.Workbook()
    book.active.title = "cohort 1"
    for row in [list(table), *table.to_numpy().tolist()]:
        book.active.append(row)
    book.save(path)


def cells(path):
    import anndata
    import numpy as np

    rng = np.random.default_rng(1)
    obs = pd.DataFrame(
        {
            "cell_type": pd.Categorical([f"t{i % 3}" for i in range(60)]),
            "donor": pd.Categorical([f"D{i % 12}" for i in range(60)]),
            "run": pd.Categorical([f"R{i % 2}" for i in range(60)]),
        },
        index=[f"AAAC{i}-1" for i in range(60)],
    )
    found = anndata.AnnData(rng.poisson(0.8, (60, 20)).astype(np.float32) + 1, obs=obs)
    found.layers["counts"] = found.X
    write_h5ad(path, found)


def tenx(path):
    import numpy as np

    found = np.random.default_rng(1).poisson(0.8, (40, 5))
    found[:, 0] += 1
    write_10x(path, found)


MADE = {
    "promoters.fa.gz": fasta,
    "background.fa.gz": fasta,
    "peaks.csv": peaks_table,
    "bound.bed": intervals,
    "unbound.bed": intervals,
    "peaks.bed": intervals,
    "peaks.narrowPeak.gz": intervals,
    "hg38.fa.gz": genome,
    "atac.bw": track,
    "utrs.csv": utrs,
    "marks.csv": marks,
    "counts.tsv.gz": genes,
    "donors.csv": lambda path: people().rename(columns={"id": "library"}).to_csv(index=False),
    "people.csv": lambda path: people().to_csv(index=False),
    "donors.xlsx": workbook,
    "people.xlsx": workbook,
    "featurecounts.txt": feature_counts,
    "GSE1_series_matrix.txt.gz": series,
    "*ReadsPerGene.out.tab": star,
    "werte.csv": german,
    "cells.h5ad": cells,
    "filtered_feature_bc_matrix": tenx,
    "annotation.csv": lambda path: lines(
        ["barcode", "cell_type"], *([f"AAAC{i}-1", "ab"[i % 2]] for i in range(40)), delimiter=","
    ),
    "counts.csv": chosen_counts,
    "sheet.csv": sheet,
    "withdrawn.txt": lambda path: "S06\nS07\n",
}


def make(folder: Path, url: str) -> Path:
    """Write the file that an address names, and say where it is."""
    name = url.rpartition("/")[2]
    path = folder / name.replace("*", "all_").replace(".tab", ".tar")
    if not path.exists():
        text = MADE[name](path)
        if text is not None:
            content = text.encode()
            path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
