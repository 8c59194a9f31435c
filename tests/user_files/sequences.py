"""Sequences: FASTA, FASTQ and tables with a column of sequences."""

import gzip

import pandas as pd
from user_file import bases, kind, reads, refused, sequence_data


def two_classes(folder, write):
    """Two FASTA files, the second one plain; `write(path)` makes the first."""
    plain = "".join(f">b{i}\n{bases(24)}\n" for i in range(40))
    (folder / "background.fa").write_text(plain)
    first = write(folder)
    return sequence_data(
        sources={
            "a": {"url": first, "format": "fasta", "values": {"class": "case"}},
            "b": {
                "url": folder / "background.fa",
                "format": "fasta",
                "values": {"class": "control"},
            },
        }
    )


@reads("80 examples of 24 bases", "Label ('class'): case 40, control 40")
def fasta_of_windows_wrapped_and_soft_masked(folder):
    def write(folder):
        records = [(f"a{i}|chr1:{i}", bases(24)) for i in range(40)]
        lines = [f">{name}\r\n{s[:10].lower()}\r\n{s[10:]}\r\n\r\n" for name, s in records]
        path = folder / "peaks.fasta"
        path.write_bytes(b"\xef\xbb\xbf" + "".join(lines).encode())
        return path

    return two_classes(folder, write)


@reads("80 examples of 24 bases")
def rna_in_a_gzip_file_that_is_not_called_so(folder):
    def write(folder):
        text = "".join(f">a{i} mature\n{bases(24).replace('T', 'U')}\n" for i in range(40))
        path = folder / "utrs.fa"
        path.write_bytes(gzip.compress(text.encode()))
        return path

    return two_classes(folder, write)


@reads("80 examples of 24 bases")
def fastq_from_a_sequencer(folder):
    def write(folder):
        text = "".join(f"@a{i} 1:N:0\n{bases(24)}\n+\n{'F' * 24}\n" for i in range(40))
        path = folder / "reads.fastq.gz"
        path.write_bytes(gzip.compress(text.encode()))
        return path

    return two_classes(folder, write)


@refused(
    "1 ids that several examples have: 'gi' (40: ",
    "Give each example an id of its own, with `header`, `columns` or `id_prefix`.",
)
def fasta_whose_headers_begin_alike(folder):
    def write(folder):
        path = folder / "ncbi.fa"
        path.write_text("".join(f">gi {i}\n{bases(24)}\n" for i in range(40)))
        return path

    return two_classes(folder, write)


@refused("the file starts with 'LOCUS       AB000001', not with a FASTA header. Give a FASTA file.")
def genbank_called_fasta(folder):
    def write(folder):
        path = folder / "genes.fa"
        path.write_text("LOCUS       AB000001  450 bp  DNA\nORIGIN\n        1 acgtacgt\n//\n")
        return path

    return two_classes(folder, write)


@refused("cut short", "Delete the file and download it again")
def fasta_whose_copy_broke_off(folder):
    def write(folder):
        text = "".join(f">a{i}\n{bases(24)}\n" for i in range(4000))
        path = folder / "half.fa.gz"
        path.write_bytes(gzip.compress(text.encode())[:5000])
        return path

    return two_classes(folder, write)


@reads("60 examples of 40 bases", "Label ('activity'): ")
def mpra_table_of_a_supplement(folder):
    rows = [f"o{i};{bases(40)};{(i * 37 % 60) / 10 - 3:.2f};chr{i % 4}" for i in range(60)]
    text = "\r\n".join(["oligo;seq;activity;chrom", *rows, ""])
    (folder / "mpra.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    return {
        "modality": "sequence",
        "task": "regression",
        "label": "activity",
        "sources": {
            "mpra": {
                "url": folder / "mpra.csv",
                "format": "table",
                "columns": {"id": "oligo", "sequence": "seq"},
            }
        },
    }


@reads("60 examples of 30 bases", "Label ('class'): case 30, control 30")
def table_with_blanks_around_its_labels(folder):
    rows = [f'"s{i}"\t"{bases(30)}"\t"{kind(i)}{" " * (i % 3)}"' for i in range(60)]
    (folder / "a.tsv").write_text("\n".join(["id\tsequence\tclass", *rows]))
    return sequence_data(sources={"a": {"url": folder / "a.tsv", "format": "table"}})


@reads("60 examples of 30 bases")
def table_of_pandas_as_parquet(folder):
    rows = {"sequence": [bases(30) for _ in range(60)], "class": [kind(i) for i in range(60)]}
    index = pd.Index([f"s{i}" for i in range(60)], name="id")
    pd.DataFrame(rows, index=index).to_parquet(folder / "a.parquet")
    return sequence_data(sources={"a": {"url": folder / "a.parquet", "format": "table"}})


@refused(
    "source 'a' has no column 'sequence'. Name the column with the sequences, "
    "`columns: {sequence: its name}`; the file has name, dna, class."
)
def table_whose_sequences_are_called_otherwise(folder):
    rows = [f"s{i},{bases(30)},{kind(i)}" for i in range(20)]
    (folder / "a.csv").write_text("\n".join(["name,dna,class", *rows]))
    return sequence_data(sources={"a": {"url": folder / "a.csv", "format": "table"}})


@refused("data/a.csv, row 9 (s7), column 'class': there is no class. Fill it in, or ")
def table_with_cells_left_empty(folder):
    rows = [f"s{i},{bases(30)},{kind(i) if i != 7 else ''}" for i in range(40)]
    (folder / "a.csv").write_text("\n".join(["id,sequence,class", *rows]))
    return sequence_data(sources={"a": {"url": folder / "a.csv", "format": "table"}})
