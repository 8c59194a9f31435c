"""Effects of variants: how they are read, checked, cut, scored and written."""

import gzip
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pysam
import pytest
from finished import finish, table_of
from source_files import fill_in

from deeprules.encoding import decode, encode, reverse_complement
from deeprules.errors import InputError
from deeprules.predict.annotated_vcf import write_annotated
from deeprules.predict.effects import effect_rows, effects, score_variants
from deeprules.predict.loading import load_models
from deeprules.predict.new_variants import read_new_variants
from deeprules.predict.packed import PackedModel
from deeprules.predict.packing import pack_model

HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=2000>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""
MOTIF = "TATAATGC"
"""What the positive class of the run holds."""


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    """A genome with a motif at 301 (from 1) of chr1, and its file."""
    rng = np.random.default_rng(11)
    made = {
        name: "".join(rng.choice(list("ACGT"), n))
        for name, n in {"chr1": 2000, "chr2": 700}.items()
    }
    made["chr1"] = made["chr1"][:300] + MOTIF + made["chr1"][308:]
    path = tmp_path_factory.mktemp("genome") / "genome.fa"
    text = "".join(
        f">{name}\n" + "\n".join(one[at : at + 60] for at in range(0, len(one), 60)) + "\n"
        for name, one in made.items()
    )
    path.write_text(text.lower())
    return made, path


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A packed model of sequences of 60 bases, with a training example at chr1:100-200."""
    folder = tmp_path_factory.mktemp("packed")
    place = {"chromosome": "1", "start": 100, "end": 200}
    pack_model(finish(folder / "run", **place), folder / "model")
    return PackedModel.open(folder / "model")


def other(base):
    return {"A": "C", "C": "A", "G": "T", "T": "G"}[base]


def line(genome, chromosome, position, alt=None, n=1, name="."):
    """A line of a VCF file of the variant at a position (from 1)."""
    ref = genome[chromosome][position - 1 : position - 1 + n]
    return f"{chromosome}\t{position}\t{name}\t{ref}\t{alt or other(ref[0])}\t.\t.\t.\n"


def read(packed, folder, text, genome_path, format="vcf", name="new.vcf", regions=None, **settings):
    """Read variants; the paths of what was written, and the summary."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    names = ("variants.parquet", "windows.codes", "shuffled.codes", "excluded.tsv", "read.json")
    keys = ("variants", "windows", "shuffled", "excluded", "summary")
    outputs = SimpleNamespace(**dict(zip(keys, (folder / one for one in names), strict=True)))
    source = {"format": format, "genome": "hg", "shuffled": 50, **settings}
    settings = fill_in(sources={"new": source})["sources"]["new"]
    summary = read_new_variants(packed, settings, path, genome_path, outputs, 1, regions)
    outputs.read = outputs.summary
    return outputs, summary, path


def windows_of(outputs, width=60):
    return np.fromfile(outputs.windows, np.uint8).reshape(-1, 2, width)


def test_each_allele_stands_in_the_middle_of_its_window(packed, genome, tmp_path):
    made, path = genome
    chromosome, at = made["chr1"], 500
    base = chromosome[at - 1]
    text = HEADER + line(made, "chr1", at) + line(made, "chr1", at, base + "GGG")
    text += line(made, "chr1", at, base, n=5) + line(made, "chr1", at, f"{other(base)},{base}T")
    outputs, summary, _ = read(packed, tmp_path, text, path)
    found = [[decode(one) for one in pair] for pair in windows_of(outputs)]
    assert found[0][0] == chromosome[at - 30 : at + 30]
    assert found[0][1] == chromosome[at - 30 : at - 1] + other(base) + chromosome[at : at + 30]
    assert found[1][1] == chromosome[at - 29 : at - 1] + base + "GGG" + chromosome[at : at + 28]
    assert found[2][0] == chromosome[at - 28 : at + 32]
    assert found[2][1] == chromosome[at - 30 : at] + chromosome[at + 4 : at + 34]
    table = pd.read_parquet(outputs.variants)
    assert table["allele"].tolist() == [1, 1, 1, 1, 2] and summary["n"] == 5
    assert table["row"].tolist() == [4, 5, 6, 7, 7]


def regions(folder, text):
    """Settings and file of intervals, as `read` passes them on."""
    path = folder / "regions.bed"
    path.write_text(text)
    settings = fill_in(sources={"r": {"format": "bed", "genome": "hg"}})["sources"]["r"]
    return settings, path


