"""`data: strand: given`: nothing takes a sequence for its reverse complement, wherever it looks.

Each place is shown a planted reverse complement, which it finds where both strands are one.
"""

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset
from source_files import build, write

from deeprules.audit.audit import audit
from deeprules.data import Dataset, Partition
from deeprules.encoding import encode, reverse_complement, reverse_complement_letters
from deeprules.evaluate.similarity import reference
from deeprules.explore.principal_components import principal_components
from deeprules.fit.representation import feature_steps
from deeprules.ingest.missing_values import count_missing
from deeprules.split.homology import cluster_homologs

STRANDS = pytest.mark.parametrize("strand", ["both", "given"])
SEQUENCE = "ACGTTGCATTAGCCGATATT"
KEEP = {"duplicates": "drop", "conflicts": "drop"}


def codes_of(n, length=200, seed=0):
    random = np.random.default_rng(seed)
    return np.stack(encode(["".join(row) for row in random.choice(list("ACGT"), (n, length))]))


def partition(tmp_path, features, strand):
    part = Partition(tmp_path, make_dataset(n_features=features.shape[1], strand=strand))
    part.features = features
    return part


@STRANDS
def test_duplicates(tmp_path, strand):
    rows = [("a", SEQUENCE), ("b", reverse_complement_letters(SEQUENCE)), ("c", "A" * 20)]
    text = "id,sequence,label\n" + "".join(f"{i},{s},{i == 'c'}\n" for i, s in rows)
    sources = {"t": {"url": str(write(tmp_path / "t.csv", text)), "format": "table"}}
    built = build(tmp_path, sources, label="label", positive="True", strand=strand)
    assert Dataset.load(built.folder / "dataset.json").strand == strand
    hashes = built.examples["canonical_hash"]
    assert (hashes[0] == hashes[1]) == (strand == "both")
    if strand == "given":
        assert (hashes == built.examples["content_hash"]).all()


@STRANDS
def test_conflicts_of_overlapping_intervals(strand):
    n = 60
    examples = pd.DataFrame({"id": [f"e{i}" for i in range(n)], "source": "made"})
    examples["label"] = np.where(np.arange(n) % 2, "yes", "no")
    examples["content_hash"] = examples["canonical_hash"] = np.arange(n, dtype=np.uint64)
    place = np.arange(n) // 2 * 1000 + np.arange(n) % 2  # each pair at one locus, a base apart
    examples = examples.assign(chromosome="chr1", start=place, end=place + 100)
    examples["strand"] = np.where(np.arange(n) % 2, "+", "-")
    # With both strands all would be dropped, which stops an audit.
    keep = KEEP | {"conflicts": "keep"} if strand == "both" else KEEP
    dataset = make_dataset(has_batch=False, strand=strand)
    complete = count_missing(np.zeros((1, 4), dtype=np.uint8))
    found = audit(examples, dataset, complete, keep, "examples.parquet")
    assert found.summary["n_contradictory_neighbours"] == (n if strand == "both" else 0)


@STRANDS
def test_homology(tmp_path, strand):
    codes = codes_of(40)
    both = np.concatenate([codes, reverse_complement(codes[:10]), codes[10:20]])
    examples = pd.DataFrame({"id": [f"s{i}" for i in range(60)]})
    examples["canonical_hash"] = np.arange(60, dtype=np.uint64)
    clusters, _ = cluster_homologs(
        examples, both, 0.6, 0.7, tmp_path / "x", both_strands=strand == "both"
    )
    cluster = clusters["cluster"].to_numpy()
    assert (cluster[50:] == cluster[10:20]).all()
    assert (cluster[40:50] == cluster[:10]).all() == (strand == "both")
    assert (cluster[40:50] == cluster[:10]).any() == (strand == "both")


@STRANDS
def test_similarity_to_train(tmp_path, strand):
    codes = codes_of(30)
    near = reference(partition(tmp_path, codes, strand), 1)
    assert near.nearest(codes[:5]) == pytest.approx(np.ones(5))
    turned = near.nearest(reverse_complement(codes[:5]))
    assert turned.min() == pytest.approx(1) if strand == "both" else turned.max() < 0.1
    assert ("both strands as one" in near.measure) == (strand == "both")


@STRANDS
def test_principal_components(strand):
    codes = codes_of(30)
    both = np.concatenate([codes, reverse_complement(codes)])
    scores = principal_components(both, "sequence", 3, 4, 0, strand == "both").scores
    assert np.allclose(scores[:30], scores[30:]) == (strand == "both")


class Asked:
    """Hyperparameters that say yes to everything, and remember what they were asked."""

    def __init__(self):
        self.names = []

    def Choice(self, name, values, default=None):
        self.names.append(name)
        return values[0]

    def Boolean(self, name, default=False):
        self.names.append(name)
        return True


@STRANDS
def test_kmers_of_baselines(tmp_path, strand):
    codes, hp = codes_of(20), Asked()
    kmers = feature_steps(hp, partition(tmp_path, codes, strand), scale=False)[0]
    assert ("fold_strands" in hp.names) == (strand == "both")
    counts = kmers.fit_transform(np.concatenate([codes, reverse_complement(codes)])).toarray()
    assert np.allclose(counts[:20], counts[20:]) == (strand == "both")


@STRANDS
def test_networks(tmp_path, strand):
    import keras_tuner

    from deeprules.networks import cnn

    codes, hp = codes_of(4, 60), keras_tuner.HyperParameters()
    train = partition(tmp_path, codes, strand)
    model = cnn.build(hp, train)
    assert ("strands" in hp.values) == (strand == "both")
    turned = model.predict(reverse_complement(codes), verbose=0)
    assert np.allclose(model.predict(codes, verbose=0), turned, atol=1e-6) == (strand == "both")


@STRANDS
def test_masked_pretraining(strand):
    from deeprules.pretrain.masked_bases import MaskedBatches, base_targets

    windows = np.repeat(encode(["AACAACAACAACAACAACAA"])[0][None], 20, axis=0)
    batches = MaskedBatches(windows, np.arange(20), 0.2, 3, 1, both_strands=strand == "both")
    seen = np.unique(np.concatenate([batches[index][1] for index in range(3)]))
    assert set(seen) == set(np.unique(base_targets(windows))) | (
        {2, 3} if strand == "both" else set()
    )
