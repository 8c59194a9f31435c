"""Simulated data hold what their parameters say, and nothing else."""

import gzip
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from deeprules.encoding import reverse_complement_letters
from deeprules.errors import InputError
from deeprules.files import file_sha256, read_json
from deeprules.simulate.planted_motifs import motif_matrix
from deeprules.simulate.simulation import simulate, write_gzipped
from deeprules_workflow.schema import complete, load_schema

ROOT = Path(__file__).parents[2]


def source(kind, **parameters):
    """The complete entry of a simulated source."""
    schema = load_schema("config")
    sources = schema["properties"]["data"]["properties"]["sources"]
    entry = {"format": "table", "simulate": {"kind": kind, **parameters}}
    return complete(entry, sources["additionalProperties"], schema)


def sequences(run_seed=1, **parameters):
    return simulate(source("sequences", **{"n": 400, **parameters})["simulate"], run_seed)


def expression(run_seed=1, **parameters):
    return simulate(source("expression", **{"n": 400, **parameters})["simulate"], run_seed)


def planted(table):
    """One row a planted motif: row, motif (from 1), start, strand."""
    sites = table["planted"].str.split(";").explode()
    columns = sites[sites != ""].str.split(":", expand=True)
    columns.columns = ["motif", "start", "strand"]
    return columns.astype({"motif": int, "start": int}).rename_axis("row").reset_index()


def gaps(table, motif_length=8):
    """Bases from motif 1 to motif 2 on their strand; NaN where they lie on different strands."""
    sites = planted(table).pivot(index="row", columns="motif")
    first, second = sites["start"][1], sites["start"][2]
    forward = second - first - motif_length
    backward = first - second - motif_length
    same = sites["strand"][1] == sites["strand"][2]
    return forward.where(sites["strand"][1] == "+", backward).where(same)


def gc_content(table):
    return table["sequence"].str.count("[GC]") / table["sequence"].str.len()


def standardised_difference(values, positive):
    """Difference of the class means in standard deviations, for each column."""
    difference = values[positive].mean() - values[~positive].mean()
    return difference / values.std()


@pytest.mark.parametrize("bits", [0.3, 1.0, 1.6, 2.0])
def test_motif_has_the_information_content_asked_for(bits):
    matrix = motif_matrix(np.array([0, 3, 2]), bits)
    entropy = -(matrix * np.log2(np.maximum(matrix, 1e-300))).sum(axis=1)
    np.testing.assert_allclose(2 - entropy, bits, atol=1e-6)
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    assert list(matrix.argmax(axis=1)) == [0, 3, 2]


def test_sequences_have_the_shape_and_the_classes_asked_for():
    table = sequences(length=60, positive_share=0.25, groups=40, gc=[0.4, 0.6])
    assert list(table) == [
        *("id", "sequence", "label", "group", "batch"),
        *("clean_label", "arrangement", "planted"),
    ]
    assert table["id"].is_unique
    assert set(table["sequence"].str.len()) == {60}
    assert set("".join(table["sequence"])) == set("ACGT")
    assert (table["label"] == "positive").sum() == 100
    assert table["group"].nunique() == 40
    assert set(table["batch"]) == {"batch_1", "batch_2"}


