"""A first configuration for files that were never seen: each kind, by names and by values."""

import random
import tarfile
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pyBigWig
import pytest
import scipy.sparse
import yaml
from cell_files import write_10x, write_h5ad
from source_files import write

from deeprules.checks.first_look import first_look
from deeprules.guess.drafting import draft_of
from deeprules.guess.roles import columns_of, positive_of
from deeprules.guess.seen import look_at
from deeprules.guess.text import configuration
from deeprules_workflow.configuration import resolve
from deeprules_workflow.source_settings import build_settings

ROOT = Path(__file__).parents[2]
DRAW = random.Random(1)


def bases(n):
    return "".join(DRAW.choices("ACGT", k=n))


def fasta(folder, name, n=40, length=30):
    text = "".join(f">{name}_{i}\n{bases(length)}\n" for i in range(n))
    return write(folder / f"{name}.fa", text)


def sheet(folder, name="samples.csv", ids="S{:02}", n=40):
    kinds = ["case", "control"]
    rows = [
        f"{ids.format(i)},{kinds[i % 2]},D{i // 2},P{i % 3},{'MF'[i // 2 % 2]},{30 + i}"
        for i in range(n)
    ]
    return write(folder / name, "\n".join(["sample,diagnosis,donor,plate,sex,age", *rows, ""]))


def counts(folder, n=40, genes=100, ids="S{:02}"):
    rows = ["\t".join(["gene", *(ids.format(i) for i in range(n))])]
    rows += [
        "\t".join([f"ENSG{g:08}", *(str(DRAW.randrange(300)) for _ in range(n))])
        for g in range(genes)
    ]
    return write(folder / "counts.tsv.gz", "\n".join([*rows, ""]))


def config_for(*files):
    """The configuration that is guessed, and its text; it has to be a sound one."""
    text = configuration(draft_of([look_at(path) for path in files]))
    config = yaml.safe_load(text)
    return resolve(config, ROOT, with_study=False), text


def look(folder, config):
    """What `check_data` tells of it."""
    told, data = [], config["data"]
    files = {name: source["url"] for name, source in data["sources"].items()}
    settings = {key: data[key] for key in ("duplicates", "conflicts")}
    settings |= {"strategy": config["split"]["strategy"], "partition_column": None}
    first_look(build_settings(data), files, {}, settings, folder / "look", told.append)
    return "\n".join(told)


def test_a_fasta_file_is_a_class(tmp_path):
    files = [fasta(tmp_path, "background"), fasta(tmp_path, "my promoters")]
    config, text = config_for(*files)
    data = config["data"]
    assert (data["task"], data["label"], data["positive"]) == ("binary", "class", "my_promoters")
    assert "positive: my_promoters  # edit: guessed from background, my_promoters" in text
    assert "80 examples of 30 bases" in look(tmp_path, config)
    config, _ = config_for(*files, fasta(tmp_path, "third", length=40))
    assert config["data"]["task"] == "multiclass"
    assert config["data"]["length"]["policy"] == "crop_or_pad"
    assert "120 examples of 35 bases" in look(tmp_path, config)


def test_sequences_of_one_file_have_their_classes_in_a_table(tmp_path):
    config, _ = config_for(fasta(tmp_path, "S"), sheet(tmp_path, ids="S_{}"))
    source = config["data"]["sources"]["S"]
    assert (source["format"], source["samples"]) == ("fasta", "samples")
    assert config["data"]["group"] == "donor"
    assert "Label ('diagnosis'): case 20, control 20" in look(tmp_path, config)


def test_a_table_of_sequences_with_a_measured_value(tmp_path):
    rows = [f"o{i}\t{bases(20)}\t{DRAW.gauss(0, 1):.4f}\tchr{i % 4}" for i in range(60)]
    path = write(tmp_path / "mpra.tsv", "\n".join(["oligo_id\tseq\tlog2FC\tchrom", *rows, ""]))
    config, _ = config_for(path)
    data = config["data"]
    assert (data["task"], data["label"], data["positive"]) == ("regression", "log2FC", None)
    assert data["sources"]["mpra"]["columns"] == {"id": "oligo_id", "sequence": "seq"}
    assert "ridge" in config["models"] and "logistic_regression" not in config["models"]
    assert "60 examples of 20 bases" in look(tmp_path, config)