def test_a_variant_in_a_region_stands_where_its_window_has_it(packed, genome, tmp_path):
    made, path = genome
    chromosome, base = made["chr1"], made["chr1"][499]
    # Windows of 60 bases around 510 and 470 (from 0); the second variant is nearer to the latter.
    intervals = regions(tmp_path, "chr1\t500\t520\nchr1\t460\t480\nchr2\t0\t60\n")
    text = HEADER + line(made, "chr1", 500) + line(made, "chr1", 485)
    text += line(made, "chr1", 500, base + "GG") + line(made, "chr1", 500, base, n=5)
    text += line(made, "chr1", 481, n=60, alt=chromosome[480]) + line(made, "chr1", 900)
    outputs, summary, _ = read(packed, tmp_path, text, path, regions=intervals)
    found = [[decode(one) for one in pair] for pair in windows_of(outputs)]
    assert found[0] == [
        chromosome[480:540],
        chromosome[480:499] + other(base) + chromosome[500:540],
    ]
    assert found[1][0] == chromosome[440:500]
    assert found[2][1] == chromosome[480:499] + base + "GG" + chromosome[500:538]
    assert found[3][0] == chromosome[480:540]
    assert found[3][1] == chromosome[478:499] + base + chromosome[504:542]
    assert found[4][0] == chromosome[480:540] and found[5][0] == chromosome[870:930]
    assert pd.read_parquet(outputs.variants)["in_region"].tolist() == [True] * 5 + [False]
    table = score(packed, outputs, tmp_path)
    assert table["in_region"].tolist() == [True] * 5 + [False] and summary["in_region"] == 5
    said = json.loads((tmp_path / "effects.json").read_text())["header"]
    assert any("5 of 6 variants lie in a region" in one for one in said)


def test_a_region_holds_its_first_and_its_last_base(packed, genome, tmp_path):
    made, path = genome
    intervals = regions(tmp_path, "chr1\t500\t560\n")
    places = {500: False, 501: True, 560: True, 561: False}
    text = HEADER + "".join(line(made, "chr1", at) for at in places)
    deleted = {555: True, 558: False}  # of 4 bases: all of it must lie in the window
    text += "".join(line(made, "chr1", at, made["chr1"][at - 1], n=4) for at in deleted)
    outputs, *_ = read(packed, tmp_path, text, path, regions=intervals)
    table = pd.read_parquet(outputs.variants)
    assert table["in_region"].tolist() == [*places.values(), *deleted.values()]
    found = [decode(windows[0]) for windows in windows_of(outputs)]
    assert found[1] == found[2] == found[4] == made["chr1"][500:560]
    assert decode(windows_of(outputs)[2][1]) == made["chr1"][500:559] + other(made["chr1"][559])


def test_windows_around_variants_are_said_to_be_none_that_the_model_knows(packed, genome, tmp_path):
    made, path = genome
    outputs, *_ = read(packed, tmp_path, HEADER + line(made, "chr1", 500), path)
    assert "in_region" not in score(packed, outputs, tmp_path)
    said = json.loads((tmp_path / "effects.json").read_text())["header"]
    assert sum("windows around the midpoint of intervals" in one for one in said) == 1


def test_a_region_that_is_none_is_refused_by_its_line(packed, genome, tmp_path):
    made, path = genome
    intervals = regions(tmp_path, "chr1\t500\t520\nchr9\t0\t60\n")
    with pytest.raises(InputError, match=r"row 2.*'chr9' is not in the genome"):
        read(packed, tmp_path, HEADER + line(made, "chr1", 500), path, regions=intervals)


def test_swapping_alleles_negates_and_no_change_is_zero(packed):
    rng = np.random.default_rng(2)
    windows = 2 ** rng.integers(4, size=(20, 2, 60)).astype(np.uint8)
    model = next(iter(load_models(packed).values()))
    forward = effects(packed.dataset, model, windows)
    np.testing.assert_allclose(
        effects(packed.dataset, model, windows[:, ::-1]), -forward, atol=1e-6
    )
    same = np.repeat(windows[:, :1], 2, axis=1)
    assert (effects(packed.dataset, model, same) == 0).all()
    turned = effects(packed.dataset, model, reverse_complement(windows))
    np.testing.assert_allclose(turned[::-1], forward, atol=1e-6)


def test_the_effect_is_the_difference_of_the_log_odds(packed):
    windows = np.stack(encode(["ACGT" * 15, "A" * 60]))[None]
    models = load_models(packed)
    odds = []
    for model in models.values():
        p = [model.predict(windows[:, place], None)[0, 1] for place in (0, 1)]
        odds.append(np.log(p[1] / (1 - p[1])) - np.log(p[0] / (1 - p[0])))
    found = effect_rows(packed, models, windows)
    assert found["effect_forward"][0] == pytest.approx(np.mean(odds), abs=1e-6)
    mean = (found["effect_forward"] + found["effect_reverse"]) / 2
    assert found["effect"][0] == pytest.approx(mean[0], abs=1e-9)