@pytest.mark.parametrize("make", [sequences, expression])
def test_a_seed_gives_the_same_file_byte_for_byte(make, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_gzipped(make(seed), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def test_the_seed_of_the_source_wins_over_that_of_the_run():
    pd.testing.assert_frame_equal(sequences(1, seed=7), sequences(2, seed=7))
    pd.testing.assert_frame_equal(sequences(7), sequences(2, seed=7))


def test_a_file_reads_back_as_it_was(tmp_path):
    table = sequences(n=20)
    write_gzipped(table, tmp_path / "x.tsv.gz")
    read = pd.read_csv(tmp_path / "x.tsv.gz", sep="\t", keep_default_na=False)
    assert read.equals(table.astype(read.dtypes))


def test_grammar_positives_hold_the_motifs_in_order_at_their_distance():
    table = sequences(spacing=[5, 7])
    found = gaps(table[table["clean_label"] == "positive"])
    assert set(found) == {5, 6, 7}
    strands = planted(table)["strand"].value_counts(normalize=True)
    assert 0.4 < strands["+"] < 0.6


def test_grammar_negatives_hold_one_motif_or_another_arrangement():
    table = sequences(decoys=0.5, spacing=[5, 7], length=40)
    negatives = table[table["clean_label"] == "negative"]
    kinds = negatives["arrangement"].value_counts(normalize=True)
    assert kinds["decoy"] == pytest.approx(0.5, abs=0.1)
    decoys = negatives[negatives["arrangement"] == "decoy"]
    assert not gaps(decoys).isin([5, 6, 7]).any()
    assert gaps(decoys).notna().any()
    singles = planted(negatives[negatives["arrangement"] == "single"])
    assert not singles["row"].duplicated().any()
    assert set(singles["motif"]) == {1, 2}


def test_three_motifs_make_a_longer_grammar():
    table = sequences(motifs=3, motif_length=6, spacing=[0, 4])
    positives = planted(table[table["arrangement"] == "grammar"])
    assert (positives.groupby("row").size() == 3).all()
    forward = positives[positives["strand"] == "+"].sort_values(["row", "motif"])
    steps = forward.groupby("row")["start"].diff().dropna() - 6
    assert steps.between(0, 4).all()


@pytest.mark.parametrize("truth", ["grammar", "additive"])
def test_what_is_planted_stands_in_the_sequence(truth):
    table = sequences(truth=truth, motif_information=2, decoys=1)
    sites = planted(table)
    words = [
        table["sequence"][row][start : start + 8]
        for row, start in zip(sites["row"], sites["start"], strict=True)
    ]
    sites["word"] = [
        word if strand == "+" else reverse_complement_letters(word)
        for word, strand in zip(words, sites["strand"], strict=True)
    ]
    assert (sites.groupby("motif")["word"].nunique() == 1).all()


def test_a_weak_motif_varies_as_its_matrix_says():
    table = sequences(n=2000, motif_information=1, truth="additive", motifs=1, strand="forward")
    sites = planted(table)
    words = [
        table["sequence"][row][start : start + 8]
        for row, start in zip(sites["row"], sites["start"], strict=True)
    ]
    shares = pd.DataFrame(map(list, words)).apply(lambda base: base.value_counts(normalize=True))
    expected = motif_matrix(np.zeros(1, dtype=int), 1.0).max()
    np.testing.assert_allclose(shares.max(), expected, atol=0.04)


def test_motifs_on_the_forward_strand_only():
    table = sequences(strand="forward", decoys=1)
    assert set(planted(table)["strand"]) == {"+"}
    assert gaps(table[table["clean_label"] == "positive"]).between(10, 14).all()


def test_planted_motifs_never_overlap():
    sites = planted(sequences(truth="additive", copies=15, length=80))
    steps = sites.sort_values(["row", "start"]).groupby("row")["start"].diff().dropna()
    assert steps.min() >= 8
    assert sites.groupby("row").size().max() == 10
    assert sites["start"].between(0, 72).all()


def test_additive_labels_follow_the_number_of_copies():
    table = sequences(n=4000, truth="additive", effect=1.5, copies=2, positive_share=0.3)
    copies = planted(table).groupby("row").size().reindex(table.index, fill_value=0)
    positive = table["label"] == "positive"
    assert positive.mean() == pytest.approx(0.3, abs=0.03)
    share = positive.groupby(copies).mean().loc[1:4]
    odds = np.log(share / (1 - share))
    np.testing.assert_allclose(np.diff(odds).mean(), 1.5, atol=0.3)


def test_labels_by_chance_have_nothing_to_learn():
    table = sequences(n=2000, truth="none", gc=[0.4, 0.6])
    assert (table["planted"] == "").all()
    positive = table["label"] == "positive"
    assert abs(standardised_difference(gc_content(table), positive)) < 0.15


def test_labels_by_batch_show_in_the_composition_alone():
    table = sequences(truth="batch", batch_confounding=1, gc=[0.4, 0.6])
    assert (table["planted"] == "").all()
    assert pd.crosstab(table["label"], table["batch"]).to_numpy().tolist() == [[200, 0], [0, 200]]
    assert standardised_difference(gc_content(table), table["label"] == "positive") > 1.5


@pytest.mark.parametrize("make", [sequences, expression])
@pytest.mark.parametrize("confounding", [0, 0.6])
def test_confounding_ties_batch_to_class(make, confounding):
    batches = {"gc": [0.5, 0.5]} if make is sequences else {"batches": 2, "genes": 5, "planted": 2}
    table = make(n=4000, batch_confounding=confounding, **batches)
    agree = (table["label"] == "positive") == (table["batch"] == "batch_2")
    assert agree.mean() == pytest.approx(0.5 + confounding / 2, abs=0.03)


def test_batches_differ_in_gc_content():
    table = sequences(gc=[0.3, 0.5, 0.7], truth="none")
    means = gc_content(table).groupby(table["batch"]).mean()
    np.testing.assert_allclose(means, [0.3, 0.5, 0.7], atol=0.02)


@pytest.mark.parametrize("make", [sequences, expression])
def test_label_noise_turns_its_share_of_labels(make):
    clean, noisy = make(label_noise=0), make(label_noise=0.2)
    turned = (noisy["label"] != clean["label"]).mean()
    assert turned == pytest.approx(0.2, abs=0.06)


def test_members_of_a_family_are_alike_and_families_mix_classes():
    table = sequences(groups=40, divergence=0.2, truth="none")
    assert table["group"].value_counts().between(10, 10).all()
    assert (table.groupby("group")["label"].nunique() == 2).mean() > 0.9
    letters = np.array([list(sequence) for sequence in table["sequence"]])
    first, second = letters[table["group"] == "family_0001"][:2]
    stranger = letters[table["group"] == "family_0002"][0]
    # Both copies keep a base with probability 0.64; else it agrees by chance (1 in 4).
    assert (first == second).mean() == pytest.approx(0.73, abs=0.12)
    assert (first == stranger).mean() == pytest.approx(0.25, abs=0.12)


def test_without_groups_every_sequence_is_its_own():
    assert sequences(groups=None)["group"].is_unique


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"motifs": 1}, "needs two or more `motifs`"),
        ({"spacing": [9, 3]}, r"must be \[smallest, largest\]"),
        ({"length": 20}, "take 30 bases but `length` is 20"),
        ({"truth": "additive", "length": 10, "motif_length": 12}, "is more than `length` 10"),
        ({"truth": "batch"}, "needs `batch_confounding` above 0"),
        ({"truth": "batch", "batch_confounding": 0.5}, "and two values of `gc`"),
        ({"truth": "none", "batch_confounding": 0.5}, "excludes `batch_confounding`"),
    ],
)
def test_contradictory_parameters_of_sequences_are_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        sequences(**parameters)