@pytest.mark.parametrize("order", [1, -1])
def test_a_matrix_is_told_from_the_table_of_its_samples_by_their_ids(tmp_path, order):
    config, text = config_for(*[counts(tmp_path), sheet(tmp_path)][::order])
    data = config["data"]
    matrix = data["sources"]["counts"]
    assert (matrix["orientation"], matrix["samples"]) == ("samples_in_columns", "samples")
    assert data["sources"]["samples"]["columns"] == {"id": "sample"}
    roles = ("label", "positive", "group", "batch", "covariates", "transform")
    found = [data[role] for role in roles]
    assert found == ["diagnosis", "case", "donor", "plate", ["age", "sex"], "log_cp10k"]
    assert "# edit: of plate (3 values: P0, P1, P2)" in text
    assert config["split"]["strategy"] == "group"
    told = look(tmp_path, config)
    assert "40 examples of 100 features" in told and "Batch ('plate'): P0 14" in told


def test_counts_of_feature_counts_and_a_sheet_of_excel(tmp_path):
    names = [f"/scratch/{i:02}.sorted.bam" for i in range(40)]
    header = ["Geneid", "Chr", "Start", "End", "Strand", "Length", *names]
    rows = [
        [f"g{g}", "1", "5", "9", "+", "5", *(str(DRAW.randrange(300)) for _ in names)]
        for g in range(60)
    ]
    text = "\n".join("\t".join(row) for row in [header, *rows])
    matrix = write(tmp_path / "counts.txt", f"# Program:featureCounts\n{text}\n")
    people = pd.read_csv(sheet(tmp_path, ids="{:02}"), dtype=str)
    people.to_excel(tmp_path / "people.xlsx", index=False)
    config, text = config_for(matrix, tmp_path / "people.xlsx")
    assert "orientation" not in text and "one sample a column, 40 of them" in text
    told = look(tmp_path, config)
    assert "40 examples of 60 features" in told and "Label ('diagnosis'): case 20" in told


def test_a_series_of_geo_is_its_own_sample_table(tmp_path):
    names = [f"GSM{100 + i}" for i in range(40)]
    kinds = [f"diagnosis: {'case' if i % 2 else 'control'}" for i in range(40)]
    lines = ["!Series_title\tT", "\t".join(["!Sample_geo_accession", *names])]
    lines += ["\t".join(["!Sample_characteristics_ch1", *kinds]), "!series_matrix_table_begin"]
    lines += ["\t".join(["ID_REF", *names])]
    lines += ["\t".join([f"p{g}", *(f"{DRAW.random():.3f}" for _ in names)]) for g in range(30)]
    path = write(tmp_path / "GSE1_series_matrix.txt.gz", "\n".join([*lines, ""]))
    config, text = config_for(path)
    assert config["data"]["label"] == "diagnosis" and "orientation" not in text
    assert "40 examples of 30 features" in look(tmp_path, config)


def test_a_matrix_alone_has_its_own_columns_of_metadata(tmp_path):
    header = ["id", "diagnosis", "donor", *(f"g{i}" for i in range(12))]
    rows = [
        [
            f"x{i}",
            ["case", "control"][i % 2],
            f"D{i // 2}",
            *(f"{DRAW.random():.3f}" for _ in range(12)),
        ]
        for i in range(60)
    ]
    text = "\n".join(",".join(row) for row in [header, *rows]) + "\n"
    config, _ = config_for(write(tmp_path / "all.csv", text))
    source = config["data"]["sources"]["all"]
    assert (source["orientation"], source["metadata"]) == (
        None,
        ["diagnosis", "donor"],
    )
    assert config["data"]["transform"] == "none"
    assert "60 examples of 12 features" in look(tmp_path, config)


def intervals(folder):
    """A genome of three chromosomes, and peaks in it."""
    chromosomes = {f"chr{i}": bases(40_000) for i in (1, 2, 3)}
    text = "".join(f">{name}\n{sequence}\n" for name, sequence in chromosomes.items())
    lines = []
    for i in range(90):
        start = DRAW.randrange(1000, 38_000)
        lines.append(
            f"chr{i % 3 + 1}\t{start}\t{start + 300 + i}\tp{i}\t9\t.\t5\t3\t2\t{100 + i}\n"
        )
    genome = write(folder / "genome.fa", text)
    return write(folder / "my.narrowPeak", "".join(lines)), genome