def test_a_motif_breaking_variant_stands_out(packed, genome, tmp_path):
    made, path = genome
    rng = np.random.default_rng(3)
    places = [at for at in rng.choice(np.arange(40, 1900), 400, False) if not 270 < at < 340]
    text = HEADER + "".join(line(made, "chr1", int(at)) for at in sorted({*places, 303}))
    outputs, *_ = read(packed, tmp_path, text, path, shuffled=500)
    table = score(packed, outputs, tmp_path)
    rank = table["effect"].abs().rank(ascending=False)[table["position"] == 303].iloc[0]
    assert rank <= 0.01 * len(table) + 1
    assert table.loc[table["position"] == 303, "effect"].iloc[0] < 0
    p = table["p_value"][table["position"] != 303]
    assert table.loc[table["position"] == 303, "p_value"].iloc[0] < 0.01
    assert 0.05 < (p < 0.1).mean() < 0.2 and (p < 0.01).mean() < 0.03


def test_where_motifs_are_dense_breaking_one_is_significant_still(packed, genome, tmp_path):
    made, _ = genome
    dense = (MOTIF + "C") * 20
    text = "".join(f">{name}\n{one}\n" for name, one in {"chr1": made["chr1"], "m": dense}.items())
    (tmp_path / "dense.fa").write_text(text)
    lines = "".join(line({"m": dense}, "m", at) for at in range(40, 140))
    outputs, *_ = read(packed, tmp_path, HEADER + lines, tmp_path / "dense.fa", shuffled=500)
    found = score(packed, outputs, tmp_path)
    strongest = found.sort_values("effect").head(10)
    assert (strongest["p_value"] < 0.01).all()


def test_a_shuffled_variant_keeps_its_change_and_what_stands_beside_it(packed, genome, tmp_path):
    made, path = genome
    text = HEADER + line(made, "chr1", 500) + line(made, "chr1", 600, n=4, alt=made["chr1"][599])
    outputs, summary, _ = read(packed, tmp_path, text, path, shuffled=6)
    own = windows_of(outputs)
    shuffled = np.fromfile(outputs.shuffled, np.uint8).reshape(-1, 2, 60)
    assert summary["changes_length"] == [False, True] * 3
    for number, (reference, alternative) in enumerate(shuffled):
        middle = slice(28, 31) if number % 2 == 0 else slice(27, 33)
        given = own[number % 2, 0]
        assert (reference[middle] == given[middle]).all() and (reference != given).any()
        if number % 2 == 0:
            assert sorted(reference) == sorted(given)
            assert np.flatnonzero(reference != alternative).tolist() == [29]
    assert len(np.unique(shuffled[:, 0], axis=0)) == 6


def score(packed, outputs, folder):
    names = {"effects": "effects.tsv", "parquet": "effects.parquet", "summary": "effects.json"}
    written = SimpleNamespace(**{key: folder / name for key, name in names.items()})
    score_variants(packed, load_models(packed), outputs, written)
    return table_of(written.effects)


def test_what_cannot_be_scored_is_counted_and_listed(packed, genome, tmp_path):
    made, path = genome
    fine = "".join(line(made, "chr1", at) for at in range(100, 1100))
    text = HEADER + fine + line(made, "chr1", 5) + line(made, "chr1", 1990)
    text += line(made, "chr1", 600, "<DEL>") + line(made, "chr1", 601, "*")
    text += (
        "chr1\t700\tbad\t"
        + other(made["chr1"][699])
        + "\tN\t.\t.\t.\n".replace("N", made["chr1"][699])
    )
    text += "chr9\t5\twhere\tA\tC\t.\t.\t.\nchr1\t0\ttelomere\tA\tC\t.\t.\t.\n"
    outputs, summary, _ = read(packed, tmp_path, text, path)
    assert summary["n"] == 1000 and summary["looked_at"] == 1007
    excluded = pd.read_csv(outputs.excluded, sep="\t")
    assert excluded["reason"].value_counts().to_dict() == summary["excluded"]
    assert excluded["row"].tolist() == list(range(1004, 1011))
    assert set(excluded["id"]) >= {"bad", "where", "telomere"}


