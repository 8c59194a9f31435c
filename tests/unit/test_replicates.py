"""Repeats of one subject that no group declares."""

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset
from source_files import build, write

from deeprules.audit.audit import audit
from deeprules.audit.id_stems import stems_of
from deeprules.audit.near_copies import find_neighbours
from deeprules.audit.replicates import GAPPED, declared_in_words
from deeprules.files import write_table
from deeprules.ingest.missing_values import count_missing

POLICIES = {"duplicates": "drop", "conflicts": "drop"}


def mice(n_mice=72, each=15, p=77, noise=0.5, seed=0):
    """Rows of mice: the mouse of each row, and its features (N, P)."""
    rng = np.random.default_rng(seed)
    mouse = np.repeat(np.arange(n_mice), each)
    own = rng.normal(size=(n_mice, p))[mouse]
    return mouse, (own + noise * rng.normal(size=own.shape)).astype(np.float32)


def run(ids, features, strategy="stratified", **columns):
    n = len(ids)
    examples = pd.DataFrame({"id": ids, "label": np.where(np.arange(n) % 2, "yes", "no")})
    examples = examples.assign(**columns, canonical_hash=np.arange(n), content_hash=np.arange(n))
    facts = {"has_batch": "batch" in columns, "has_group": "group" in columns, "covariates": ()}
    dataset = make_dataset("tabular", n_features=features.shape[1], **facts)
    return audit(examples, dataset, count_missing(features), POLICIES, "file", features, strategy)


def test_repeats_of_mice_withhold_the_verdict_and_propose_their_groups():
    mouse, features = mice()
    ids = [f"M{number}_{row % 15 + 1}" for row, number in enumerate(mouse)]
    found = run(ids, features)
    (caution,) = found.summary["cautions"]
    assert caution["withholds"] and caution["tip"] == 9
    assert "72 stems" in caution["sentence"] and "'M0_1' and 'M0_2'" in caution["sentence"]
    assert found.summary["effective_sample_size"] == pytest.approx(72)
    assert found.summary["replicates"]["nearest_of_same_stem"] > 0.95
    assert found.proposed_groups["group"].nunique() == 72
    assert any("No group keeps" in w for w in found.summary["warnings"])


def test_the_proposed_groups_are_read_as_a_sample_table(tmp_path):
    ids = [f"M{mouse}_{n}" for mouse in range(6) for n in (1, 2)]
    rows = [f"{name},{number * 7 % 5}.5,{'xy'[number % 2]}" for number, name in enumerate(ids)]
    matrix = write(tmp_path / "m.csv", "\n".join(["id,g,kind", *rows, ""]))
    groups = pd.DataFrame({"id": ids, "group": stems_of(pd.Series(ids))})
    write_table(tmp_path / "groups.tsv", groups)
    sources = {
        "m": {"url": str(matrix), "format": "matrix", "metadata": ["kind"]},
        "groups": {"url": str(tmp_path / "groups.tsv"), "format": "table"},
    }
    settings = {"modality": "tabular", "label": "kind", "positive": "x"}
    built = build(tmp_path, sources, samples="groups", group="group", **settings)
    assert built.examples["group"].tolist() == groups["group"].tolist()


def test_a_declared_group_is_enough():
    mouse, features = mice()
    ids = [f"M{number}_{row % 15 + 1}" for row, number in enumerate(mouse)]
    found = run(ids, features, group=mouse.astype(str))
    assert found.summary["cautions"] == [] and found.proposed_groups.empty
    (caution,) = run(ids, features, group=np.array(ids)).summary["cautions"]
    assert caution["withholds"]


def test_ids_alone_and_rows_alone_are_a_caution():
    mouse, features = mice()
    ids = [f"M{number}_{row % 15 + 1}" for row, number in enumerate(mouse)]
    noise = np.random.default_rng(1).normal(size=features.shape).astype(np.float32)
    (by_ids,) = run(ids, noise).summary["cautions"]
    (by_rows,) = run([f"s{row}" for row in range(len(mouse))], features).summary["cautions"]
    assert not by_ids["withholds"] and "72 stems" in by_ids["sentence"]
    assert not by_rows["withholds"] and "small sets of near copies" in by_rows["sentence"]
    assert run([f"s{row}" for row in range(len(mouse))], noise).summary["cautions"] == []