def test_peaks_alone_and_their_genome_get_negatives(tmp_path):
    config, text = config_for(*intervals(tmp_path))
    data = config["data"]
    assert data["sources"]["my"]["genome"] == "genome" and data["positive"] == "my"
    assert data["intervals"]["centre"] == "summit" and data["negatives"]["from"] == "genome"
    assert config["split"]["strategy"] == "chromosome"
    assert "negatives: {from: genome" in text
    assert "examples of 500 bases were read" in look(tmp_path, config)


def test_a_track_labels_the_regions_and_several_tracks_are_several_labels(tmp_path):
    peaks, genome = intervals(tmp_path)
    tracks = [tmp_path / "atac.bw", tmp_path / "h3k27ac.bw"]
    for track in tracks:
        with pyBigWig.open(str(track), "w") as file:
            file.addHeader([(f"chr{i}", 40_000) for i in (1, 2, 3)])
            for i in (1, 2, 3):
                values = [float(DRAW.randrange(100)) for _ in range(400)]
                file.addEntries(f"chr{i}", 0, values=values, span=100, step=100)
    several, text = config_for(*tracks, peaks, genome)
    assert several["data"]["task"] == "multiregression" and "not used" not in text
    assert "90 examples of 500 bases were read" in look(tmp_path, several)
    config, _ = config_for(tracks[0], peaks, genome)
    assert config["data"]["label"] == "signal" and config["data"]["task"] == "regression"
    assert config["data"]["sources"]["atac"]["regions"] == "my"
    assert "90 examples of 500 bases were read" in look(tmp_path, config)


def test_given_partitions_are_taken(tmp_path):
    rows = [f"{bases(20)},{i % 2},{['train', 'tune', 'test'][i % 3]}" for i in range(60)]
    config, _ = config_for(write(tmp_path / "a.csv", "\n".join(["sequence,label,split", *rows])))
    assert config["split"]["strategy"] == "predefined" and config["split"]["column"] == "split"


def test_what_cannot_be_used_is_said_and_a_configuration_is_made_all_the_same(tmp_path):
    picture = tmp_path / "figure.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    config, text = config_for(fasta(tmp_path, "a"), fasta(tmp_path, "b"), picture)
    assert set(config["data"]["sources"]) == {"a", "b"}
    assert f"# {picture}: not used: " in text and "is a picture" in text
    config, text = config_for(picture)
    assert "# edit: none of the files could be used" in text


def test_names_that_are_equal_and_values_that_need_quotes(tmp_path):
    (tmp_path / "other").mkdir()
    first = fasta(tmp_path, "1: reads #1")
    second = fasta(tmp_path / "other", "1: reads #1")
    config, _ = config_for(first, second)
    assert list(config["data"]["sources"]) == ["1_reads_1", "1_reads_1_2"]
    assert config["data"]["sources"]["1_reads_1"]["url"] == str(first)


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (("control", "case"), "case"),
        (("ctrl", "KO"), "KO"),
        (("0", "1"), "1"),
        (("not_bound", "peak_bound"), "peak_bound"),
        (("common", "rare"), "rare"),
        (("negative", "control"), "control"),
    ],
)
def test_the_positive_class_is_guessed_by_name_or_else_the_rarer(values, positive):
    assert positive_of(values) == positive


def test_columns_are_counted_over_their_known_values(tmp_path):
    rows = ["a,1,ACGTACGT", "a,,ACGTACGA", "b,2.5,ACGTACGG"]
    seen = look_at(write(tmp_path / "a.csv", "\n".join(["kind,age,s", *rows])))
    columns = columns_of(seen.table)
    assert columns["kind"].shown == "kind (2 values: a, b)"
    assert (columns["age"].known, columns["age"].is_numeric) == (2, True)
    assert columns["s"].is_sequence


