"""Negatives drawn for positives alone: where they lie, what they are like, and what cannot be."""

import numpy as np
import pandas as pd
import pytest
from source_files import build, build_refusal, write

W = 100
BASES = np.frombuffer(b"ACGT", dtype=np.uint8)


def random_genome(rng, sizes, gaps=()):
    """Chromosomes whose GC content wanders, as that of real ones does."""
    letters = {}
    for name, size in sizes.items():
        gc = np.repeat(rng.uniform(0.3, 0.7, size // 500 + 1), 500)[:size]
        strong = rng.random(size) < gc
        codes = np.where(strong, rng.integers(1, 3, size), 3 * rng.integers(0, 2, size))
        letters[name] = BASES[codes].copy()
    for name, start, end in gaps:
        letters[name][start:end] = ord("N")
    return letters


def write_genome(path, letters):
    lines = []
    for name, sequence in letters.items():
        text = sequence.tobytes().decode()
        lines += [f">{name}", *(text[i : i + 60] for i in range(0, len(text), 60))]
    return write(path, "\n".join(lines) + "\n")


def gc_of(letters, chromosome, start, end):
    part = letters[chromosome][start:end]
    return np.isin(part, [ord("G"), ord("C")]).mean()


def rich_places(rng, letters, n, chromosomes):
    """Places of high GC content that do not overlap, n on each chromosome."""
    places = []
    for name in chromosomes:
        starts = np.arange(0, len(letters[name]) - W, 2 * W)
        gc = np.array([gc_of(letters, name, start, start + W) for start in starts])
        weights = np.exp(6 * gc)
        chosen = rng.choice(starts, n, replace=False, p=weights / weights.sum())
        places += [(name, start, start + W) for start in sorted(chosen.tolist())]
    return places


def as_bed(places):
    return "".join("\t".join(map(str, place)) + "\n" for place in places)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A genome with gaps, and places rich in GC in it."""
    folder, rng = tmp_path_factory.mktemp("peaks"), np.random.default_rng(1)
    gaps = [("chr1", 50_000, 60_000), ("chr2", 0, 5_000), ("chr2", 30_000, 30_003)]
    letters = random_genome(rng, {"chr1": 300_000, "chr2": 200_000, "chr3": 1_000}, gaps)
    places = [
        (name, start, end)
        for name, start, end in rich_places(rng, letters, 100, ["chr1", "chr2"])
        if ord("N") not in letters[name][start:end]
    ]
    write_genome(folder / "genome.fa", letters)
    write(folder / "peaks.bed", as_bed(places))
    return folder, letters, places


def sources(folder, peaks="peaks.bed", **more):
    return {
        "peaks": {
            "url": folder / peaks,
            "format": "bed",
            "genome": "genome",
            "values": {"class": "bound"},
        },
        "genome": {"url": folder / "genome.fa", "format": "genome"},
    } | more


def settings(**negatives):
    return {
        "label": "class",
        "positive": "bound",
        "negatives": {"from": "genome", "seed": 1, **negatives},
    }


def overlapping(one, other, distance=0):
    """Pairs of places, one of each table, that share a base."""
    return [
        (a, b)
        for a in one.itertuples()
        for b in other.itertuples()
        if a.chromosome == b.chromosome
        and a.start < b.end + distance
        and b.start - distance < a.end
    ]


def split_by_label(built):
    return [built.examples[built.examples["label"] == name] for name in ("bound", "background")]


def test_windows_are_like_their_positives_and_overlap_nothing(made, tmp_path):
    folder, letters, places = made
    black = write(tmp_path / "black.bed", "1\t100000\t140000\n")
    more = {"black": {"url": black, "format": "bed"}}
    built = build(tmp_path, sources(folder, **more), blacklist="black", **settings(distance=50))
    positives, negatives = split_by_label(built)
    left_out = sum(p[0] == "chr1" and p[1] < 140_000 and p[2] > 100_000 for p in places)
    assert built.left_out == {("peaks", "they are in the blacklist"): left_out} and left_out
    assert len(negatives) == len(positives) == len(places) - left_out
    assert set(negatives["source"]) == {"negatives"}
    assert (negatives["end"] - negatives["start"] == W).all()
    pd.testing.assert_series_equal(
        positives["chromosome"].value_counts(), negatives["chromosome"].value_counts()
    )
    all_peaks = pd.DataFrame(places, columns=["chromosome", "start", "end"])
    assert not overlapping(negatives, all_peaks, distance=50)
    black = pd.DataFrame([("chr1", 100_000, 140_000)], columns=all_peaks.columns)
    assert not overlapping(negatives, black)
    assert (
        not negatives.sort_values(["chromosome", "start"])
        .groupby("chromosome")
        .apply(
            lambda one: (one["start"].to_numpy()[1:] < one["end"].to_numpy()[:-1]).any(),
            include_groups=False,
        )
        .any()
    )
    assert (negatives["n_share"] <= 0.03).all()
    found = built.facts["negatives"]["properties"]["gc"]
    assert abs(found["after"]["mean"] - found["positives"]["mean"]) <= 0.01
    assert found["after"]["distance"] <= 0.02 < found["before"]["distance"]
    gc = [gc_of(letters, row.chromosome, row.start, row.end) for row in negatives.itertuples()]
    assert np.mean(gc) == pytest.approx(found["after"]["mean"], abs=1e-4)


def test_the_seed_alone_decides(made, tmp_path):
    folder, *_ = made
    drawn = []
    for number, seed in enumerate((1, 1, 2)):
        at = tmp_path / str(number)
        at.mkdir()
        built = build(at, sources(folder), **settings(seed=seed))
        drawn.append(split_by_label(built)[1]["start"].tolist())
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_ratio_that_the_genome_cannot_give(made, tmp_path):
    folder, *_ = made
    message = build_refusal(tmp_path, sources(folder), **settings(ratio=30, match=["chromosome"]))
    assert "data.negatives.ratio: is 30, so that 200 positives need 6,000 negatives" in message
    assert "free windows, each on the chromosome of its positive. Set `ratio: " in message
    largest = float(message.split("Set `ratio: ")[1].split("`")[0])
    assert 5 < largest < 30
    built = build(tmp_path, sources(folder), **settings(ratio=largest, match=["chromosome"]))
    assert built.facts["negatives"]["drawn"] >= 0.95 * built.facts["negatives"]["wanted"]


def test_windows_as_rich_as_the_positives_may_be_too_few(made, tmp_path):
    folder, *_ = made
    message = build_refusal(tmp_path, sources(folder), **settings(ratio=18))
    assert "alike in gc" in message and "take `gc` or `chromosome` out of `match`" in message
    largest = float(message.split("Set `ratio: ")[1].split("`")[0])
    built = build(tmp_path, sources(folder), **settings(ratio=largest))
    counts = built.facts["negatives"]
    assert counts["drawn"] >= 0.95 * counts["wanted"]
    if counts["drawn"] < counts["wanted"]:
        lacking = counts["wanted"] - counts["drawn"]
        assert any(f"{lacking:,} of " in note for note in built.facts["notes"])


def test_other_peaks(made, tmp_path):
    folder, letters, places = made
    starts = {name: range(0, len(letters[name]) - 140, 260) for name in letters}
    others = [(name, start, start + 140) for name in starts for start in starts[name]]
    write(tmp_path / "all.bed", as_bed(others + places))
    more = {"all": {"url": tmp_path / "all.bed", "format": "bed"}}
    given = settings(**{"from": "other_peaks", "peaks": "all"})
    built = build(tmp_path, sources(folder, **more), **given)
    positives, negatives = split_by_label(built)
    assert built.facts["sources"]["negatives"] == len(negatives) >= 0.95 * len(positives)
    middles = {(name, start + 20) for name, start, _ in others}
    assert set(zip(negatives["chromosome"], negatives["start"], strict=True)) <= middles
    assert not overlapping(negatives, pd.DataFrame(places, columns=["chromosome", "start", "end"]))


def test_what_is_no_positive_is_refused(made, tmp_path):
    folder, *_ = made
    write(tmp_path / "more.bed", "chr3\t0\t100\n")
    more = {
        "more": {
            "url": tmp_path / "more.bed",
            "format": "bed",
            "genome": "genome",
            "values": {"class": "open"},
        }
    }
    message = build_refusal(tmp_path, sources(folder, **more), **settings())
    assert "data.negatives: the sources hold 'open' already" in message
    assert "`values: {class: bound}`" in message


def test_one_class_alone_names_the_remedy(made, tmp_path):
    folder, *_ = made
    message = build_refusal(tmp_path, sources(folder), label="class", positive="bound")
    assert (
        "there is one class only, bound (200). Give examples of other classes, or have them "
        "drawn: `data: {negatives: {from: genome}}`" in message
    )


def test_negatives_may_match_repeats_and_come_from_any_chromosome(tmp_path):
    rng = np.random.default_rng(3)
    letters = random_genome(rng, {"chr1": 60_000, "chr2": 200_000})
    for sequence in letters.values():
        for start in rng.integers(0, len(sequence) - 400, len(sequence) // 800):
            sequence[start : start + 300] |= 32
    places = rich_places(rng, letters, 60, ["chr1"])
    write_genome(tmp_path / "genome.fa", {n: s for n, s in letters.items()})
    write(tmp_path / "peaks.bed", as_bed(places))
    given = settings(match=["gc", "repeats"], ratio=1.5)
    built = build(tmp_path, sources(tmp_path), **given)
    _, negatives = split_by_label(built)
    assert len(negatives) == 90 and set(negatives["chromosome"]) == {"chr1", "chr2"}
    found = built.facts["negatives"]["properties"]["repeats"]
    assert abs(found["after"]["mean"] - found["positives"]["mean"]) < 0.03


DINUCLEOTIDE = {"from": "dinucleotide_shuffle", "seed": 1}


def pairs_of(row):
    return np.unique(16 * row[:-1].astype(int) + row[1:], return_counts=True)


def test_shuffles_keep_every_dinucleotide_and_their_positives_group(made, tmp_path):
    folder, *_ = made
    built = build(
        tmp_path,
        sources(folder),
        label="class",
        positive="bound",
        group="drawn_from",
        negatives=DINUCLEOTIDE,
    )
    is_positive = (built.examples["label"] == "bound").to_numpy()
    positives, negatives = built.examples[is_positive], built.examples[~is_positive]
    assert positives["group"].tolist() == positives["id"].tolist() == negatives["group"].tolist()
    assert negatives["chromosome"].tolist() == positives["chromosome"].tolist()
    assert negatives["start"].isna().all()
    of_positive, of_negative = built.features[is_positive], built.features[~is_positive]
    assert (of_positive != of_negative).any(axis=1).all()
    for one, other in zip(of_positive, of_negative, strict=True):
        assert all(map(np.array_equal, pairs_of(one), pairs_of(other)))


def test_shuffles_of_fasta_with_ambiguous_letters_and_those_that_cannot_be(tmp_path):
    rng = np.random.default_rng(2)
    lines = []
    for number in range(60):
        letters = BASES[rng.integers(0, 4, 50 + number)].tobytes().decode()
        lines.append(f">s{number}\n{letters[:20]}NNR{letters[23:30].lower()}{letters[30:]}")
    lines.append(">poly\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    path = write(tmp_path / "a.fa", "\n".join(lines) + "\n")
    built = build(
        tmp_path,
        {"a": {"url": path, "format": "fasta", "values": {"class": "bound"}}},
        label="class",
        positive="bound",
        group="drawn_from",
        negatives=DINUCLEOTIDE,
        length={"policy": "pad"},
    )
    positives, negatives = split_by_label(built)
    assert len(positives) == 61 and len(negatives) == 60
    lengths = positives.set_index("id")[["raw_length", "n_share", "lower_share"]]
    pd.testing.assert_frame_equal(
        negatives.set_index("group")[lengths.columns].rename_axis("id"), lengths.drop("poly")
    )
    assert any("1 of 61 negatives could not be drawn" in note for note in built.facts["notes"])