def test_what_a_split_keeps_together_is_not_told():
    mouse, features = mice()
    ids = [f"M{number}_{row % 15 + 1}" for row, number in enumerate(mouse)]
    plates = np.array([f"plate{number % 6}" for number in mouse])
    assert run(ids, features, "batch", batch=plates).summary["cautions"] == []
    assert run(ids, features, "stratified", batch=plates).summary["cautions"][0]["withholds"]
    parts = np.array(["train", "tune", "test"])[mouse % 3]
    assert not any(
        c["withholds"]
        for c in run(ids, features, "predefined", partition=parts).summary["cautions"]
    )


NUMBERED = {
    "_1": [f"M{m}_{i}" for m in range(20) for i in range(1, 16)],
    ".rep1": [f"D{m}.rep{i}" for m in range(20) for i in (1, 2)],
    "rep1": [f"sampleA{m}rep{i}" for m in range(20) for i in (1, 2)],
    "_R2": [f"s{m}_R{i}" for m in range(20) for i in (1, 2)],
    "-1": [f"case{m}-{i}" for m in range(20) for i in (1, 2, 3)],
    "a": [f"p{m}{i}" for m in range(20) for i in "ab"],
    "first": [f"rep{i}_p{m}" for m in range(20) for i in (1, 2)],
    "some once": [f"D{m}_{i}" for m in range(20) for i in range(1, 2 + m % 4)],
    "(1)": [f"mouse {m} ({i})" for m in range(20) for i in (1, 2, 3)],
    "made unique": [f"S{m}{i}" for m in range(20) for i in ("", ".1", ".2")],
    "copies": [f"S{m}{i}" for m in range(20) for i in ("", "_dup")],
    "days": [f"M{m}_d{i}" for m in range(20) for i in (0, 7, 14)],
    "hours": [f"M{m}_{i}h" for m in range(20) for i in (0, 6, 24)],
    "visits": [f"{m:03d}V{i}" for m in range(20) for i in (2, 4, 6)],
    "before and after": [f"P{m}_{i}" for m in range(20) for i in ("pre", "post")],
    "tumour and normal": [f"P{m:03d}{i}" for m in range(20) for i in "TN"],
    "barcodes of TCGA": [f"TCGA-A2-{m + 999}-{i}A-11R" for m in range(20) for i in ("01", "11")],
    "tissues": [
        f"D{m}.{i}" for m in range(20) for i in ("liver", "heart", "lung") if (m + ord(i[2])) % 4
    ],
}


def test_some_of_many_ids_tell_whether_any_has_a_mark():
    n = 30_000
    half = [f"S{row // 2}{'_2' if row % 2 else ''}" for row in range(n)]
    assert stems_of(pd.Series(half)).tolist() == [f"S{row // 2}" for row in range(n)]
    assert stems_of(pd.Series([f"peak{row}" for row in range(n)])) is None


@pytest.mark.parametrize("ids", NUMBERED.values(), ids=NUMBERED)
def test_ids_that_number_repeats(ids):
    stems = stems_of(pd.Series(ids))
    assert len(set(stems)) == 20 and not any(str(stem).endswith(("_", "-")) for stem in stems)


