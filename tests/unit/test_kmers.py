"""Known answers for k-mer counts."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from deeprules.encoding import decode, encode, reverse_complement
from deeprules.fit.kmers import KmerCounts, kmer_indices, kmer_names, reverse_complement_index
from deeprules.fit.representation import UnitVariance


def codes_of(*sequences):
    return np.stack(encode(list(sequences)))


def counts_of(counter, codes):
    names = counter.get_feature_names_out()
    rows = counter.transform(codes).toarray()
    return [{name: n for name, n in zip(names, row, strict=True) if n} for row in rows]


def test_counts_every_kmer_of_a_sequence():
    codes = codes_of("ACGTAC")
    assert counts_of(KmerCounts(k=2).fit(codes), codes) == [{"AC": 2, "CG": 1, "GT": 1, "TA": 1}]


def test_ambiguous_bases_and_padding_are_not_counted():
    codes = codes_of("ACNGT", "AC-GT".replace("-", "N"))
    codes[1, 2] = 0
    assert counts_of(KmerCounts(k=2).fit(codes), codes) == [{"AC": 1, "GT": 1}] * 2


def test_folded_counts_are_those_of_the_reverse_complement():
    rng = np.random.default_rng(0)
    codes = rng.choice(np.array([1, 2, 4, 8], dtype=np.uint8), size=(20, 50))
    counter = KmerCounts(k=4, fold_strands=True).fit(codes)
    np.testing.assert_array_equal(
        counter.transform(codes).toarray(), counter.transform(reverse_complement(codes)).toarray()
    )


def test_the_vocabulary_comes_from_the_training_sequences_alone():
    counter = KmerCounts(k=3).fit(codes_of("AAAA"))
    assert list(counter.get_feature_names_out()) == ["AAA"]
    assert counter.transform(codes_of("CCCC")).shape == (1, 1)
    assert counter.transform(codes_of("CCCC")).nnz == 0


@pytest.mark.parametrize("letters", [1, 4 * 30 + 5])
def test_chunks_do_not_change_the_counts(monkeypatch, letters):
    rng = np.random.default_rng(1)
    codes = rng.choice(np.array([1, 2, 4, 8, 15], dtype=np.uint8), size=(25, 30))
    whole = KmerCounts(k=3).fit(codes).transform(codes).toarray()
    monkeypatch.setattr("deeprules.fit.kmers.CHUNK_LETTERS", letters)
    np.testing.assert_array_equal(KmerCounts(k=3).fit(codes).transform(codes).toarray(), whole)


@pytest.mark.parametrize("k", [1, 3, 5])
def test_the_index_of_the_reverse_complement(k):
    names = kmer_names(np.arange(4**k), k)
    reversed_names = [decode(reverse_complement(codes)) for codes in encode(names)]
    assert kmer_names(reverse_complement_index(k), k) == reversed_names


def test_a_kmer_longer_than_the_sequences_is_refused():
    with pytest.raises(ValueError, match="smaller k"):
        KmerCounts(k=5).fit(codes_of("ACG"))
    assert kmer_indices(codes_of("ACG"), 5).shape == (1, 0)


def test_counts_are_scaled_in_place_some_at_a_time(monkeypatch):
    monkeypatch.setattr("deeprules.fit.representation.BLOCK_VALUES", 1000)
    codes = 2 ** np.random.default_rng(0).integers(4, size=(300, 60)).astype(np.uint8)
    counts = KmerCounts(4, True).fit_transform(codes)
    expected = StandardScaler(with_mean=False).fit_transform(counts.copy())
    scaled = UnitVariance().fit_transform(counts)
    assert scaled is counts and (scaled != expected).nnz == 0