def h5ad(folder):
    names = [f"AAAC{number:03}-1" for number in range(60)]
    texts = {
        "cell_type": [f"type {i % 3}" for i in range(60)],
        "donor": [f"D{i % 12}" for i in range(60)],
    }
    obs = {name: pd.Categorical(values) for name, values in texts.items()}
    counts = scipy.sparse.random(60, 40, 0.3, "csr", rng=1, data_rvs=lambda n: np.arange(n) % 9 + 1)
    data = anndata.AnnData(counts.astype(np.float32), obs=pd.DataFrame(obs, index=names))
    write_h5ad(folder / "cells.h5ad", data)
    told = "60 examples of 40 features were read.", "Label ('cell_type'): "
    return [folder / "cells.h5ad"], told


def tenx(folder):
    counts = np.random.default_rng(1).poisson(0.8, (40, 5))
    counts[:, 0] += 1  # no cell is empty
    write_10x(folder / "filtered_feature_bc_matrix", counts)
    rows = [f"AAAC{i}-1,{'AB'[i % 2]}" for i in range(40)]
    sheet = write(folder / "cells.csv", "\n".join(["barcode,cell_type", *rows]) + "\n")
    told = "40 examples of 5 features were read.", "Label ('cell_type'): "
    return [folder / "filtered_feature_bc_matrix", sheet], told


@pytest.mark.parametrize("cells", [h5ad, tenx])
def test_cells_are_understood_without_an_edit(tmp_path, cells):
    files, words = cells(tmp_path)
    config, _ = config_for(*files)
    told = look(tmp_path, config)
    assert all(one in told for one in words), told


def test_a_table_of_samples_is_told_from_a_matrix_with_samples_in_rows(tmp_path):
    rows = [[f"S{i:02}", *(str(DRAW.randrange(300)) for _ in range(20))] for i in range(40)]
    header = ["id", *(f"g{i}" for i in range(20))]
    text = "\n".join(",".join(row) for row in [header, *rows])
    config, _ = config_for(write(tmp_path / "counts.csv", text + "\n"), sheet(tmp_path))
    assert config["data"]["label"] == "diagnosis"
    assert config["data"]["sources"]["counts"]["samples"] == "samples"
    assert "40 examples of 20 features" in look(tmp_path, config)


def test_an_archive_of_geo_and_a_table_of_its_samples(tmp_path):
    with tarfile.open(tmp_path / "GSE1_RAW.tar", "w") as archive:
        for i in range(40):
            text = "".join(f"g{g}\t{DRAW.randrange(300)}\n" for g in range(20))
            archive.add(write(tmp_path / "one.txt", text), f"GSM{i:02}_liver.counts.txt")
    config, _ = config_for(tmp_path / "GSE1_RAW.tar", sheet(tmp_path, ids="GSM{:02}"))
    source = config["data"]["sources"]["GSE1_RAW"]
    assert (source["format"], source["samples"]) == ("matrix", "samples")
    assert "40 examples of 20 features" in look(tmp_path, config)


def test_the_files_of_a_10x_folder_stand_for_the_folder(tmp_path):
    folder = tmp_path / "sample"
    counts = np.random.default_rng(1).poisson(0.8, (40, 5))
    counts[:, 0] += 1
    write_10x(folder, counts)
    rows = [f"AAAC{i}-1,{'ab'[i % 2]}" for i in range(40)]
    table = write(tmp_path / "cells.csv", "\n".join(["barcode,cell_type", *rows, ""]))
    config, text = config_for(*sorted(folder.iterdir()), table)
    assert f"sample: {{url: {folder}, format: tenx, samples: cells}}" in text
    assert "it is read with the matrix.mtx beside it" in text
    assert "40 examples of 5 features" in look(tmp_path, config)


def test_a_genome_alone_and_the_summary_of_counts_are_no_data(tmp_path):
    genome = write(tmp_path / "genome.fa", f">chr1\n{bases(30_000)}\n")
    summary = "Status\ta.bam\tb.bam\nAssigned\t5\t6\nUnassigned_Unmapped\t1\t2\n"
    _, text = config_for(genome, write(tmp_path / "counts.txt.summary", summary))
    assert "it is the summary of featureCounts" in text and "genome.fa" in text