PLAIN = {
    "running numbers": [f"sample_{m}" for m in range(100)],
    "numbers": [str(m) for m in range(100)],
    "windows": [f"chr{c}_{m}" for c in range(1, 9) for m in range(30)],
    "places": [f"{c}:{m * 977}" for c in "ABCD" for m in range(1, 100)],
    "classes": [f"{kind}_{m}" for kind in ("pos", "neg") for m in range(30)],
    "barcodes": [f"ACG{m:x}TT-1" for m in range(100)],
    "wells": [f"plate1_{row}{column}" for row in "ABCDEFGH" for column in range(1, 13)],
    "sites": [f"{site}-{m:04d}" for site in ("BER", "LON", "PAR") for m in range(1, 21)],
    "arms": [f"{arm}_{m}" for arm in ("control", "low", "high") for m in range(1, 31)],
    "numbers in arms": [f"{m}_{arm}" for arm in ("control", "low", "high") for m in range(1, 31)],
    "peaks": [f"library{n}_peak_{m}" for n in range(4) for m in range(1, 100)],
    "wells of plates": [
        f"P{n}_{row}{m:02d}" for n in (1, 2, 3) for row in "ABC" for m in range(12)
    ],
    "one sample each": [f"TCGA-A2-{m + 999}-01A-11R" for m in range(40)],
    "accessions": [f"{'ABC'[m % 3]}{'aeiou'[m % 5]}{m:x}-{m % 3}" for m in range(60)],
    "cells of donors": [f"D{m % 8}_{m * 7919 % 65536:016b}" for m in range(200)],
    "patients": [f"TCGA-{site}-{1000 + m}" for site in ("02", "05", "06") for m in range(30)],
}


@pytest.mark.parametrize("ids", PLAIN.values(), ids=PLAIN)
def test_ids_that_number_no_repeats(ids):
    assert stems_of(pd.Series(ids)) is None


def independent(kind, n, p, rng):
    """Rows without repeats: plain, correlated, in clusters, skewed, counts, with outliers."""
    plain = rng.normal(size=(n, p))
    match kind:
        case "correlated":
            return rng.normal(size=(n, 4)) @ rng.normal(size=(4, p)) + 0.3 * plain
        case "clusters":
            return 3 * rng.normal(size=(5, p))[rng.integers(0, 5, n)] + plain
        case "skewed":
            return np.exp(plain)
        case "counts":
            depth = rng.lognormal(0, 0.4, (n, 1))
            return np.log1p(rng.poisson(np.exp(1.5 * rng.normal(size=p)) * depth))
        case "outliers":
            return rng.standard_t(2, size=(n, p))
    return plain


KINDS = ("plain", "correlated", "clusters", "skewed", "counts", "outliers")


@pytest.mark.parametrize("kind", KINDS)
def test_independent_rows_are_not_called_near_copies(kind):
    rng = np.random.default_rng(7)
    shares = [
        find_neighbours(independent(kind, n, p, rng).astype(np.float32), np.arange(n)).gapped
        for n in (80, 300, 1200)
        for p in (10, 100, 600)
        for _ in range(3)
    ]
    assert max(shares) < GAPPED / 2


@pytest.mark.parametrize("each", [2, 3, 15])
def test_near_copies_are_found(each):
    mouse, features = mice(600 // each, each, 77, 0.4)
    order = np.random.default_rng(1).permutation(len(mouse))
    assert find_neighbours(features[order], np.arange(len(mouse))).gapped > 2 * GAPPED


def test_large_matrices_are_looked_at_in_blocks_of_rows(monkeypatch):
    monkeypatch.setattr("deeprules.audit.near_copies.REFERENCES", 600)
    _, features = mice(200, 10)
    found = find_neighbours(features, np.arange(2000))
    assert found.gapped > 2 * GAPPED and found.rows.max() > 600


LOOSE = {"n_groups": None, "n_kept": 9}
"""An audit of examples without groups."""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        *[("Three replicates per mouse", True), ("Two technical replicates of each donor.", True)],
        *[("Three independent replicates per mouse", True), ("No. of replicates: 3", True)],
        *[("none", False), ("None declared; exact copies are dropped.", False), ("n/a", False)],
        *[("Cells are independent; the plate is a batch.", False), ("No replicates", False)],
        *[("not applicable", False), ("--", False)],
    ],
)
def test_replicates_in_words_need_a_column(words, told):
    study = {"replicates": words}
    alone = {"n_groups": 9, "n_kept": 9}
    assert declared_in_words(study, alone, "stratified") == declared_in_words(
        study, LOOSE, "stratified"
    )
    assert bool(declared_in_words(study, LOOSE, "stratified")) == told
    assert declared_in_words(study, {"n_groups": 3, "n_kept": 9}, "stratified") == []
    assert declared_in_words(study, LOOSE, "batch") == []
