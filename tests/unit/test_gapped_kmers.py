"""Known answers for gapped k-mers, and what they find that plain ones do not."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from test_kmers import codes_of, counts_of

from deeprules.encoding import reverse_complement
from deeprules.fit.gapped_kmers import GappedKmerCounts, patterns
from deeprules.fit.kmers import KmerCounts


def random_codes(n, length, seed=0):
    rng = np.random.default_rng(seed)
    return rng.choice(np.array([1, 2, 4, 8], dtype=np.uint8), size=(n, length))


def test_counts_every_word_with_and_without_gaps():
    codes = codes_of("ACGT")
    found = counts_of(GappedKmerCounts(k=2, gaps=1).fit(codes), codes)
    assert found == [{"AC": 1, "CG": 1, "GT": 1, "ANG": 1, "CNT": 1}]


def test_a_gap_may_hold_an_ambiguous_base_and_a_word_may_not():
    codes = codes_of("ANG")
    assert counts_of(GappedKmerCounts(2, 1).fit(codes), codes) == [{"ANG": 1}]


def test_six_bases_and_two_gaps_have_the_patterns_that_are_stated():
    assert [len(patterns(6, gaps)) for gaps in (0, 1, 2, 3)] == [1, 6, 21, 56]
    assert len(set(patterns(6, 3))) == 56


def test_without_gaps_they_are_the_plain_kmers():
    codes = random_codes(20, 50)
    plain, gapped = (
        KmerCounts(4, fold_strands=True).fit(codes),
        GappedKmerCounts(4, 0, fold_strands=True).fit(codes),
    )
    assert list(plain.get_feature_names_out()) == list(gapped.get_feature_names_out())
    assert (plain.transform(codes) != gapped.transform(codes)).nnz == 0


@pytest.mark.parametrize("columns", [2**18, 2**9])
def test_folded_counts_are_those_of_the_reverse_complement(columns):
    codes = random_codes(20, 50)
    counter = GappedKmerCounts(3, 2, fold_strands=True, max_columns=columns).fit(codes)
    both = [counter.transform(one).toarray() for one in (codes, reverse_complement(codes))]
    np.testing.assert_array_equal(*both)
    unfolded = GappedKmerCounts(3, 2, max_columns=columns).fit(codes)
    both = [unfolded.transform(one).toarray() for one in (codes, reverse_complement(codes))]
    assert not np.array_equal(*both)


def test_too_many_words_share_columns_that_name_them_all():
    codes = random_codes(30, 60)
    whole = GappedKmerCounts(3, 2).fit(codes)
    words = set(whole.get_feature_names_out())
    shared = GappedKmerCounts(3, 2, max_columns=2**7).fit(codes)
    names = shared.get_feature_names_out()
    assert len(names) <= 2**7 and words <= set("|".join(names).split("|"))
    # Not one is lost: each position counts once for each pattern.
    assert shared.transform(codes).sum() == whole.transform(codes).sum()
    of_whole = dict(
        zip(whole.get_feature_names_out(), whole.transform(codes).sum(0).A1, strict=True)
    )
    for name, total in zip(names, shared.transform(codes).sum(0).A1, strict=True):
        assert total == sum(of_whole.get(word, 0) for word in name.split("|"))


@pytest.mark.parametrize("letters", [1, 4 * 30 + 5])
def test_chunks_do_not_change_the_counts(monkeypatch, letters):
    codes = random_codes(25, 30)
    whole = GappedKmerCounts(3, 1).fit(codes).transform(codes).toarray()
    monkeypatch.setattr("deeprules.fit.gapped_kmers.CHUNK_LETTERS", letters)
    again = GappedKmerCounts(3, 1).fit(codes).transform(codes).toarray()
    np.testing.assert_array_equal(again, whole)


def test_a_word_longer_than_the_sequences_is_refused_and_a_wide_pattern_is_not():
    with pytest.raises(ValueError, match="smaller k"):
        GappedKmerCounts(5, 1).fit(codes_of("ACG"))
    codes = codes_of("ACG")
    assert counts_of(GappedKmerCounts(3, 3).fit(codes), codes) == [{"ACG": 1}]


def gapped_motif(n, seed):
    """Sequences that hold AC.GT.CA, or both its halves apart, and whether they hold it whole."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    letters = rng.choice(list("ACGT"), (n, 60))
    for row, label in enumerate(labels):
        start = rng.integers(0, 20)
        second = start if label else start + rng.integers(12, 30)
        for place, base in ((0, "A"), (1, "C"), (3, "G")):
            letters[row, start + place] = base
        for place, base in ((4, "T"), (6, "C"), (7, "A")):
            letters[row, second + place] = base
    return codes_of(*("".join(row) for row in letters)), labels


def test_a_motif_with_places_that_do_not_matter_needs_gaps():
    (train, labels), (test, truth) = gapped_motif(1000, 1), gapped_motif(500, 2)

    def best(make):
        found = []
        for penalty in (1, 100):
            learner = LogisticRegression(C=penalty, max_iter=300)
            model = make_pipeline(make(), Normalizer(), learner).fit(train, labels)
            found.append(roc_auc_score(truth, model.predict_proba(test)[:, 1]))
        return max(found)

    gapped = best(lambda: GappedKmerCounts(6, 2))
    plain = max(best(lambda k=k: KmerCounts(k)) for k in (4, 5, 6))
    assert gapped > 0.95 and 1 - gapped < (1 - plain) / 2