def test_variants_of_another_assembly_stop_the_job(packed, genome, tmp_path):
    made, path = genome
    shifted = {name: one[1:] + "A" for name, one in made.items()}
    text = HEADER + "".join(line(shifted, "chr1", at) for at in range(100, 300))
    with pytest.raises(InputError, match=r"do not fit the genome genome.fa.*another assembly"):
        read(packed, tmp_path, text, path)
    unknown = HEADER + "".join(f"chrX\t{at}\t.\tA\tC\t.\t.\t.\n" for at in range(1, 9))
    with pytest.raises(InputError, match="8 lie on chromosomes that it does not have"):
        read(packed, tmp_path, unknown, path)
    assert not (tmp_path / "variants.parquet").exists()


def test_lower_case_is_read_and_iupac_letters_are_refused_by_their_line(packed, genome, tmp_path):
    made, path = genome
    lower = line(made, "chr1", 400).lower()
    outputs, *_ = read(packed, tmp_path, HEADER + lower, path)
    assert pd.read_parquet(outputs.variants)["ref"].iloc[0] == made["chr1"][399]
    text = (
        HEADER
        + line(made, "chr1", 400)
        + line(made, "chr1", 401, "R")
        + line(made, "chr1", 402, "N")
    )
    with pytest.raises(InputError) as caught:
        read(packed, tmp_path, text, path)
    assert "row 5" in str(caught.value) and "holds 'R'" in str(caught.value)
    assert "row 6" in str(caught.value)


@pytest.mark.parametrize("kind", ["plain", "gzip", "bgzip"])
def test_a_vcf_is_read_however_it_is_compressed(packed, genome, tmp_path, kind):
    made, path = genome
    text = HEADER + line(made, "chr1", 400) + line(made, "chr2", 350)
    if kind == "gzip":
        text = gzip.compress(text.encode())
    if kind == "bgzip":
        (tmp_path / "plain.vcf").write_text(text)
        pysam.tabix_compress(str(tmp_path / "plain.vcf"), str(tmp_path / "packed.vcf.gz"))
        text = (tmp_path / "packed.vcf.gz").read_bytes()
        with pytest.raises(InputError, match="no end block"):
            read(packed, tmp_path, text[:-28], path, name="cut.vcf.gz")
    _, summary, _ = read(packed, tmp_path, text, path, name="new.vcf.gz")
    assert summary["n"] == 2 and summary["chromosomes"] == {"chr1": 2000, "chr2": 700}
    with pytest.raises(InputError, match="first line is not"):
        read(packed, tmp_path, "chromosome,position\n", path)


def test_a_table_is_read_and_what_is_missing_is_named(packed, genome, tmp_path):
    made, path = genome
    table = pd.DataFrame(
        {
            "chromosome": "1",
            "pos": [400, 401],
            "ref": list(made["chr1"][399:401]),
            "alt": ["A", "C"],
        }
    )
    text = table.to_csv(index=False)
    with pytest.raises(InputError, match="no column position"):
        read(packed, tmp_path, text, path, "table", "new.csv")
    settings = {"columns": {"position": "pos"}}
    outputs, summary, _ = read(packed, tmp_path, text, path, "table", "new.csv", **settings)
    assert summary["n"] == 2 and pd.read_parquet(outputs.variants)["row"].tolist() == [2, 3]
    text = table.assign(id=["rs1", None]).to_csv(index=False)
    outputs, *_ = read(packed, tmp_path, text, path, "table", "new.csv", **settings)
    place = ":".join(map(str, table.loc[1, ["chromosome", "pos", "ref", "alt"]]))
    assert pd.read_parquet(outputs.variants)["id"].tolist() == ["rs1", place]
    table["alt"] = ["-", "A"]
    with pytest.raises(InputError, match="the base before it in both alleles"):
        read(packed, tmp_path, table.to_csv(index=False), path, "table", "new.csv", **settings)


def test_variants_in_training_examples_are_flagged(packed, genome, tmp_path):
    made, path = genome
    text = HEADER + "".join(line(made, "chr1", at) for at in (100, 101, 200, 201))
    outputs, *_ = read(packed, tmp_path, text, path)
    inside = pd.read_parquet(outputs.variants)["training"].notna()
    assert inside.tolist() == [False, True, True, False]