def test_expression_has_the_shape_asked_for():
    table = expression(genes=30, donors=50, batches=3)
    assert list(table)[:5] == ["id", "label", "group", "batch", "gene_0001"]
    assert table.shape == (400, 34)
    counts = table.filter(like="gene_")
    assert (counts.dtypes == np.int64).all()
    assert counts.to_numpy().min() >= 0
    assert table["group"].nunique() == 50
    assert table["batch"].nunique() == 3


def test_planted_genes_carry_the_label_and_others_do_not():
    table = expression(n=2000, genes=40, planted=10, effect=1)
    level = np.log1p(table.filter(like="gene_"))
    strength = standardised_difference(level, table["label"] == "positive").abs()
    assert strength[:10].min() > 0.3
    assert strength[10:].max() < 0.2


def test_pairs_of_genes_carry_the_label_only_together():
    table = expression(n=2000, genes=20, planted=8, nonlinear=1, effect=1.5)
    level = np.log1p(table.filter(like="gene_"))
    centred = level - level.mean()
    positive = table["label"] == "positive"
    assert standardised_difference(centred, positive).abs().max() < 0.2
    products = centred.iloc[:, :4].to_numpy() * centred.iloc[:, 4:8].to_numpy()
    assert standardised_difference(pd.DataFrame(products), positive).min() > 0.3


@pytest.mark.parametrize(("column", "name"), [("batch", "batch_shift"), ("group", "donor_effect")])
def test_batches_and_donors_shift_expression(column, name):
    def explained(shift):
        """Share of a gene's variance between batches or donors, mean over genes."""
        none = {"batch_shift": 0, "donor_effect": 0, "planted": 0}
        table = expression(**{**none, "genes": 40, "batches": 2, "donors": 20, name: shift})
        level = np.log1p(table.filter(like="gene_"))
        return (level.groupby(table[column]).transform("mean").var() / level.var()).mean()

    assert explained(0) < 0.1
    assert explained(1.5) > 0.4


def test_more_planted_genes_than_genes_are_refused():
    with pytest.raises(InputError, match=r"`planted` \(20\) is more than `genes` \(10\)"):
        expression(genes=10)


def test_script_writes_the_data_and_their_provenance(tmp_path, monkeypatch):
    entry = source("sequences", n=20, length=50) | {"licence": "CC0"}
    data, record = tmp_path / "sequences.tsv.gz", tmp_path / "record.json"
    job = SimpleNamespace(
        params=SimpleNamespace(name="demo", source=entry, seed=5),
        output=SimpleNamespace(data=str(data), provenance=str(record)),
        log=[str(tmp_path / "job.log")],
    )
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    runpy.run_path(str(ROOT / "scripts/simulate_source.py"), init_globals={"snakemake": job})
    assert len(gzip.decompress(data.read_bytes()).splitlines()) == 21
    written = read_json(record)
    assert written["source"] == "demo"
    assert written["sha256"] == file_sha256(data)
    assert written["bytes"] == data.stat().st_size
    assert written["simulated"] == {**entry["simulate"], "seed": 5}
    assert (written["version"], written["licence"]) == ("seed 5", "CC0")
    assert written["downloaded"].endswith("+00:00")
