"""Motifs, their matches and experiments with them, against what was planted."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset
from scipy.stats import false_discovery_control
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from deeprules.encoding import encode
from deeprules.fit.kmers import KmerCounts
from deeprules.interpret.agreement import describe_motif
from deeprules.interpret.discovery import (
    _with_flanks,
    find_all_motifs,
    find_motifs,
    match_motifs,
)
from deeprules.interpret.experimenting import try_motifs, try_pairs
from deeprules.interpret.explained import Explained
from deeprules.interpret.findings import finding_sentences
from deeprules.interpret.kmers import strongest_kmers
from deeprules.interpret.known_motifs import KnownMotifs
from deeprules.interpret.logos import draw_logo
from deeprules.interpret.motif import Motif, read_motifs, similarity, write_motifs
from deeprules.interpret.one_hot import BASES, one_hot
from deeprules.interpret.summary import summarise
from deeprules.interpret.tomtom import tomtom

WORDS = ("CGTTAATT", "ACTCCTCC")
LENGTH, GAP = 70, 12


def codes_of(word):
    return encode([word])[0]


def matrix_of(word):
    return one_hot(codes_of(word)[None])[0] * 0.88 + 0.03


class Planted:
    """A network that looks for both words, at full height only in order and 10 to 14 apart."""

    def __init__(self, weight=1.0):
        self.weight, self.model = weight, SimpleNamespace(name="regression")

    def predict(self, codes, examples):
        found = []
        for word in WORDS:
            windows = np.lib.stride_tricks.sliding_window_view(codes, len(word), axis=1)
            found.append((windows == codes_of(word)).all(axis=2))
        first, second = found
        together = np.zeros(len(codes))
        for gap in range(10, 15):
            shift = len(WORDS[0]) + gap
            together += (first[:, :-shift] & second[:, shift:]).any(axis=1)
        return self.weight * (first.any(axis=1) + second.any(axis=1) + 2.0 * together)


@pytest.fixture(scope="module")
def planted():
    """Sequences with both words, and the scores that a good network gives their bases."""
    rng = np.random.default_rng(3)
    codes = BASES[rng.integers(4, size=(120, LENGTH))]
    scores = rng.normal(0, 0.02, (3, 120, LENGTH, 4)).astype(np.float32)
    for row, start in enumerate(rng.integers(0, LENGTH - 16 - GAP, size=120)):
        for word, place in zip(WORDS, (start, start + len(WORDS[0]) + GAP), strict=True):
            span = slice(place, place + len(word))
            codes[row, span] = codes_of(word)
            scores[:, row, span] += matrix_of(word) - 0.25
    examples = pd.DataFrame({"id": [f"s{row}" for row in range(120)], "partition": "tune"})
    return Explained(codes, examples, np.zeros(120, dtype=np.int64)), scores


@pytest.fixture(scope="module")
def motifs(planted, tmp_path_factory):
    explained, scores = planted
    rng = np.random.default_rng(4)
    null = rng.normal(0, 0.02, scores.shape[1:]).astype(np.float32)
    found, null_motifs = find_all_motifs(explained.codes, scores, null)
    path = tmp_path_factory.mktemp("motifs") / "motifs.json"
    write_motifs(path, found, null_motifs, {"name": "made"})
    return read_motifs(path)[:2]


def test_planted_motifs_are_found_where_they_stand(motifs, planted):
    found, _ = motifs
    explained, _ = planted
    for word in WORDS:
        motif = max(found, key=lambda one: similarity(one.matrix, matrix_of(word)))
        assert similarity(motif.matrix, matrix_of(word)) > 0.85
        assert motif.facts["share"] > 0.5 and motif.facts["fits_with_it"] == 3
        for site in motif.sites[:20]:
            span = explained.codes[site["row"], site["start"] : site["start"] + motif.width]
            assert similarity(one_hot(span[None])[0], motif.matrix) > 0.8


@pytest.fixture(scope="module")
def known():
    """Both words among 200 others."""
    rng = np.random.default_rng(5)
    matrices = {f"other {k}": rng.dirichlet([0.3] * 4, rng.integers(6, 14)) for k in range(200)}
    return KnownMotifs(matrices | {word: matrix_of(word) for word in WORDS}, {})


def test_the_top_match_of_a_planted_motif_is_what_was_planted(motifs, known, planted):
    matches = match_motifs(motifs[0], known, planted[0].codes)
    best = matches.drop_duplicates("motif")
    assert set(WORDS) <= set(best["known"])
    assert (best.loc[best["known"].isin(WORDS), "q_value"] < 0.01).all()


def test_noise_looks_like_no_known_motif(planted, known):
    explained, scores = planted
    rng = np.random.default_rng(9)
    noise = rng.permuted(scores[0], axis=1)  # the same numbers at places that mean nothing
    found = find_motifs(explained.codes, noise + rng.normal(0, 0.02, noise.shape), "null_motif")
    assert not (match_motifs(found, known, explained.codes)["q_value"] < 0.01).any()


def test_a_repeat_is_named_after_no_motif_that_is_as_repetitive(planted):
    rng = np.random.default_rng(4)
    codes = planted[0].codes.copy()
    known = {f"other {k}": rng.dirichlet([0.3] * 4, rng.integers(6, 14)) for k in range(200)}
    known |= {f"rich {k}": matrix_of("".join(rng.choice(list("GGGC"), 12))) for k in range(20)}
    known |= {word: matrix_of(word) for word in ("GCCGCCGCCGCC", "GACGTCATTGCA")}
    for word in ("GGGGGCGGGG", "GCCGCCGCCG", "GACGTCATTG"):
        codes[:60, 20:30] = codes_of(word)
        sites = [{"row": row, "start": 20, "reverse": False} for row in range(60)]
        motif = Motif(word, matrix_of(word), matrix_of(word), sites)
        q = match_motifs([motif], KnownMotifs(known, {}), codes)["q_value"].min()
        named = tomtom(_with_flanks(motif, codes), list(known.values())).p_values
        assert false_discovery_control(named).min() < 0.01  # by independent columns
        assert (q < 0.01) == (word == "GACGTCATTG"), word


def test_the_name_of_a_motif_counts_for_less_the_more_motifs_were_compared(known, planted):
    codes, word = planted[0].codes.copy(), WORDS[0]
    codes[:60, 20 : 20 + len(word)] = codes_of(word)
    noise, flat = np.full((8, 4), 0.25), range(1, 41)
    motifs = [Motif("m0", matrix_of(word), matrix_of(word), [])]
    motifs += [Motif(f"m{k}", noise, noise, []) for k in flat]
    for number, motif in enumerate(motifs):
        start = 40 if number else 20  # at 40 are bases drawn at random
        motif.sites += [{"row": row, "start": start, "reverse": False} for row in range(60)]
    alone, among = (
        match_motifs(some, known, codes).groupby("motif")["q_value"].min()["m0"]
        for some in (motifs[:1], motifs)
    )
    assert among == pytest.approx(41 * alone, rel=1e-6) and among < 0.01


@pytest.fixture(scope="module")
def tried(motifs, planted):
    explained, _ = planted
    found, null_motifs = motifs
    rng = np.random.default_rng(6)
    codes = BASES[rng.integers(4, size=(50, LENGTH))]
    others = Explained(codes, explained.examples.iloc[:50], explained.targets[:50])
    networks = [Planted(), Planted(1.1)]
    effects = try_motifs(found, null_motifs, networks, Planted(0.01), explained, others, 1)
    return effects, *try_pairs(found, networks, explained, others, 1)


def test_a_planted_motif_raises_the_score_and_its_loss_lowers_it(tried, motifs):
    effects, _, _ = tried
    for motif in motifs[0][:2]:
        rows = effects[effects["motif"] == motif.name].set_index(["experiment", "network"])
        assert rows.loc[("inserted", "all fits"), "lower"] > 0.8
        assert rows.loc[("removed", "all fits"), "upper"] < -2
        assert rows.loc[("inserted", "shuffled labels"), "effect"] < 0.05
        assert motif.facts["survives"]


def test_order_and_distance_of_the_planted_pair_are_recovered(tried, motifs):
    _, _, (best,) = tried
    words = {motif.name: motif.consensus.upper() for motif in motifs[0]}
    assert WORDS[0] in words[best["first"]] and WORDS[1] in words[best["second"]]
    assert best["first_strand"] == best["second_strand"] == "+"
    assert best["is_clear"] and (best["from_gap"], best["to_gap"]) == (10, 14)
    matches = pd.DataFrame(columns=["motif", "known", "q_value"])
    targets = dict.fromkeys(words, "log odds of `yes`")
    sentences = finding_sentences(motifs[0], matches, [best], targets)
    assert "followed by" in sentences[0] and "10 to 14 bases between" in sentences[0]
    assert not any("bind" in one for one in sentences)


def test_of_several_classes_a_finding_names_the_one_that_it_is_of(motifs, planted):
    explained, scores = planted
    classes = ("liver", "lung", "skin")
    dataset = make_dataset("sequence", task="multiclass", classes=classes, n_features=LENGTH)
    motif = replace(motifs[0][0], facts={"effect": 1.0})
    describe_motif(motif, explained.codes, scores)
    motif.facts["survives"] = True
    skin = replace(explained, targets=np.full(len(explained), 2))
    attributions = pd.DataFrame({"network": [0, 1], "error": 0.0, "gap": 1.0, "mutagenesis": 1.0})
    matches = pd.DataFrame(columns=["motif", "known", "q_value"])
    found = summarise("cnn", dataset, skin, attributions, [motif], [], matches, [], {})
    assert "log odds of `skin` that are 1.000 higher" in found["sentences"][0]
    assert found["score"] == "log odds of its class"


def test_kmers_are_those_of_a_class_that_is_named(planted):
    explained, _ = planted
    labels = np.arange(len(explained)) % 3
    counts = KmerCounts(3).fit(explained.codes)
    model = LogisticRegression().fit(counts.transform(explained.codes), labels)
    fit = SimpleNamespace(estimator=Pipeline([("kmercounts", counts), ("last", model)]))
    table = strongest_kmers([fit], [], ("liver", "lung", "skin"), 2)
    assert set(table["class"]) == {"skin"}
    assert table["coefficient"].abs().max() == pytest.approx(np.abs(model.coef_[2]).max())


def test_a_place_where_most_sites_stand_is_told(motifs, planted):
    explained, scores = planted
    motif = replace(motifs[0][0], facts={"effect": 1.0})
    matches = pd.DataFrame(columns=["motif", "known", "q_value"])
    for starts, said in (([*range(20, 27), 50], True), (range(0, 60, 4), False)):
        motif.sites = [
            {"row": row, "start": start, "reverse": False} for row, start in enumerate(starts)
        ]
        describe_motif(motif, explained.codes, scores)
        motif.facts["survives"] = True
        (sentence,) = finding_sentences([motif], matches, [], {motif.name: "log odds of `yes`"})
        assert ("7 of its 8 sites begin at bases 18 to 27 of 70." in sentence) == said


def test_what_a_network_without_anything_to_learn_shows_is_no_finding(motifs, planted):
    explained, _ = planted
    found, _ = motifs
    alike = [Motif("null_motif_1", one.matrix, one.contributions, one.sites) for one in found]
    args = ([Planted()], Planted(0.9), explained, explained, 1)
    try_motifs(found, alike, *args)
    assert not any(motif.facts["survives"] for motif in found)
    assert all("shows it too" in motif.facts["because"] for motif in found)


def test_a_motif_of_one_fit_only_is_marked(motifs, planted):
    explained, scores = planted
    motif = motifs[0][0]
    others = np.random.default_rng(7).normal(0, 0.3, scores.shape).astype(np.float32)
    describe_motif(motif, explained.codes, np.stack([scores[0], others[1], others[2]]))
    assert motif.facts["fits_with_it"] == 1
    args = ([Planted()], Planted(0.0), explained, explained, 1)
    try_motifs([motif], [], *args)
    assert "most fits do not show it" in motif.facts["because"]


def test_too_few_sequences_give_no_motifs(planted):
    explained, scores = planted
    assert find_all_motifs(explained.codes[:49], scores[:, :49], scores[0, :49]) == ([], [])


def test_a_logo_has_the_colours_of_its_letters_and_ids_of_its_own():
    motif = Motif("motif_1", matrix_of("ACGT"), matrix_of("ACGT"), [])
    drawn = [draw_logo(one) for one in (motif, replace(motif, name="motif_2"))]
    for number, svg in enumerate(drawn, start=1):
        fills = set(re.findall(r"fill: #(\S+?)[;\"]", svg))
        assert len(fills) >= 4 and all(re.fullmatch("[0-9a-f]{6}", fill) for fill in fills)
        ids = set(re.findall(r'\bid="([^"]+)"', svg))
        asked = set(re.findall(r'(?:url\(|href=")#([^")]+)', svg))
        assert asked and asked <= ids
        assert all(one.startswith(f"motif_{number}-") for one in ids)