@pytest.mark.parametrize("format", ["vcf", "table"])
def test_the_annotated_vcf_holds_the_effects(packed, genome, tmp_path, format):
    made, path = genome
    first = made["chr1"][399]
    alts = [one for one in "ACGT" if one != first][:2]
    if format == "vcf":
        text = HEADER + line(made, "chr1", 150) + line(made, "chr1", 400, ",".join(alts))
        text += line(made, "chr1", 3) + line(made, "chr2", 300, "<DEL>")
        text += "".join(line(made, "chr1", at) for at in range(500, 800))
    else:
        rows = [
            ("chr1", 400, first, alts[1]),
            ("chr1", 150, made["chr1"][149], other(made["chr1"][149])),
        ]
        text = pd.DataFrame(rows, columns=["chromosome", "position", "ref", "alt"]).to_csv(
            index=False
        )
    outputs, _, vcf = read(packed, tmp_path, text, path, format, f"new.{format}")
    table = score(packed, outputs, tmp_path)
    summary = json.loads((tmp_path / "effects.json").read_text())
    target = tmp_path / "out.vcf.gz"
    source = vcf if format == "vcf" else None
    write_annotated(
        tmp_path / "effects.parquet", target, summary["header"], summary["chromosomes"], source
    )
    with pysam.VariantFile(str(target)) as file:
        assert file.header.info["DR_EFFECT"].type == "Float"
        assert "The baseline it is." in str(file.header)
        records = {(one.contig, one.pos): one for one in file}
    assert records["chr1", 150].info["DR_TRAINING"]
    assert "DR_TRAINING" not in records["chr1", 400].info
    expected = table[table["position"] == 400]["effect"].to_numpy()
    np.testing.assert_allclose(records["chr1", 400].info["DR_EFFECT"], expected, atol=1e-5)
    assert records["chr1", 400].info["DR_P"][0] <= 1
    if format == "vcf":
        assert len(records) == 304 and "DR_EFFECT" not in records["chr1", 3].info
    text = gzip.decompress(target.read_bytes()).decode()
    assert text.startswith("##fileformat=VCF")


def test_classes_that_differ_in_signs_alone_have_fields_of_their_own(genome, tmp_path):
    made, _ = genome
    (tmp_path / "new.vcf").write_text(HEADER + line(made, "chr1", 400))
    row = {"row": 4, "allele": 1, "training": None}
    names = ("CD4+", "CD4-", "CD4 +")
    for number, name in enumerate(names):
        row |= {f"effect_{name}": float(number), f"effect_{name}_sd": 0.5}
    pd.DataFrame([row]).to_parquet(tmp_path / "effects.parquet")
    target = tmp_path / "out.vcf.gz"
    write_annotated(tmp_path / "effects.parquet", target, [], {}, tmp_path / "new.vcf")
    with pysam.VariantFile(str(target)) as file:
        (record,) = file
        found = {
            one.description.rpartition(": ")[2]: record.info[name][0]
            for name, one in file.header.info.items()
            if name.startswith("DR_EFFECT")
        }
    assert found == {"CD4+": 0, "CD4-": 1, "CD4 +": 2}


def test_effects_of_another_model_do_not_stay_in_an_annotated_vcf(packed, genome, tmp_path):
    made, path = genome
    old = "".join(
        f'##INFO=<ID={name},Number=A,Type=Float,Description="old">\n'
        for name in ("DR_EFFECT", "DR_SD_bound", "DR_PASS")
    )
    head = HEADER.replace("#CHROM", f"{old}##deeprules=Model: an old one.\n#CHROM")
    lines = line(made, "chr1", 400) + line(made, "chr1", 3) + line(made, "chr1", 150)
    text = lines.replace("\t.\n", "\tDP=7;DR_EFFECT=99;DR_SD_bound=1;DR_PASS=2;DR_TRAINING\n")
    outputs, _, vcf = read(packed, tmp_path, head + text, path)
    table = score(packed, outputs, tmp_path)
    write_annotated(tmp_path / "effects.parquet", tmp_path / "out.vcf.gz", [], {"chr1": 2000}, vcf)
    with pysam.VariantFile(str(tmp_path / "out.vcf.gz")) as file:
        assert "old one" not in str(file.header) and "DR_SD_bound" not in file.header.info
        first, without, last = file
    found = [first.info["DR_EFFECT"][0], last.info["DR_EFFECT"][0]]
    np.testing.assert_allclose(found, table["effect"], atol=1e-5)
    assert set(without.info) == {"DP", "DR_PASS"} and last.info["DR_TRAINING"]
    assert "DR_TRAINING" not in first.info and first.info["DP"] is not None


def test_a_model_of_rows_sees_no_variant(genome, tmp_path):
    run = finish(tmp_path / "run", "tabular")
    pack_model(run, tmp_path / "model")
    with pytest.raises(InputError, match="takes rows of numbers"):
        read(PackedModel.open(tmp_path / "model"), tmp_path, HEADER, genome[1])
