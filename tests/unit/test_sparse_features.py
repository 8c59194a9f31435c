"""Sparse features from the file to the models: the same as dense ones, and never made dense."""

import subprocess
import sys
from mmap import mmap
from pathlib import Path

import keras_tuner
import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset
from scipy import sparse
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from deeprules import feature_store
from deeprules.audit.near_copies import find_neighbours
from deeprules.checks.giveaways import find_giveaways
from deeprules.checks.single_features import screen
from deeprules.data import Development, Partition
from deeprules.errors import InputError
from deeprules.evaluate.row_sketches import row_sketches
from deeprules.evaluate.similarity import reference
from deeprules.explore.principal_components import principal_components
from deeprules.feature_store import (
    SparseRows,
    dense,
    dense_column,
    features_writer,
    is_sparse,
    read_features,
    stack,
)
from deeprules.files import file_sha256
from deeprules.fit import representation
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.models import find_module
from deeprules.fit.representation import dense_for_trees, feature_steps
from deeprules.ingest.missing_values import count_missing
from deeprules.split.partitions import write_partitions

SCRIPTS = Path(__file__).parents[2] / "scripts"
WIDTH = 60


def made(n=200, width=WIDTH, seed=0, share=0.2):
    """Counts (n, width) of which few are not 0, and labels that the first three features tell."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    values = np.log1p(random.poisson(3, (n, width)) * (random.random((n, width)) < share))
    values[:, :3] = values[:, :3] * 0.3 + (labels[:, None] & (random.random((n, 3)) < 0.8)) * 2
    return values.astype(np.float32), labels


def part(values, labels, folder=Path(".")):
    """A partition with these features."""
    dataset = make_dataset("tabular", n_features=values.shape[1], has_batch=False, covariates=())
    found = Partition(folder, dataset)
    found.features = values
    found.examples = pd.DataFrame(
        {
            "id": [f"c{i}" for i in range(len(labels))],
            "label": np.array(["no", "yes"])[labels],
            "source": "made",
            "content_hash": np.arange(len(labels)),
        }
    )
    return found


def both(**settings):
    """Train and tune, dense and sparse."""
    one, other = made(**settings), made(seed=1, **settings)
    return (
        Development(part(*one), part(*other)),
        Development(*(part(SparseRows(values), labels) for values, labels in (one, other))),
    )


# the file


def write(path, values, is_sparse=True, step=7):
    with features_writer(path, np.dtype(np.float32), values.shape, is_sparse) as add:
        for start in range(0, len(values), step):
            add(values[start : start + step])
    return path


@pytest.mark.parametrize("given", [np.asarray, SparseRows])
def test_a_file_is_read_as_it_was_written_through_a_memory_map(tmp_path, given):
    values, _ = made()
    for kind in (True, False):
        found = read_features(write(tmp_path / "features.npy", given(values), kind))
        assert is_sparse(found) == kind and (dense(found) == values).all()
        held = found.data if kind else found
        while isinstance(held, np.ndarray):
            held = held.base
        assert isinstance(held, mmap)
    assert [path.name for path in tmp_path.iterdir()] == ["features.npy"]


def test_rows_of_zeros_and_no_rows_at_all(tmp_path):
    for values in (np.zeros((4, 3), np.float32), np.zeros((0, 3), np.float32)):
        found = read_features(write(tmp_path / "features.npy", values))
        assert found.shape == values.shape and found.nnz == 0


def test_a_cut_file_is_refused(tmp_path):
    path = write(tmp_path / "features.npy", made()[0])
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match="is empty or damaged"):
        read_features(path)


def test_one_content_is_one_file_however_it_was_given(tmp_path):
    values, _ = made()
    one = write(tmp_path / "a.npy", SparseRows(values), step=3)
    assert file_sha256(one) == file_sha256(write(tmp_path / "b.npy", values, step=50))


def test_what_would_make_them_dense_by_accident_is_refused():
    with pytest.raises(TypeError, match="sparse features are no array"):
        np.asarray(SparseRows(made()[0]))


def test_partitions_stay_sparse(tmp_path):
    values, labels = made()
    write(tmp_path / "features.npy", values)
    part(values, labels).examples.to_parquet(tmp_path / "examples.parquet")
    names = np.array(["train", "tune", "test", "train"])[np.arange(len(values)) % 4]
    outputs = {}
    for name in ("train", "tune", "test"):
        outputs |= {f"{name}_examples": tmp_path / f"{name}.parquet"}
        outputs |= {f"{name}_features": tmp_path / f"{name}.npy"}
    write_partitions(tmp_path / "examples.parquet", tmp_path / "features.npy", names, outputs)
    for name in ("train", "tune", "test"):
        found = read_features(outputs[f"{name}_features"])
        assert is_sparse(found) and (dense(found) == values[names == name]).all()


def test_subsets_and_both_parts_together_stay_sparse():
    _, development = both()
    joined = development.joined()
    assert is_sparse(joined.features) and len(joined) == 400
    some = joined.subset(np.array([3, 1]))
    assert is_sparse(some.features) and len(some) == 2
    assert not is_sparse(stack([joined.features[:2].toarray(), np.zeros((1, WIDTH))]))


# the same as dense


def test_components_are_those_of_the_dense_features():
    values, _ = made()
    one = principal_components(values, "tabular", 3, 4, seed=1)
    other = principal_components(SparseRows(values), "tabular", 3, 4, seed=1)
    assert np.allclose(one.shares, other.shares, rtol=1e-3)
    assert np.allclose(np.abs(one.scores), np.abs(other.scores), atol=0.02)


def test_checks_find_the_same():
    plain, thin = both()
    (train, tune), (sparse_train, sparse_tune) = plain, thin
    names = [f"g{i}" for i in range(WIDTH)]
    assert np.array_equal(
        screen(train.features, train.labels, 0), screen(sparse_train.features, train.labels, 0)
    )
    one, other = find_giveaways(train, tune, names, 1), find_giveaways(*thin, names, 1)
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.summary == other.summary
    assert (dense_column(sparse_tune.features, 2) == tune.features[:, 2]).all()
    assert count_missing(sparse_train.features) == count_missing(train.features)
    assert (row_sketches(train.features) == row_sketches(sparse_train.features)).all()
    near = [reference(one, 0).nearest(two.features) for one, two in (plain, thin)]
    assert np.array_equal(*near)
    rows = np.arange(len(train))
    found = [find_neighbours(one.features, rows) for one in (train, sparse_train)]
    assert (found[0].nearest == found[1].nearest).all() and found[0].gapped == found[1].gapped


BASELINES = (
    *("logistic_regression", "naive_bayes", "random_forest", "support_vector_machine"),
    *("nearest_neighbours", "gradient_boosting"),
)


def fitted(name, development, kind="baseline", seed=1):
    candidate = Candidate(name, kind, find_module(kind, name))
    budget = Budget(threads=1, max_epochs=15, patience=15, in_memory_mb=4000)
    return fit(candidate, keras_tuner.HyperParameters(), development, seed, budget).model


@pytest.mark.parametrize(
    ("name", "width"), [*((name, WIDTH) for name in BASELINES), ("logistic_regression", 1200)]
)
def test_baselines_learn_from_sparse_rows(name, width):
    _, development = both(width=width)
    model = fitted(name, development)
    tune = development.tune
    chances = model.predict(tune.features, tune.examples)
    assert (chances.argmax(axis=1) == tune.labels).mean() > 0.7


def test_a_linear_model_is_the_one_of_the_dense_features():
    plain, thin = both()
    found = [
        fitted("logistic_regression", one).predict(one.tune.features, one.tune.examples)
        for one in (plain, thin)
    ]
    assert np.allclose(*found, atol=0.01)


def test_a_network_sees_dense_batches():
    plain, thin = both()
    from deeprules.layers import Standardise

    scaled = [
        np.asarray(Standardise().adapt(one.train.features)(plain.tune.features))
        for one in (plain, thin)
    ]
    assert np.allclose(*scaled, atol=1e-5)
    assert np.allclose(scaled[0].mean(axis=0), 0, atol=0.5)
    model = fitted("mlp", thin, "network")
    chances = model.predict(thin.tune.features, thin.tune.examples)
    assert (chances.argmax(axis=1) == thin.tune.labels).mean() > 0.8
    assert np.allclose(chances, model.predict(plain.tune.features, plain.tune.examples), atol=1e-5)


def test_a_method_that_needs_all_is_given_as_few_features_as_fit(monkeypatch):
    _, (train, _) = both(width=1200)

    def build(limit):
        for module in (feature_store, representation):
            monkeypatch.setattr(module, "MAX_DENSE_BYTES", limit)
        hp = keras_tuner.HyperParameters()
        return make_pipeline(*feature_steps(hp, train, scale=False, dense=True))

    # 200 cells of 1,200 features take 960,000 bytes.
    assert "selectkbest" not in build(1_000_000).named_steps
    assert build(850_000).named_steps["selectkbest"].k == 1000
    assert build(200_000).named_steps["selectkbest"].k == 200
    with pytest.raises(InputError, match="takes no sparse matrix, and 200 examples of 200 feature"):
        build(100_000)


def test_covariates_are_put_beside_sparse_rows():
    _, (train, _) = both()
    train.covariates = np.ones((len(train), 1), dtype=np.float32)
    steps = representation.feature_steps(keras_tuner.HyperParameters(), train)
    found = steps[0].fit_transform((train.features, train.covariates), train.labels)
    assert is_sparse(found) and found.shape == (200, WIDTH + 1)


# memory

LIMITED = """
import resource, sys
import numpy as np
import pandas as pd
from scipy import sparse
sys.path[:0] = [{scripts!r}, {tests!r}]
from pathlib import Path
from deeprules.data import Dataset, Development, Partition
from deeprules.ingest.building import Outputs, build_dataset
from deeprules.split.partitions import write_partitions
from deeprules.checks.giveaways import find_giveaways
from deeprules.explore.principal_components import principal_components
from deeprules.evaluate.row_sketches import row_sketches
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.models import find_module
from deeprules.fit.representation import dense_for_trees, feature_steps
from source_files import fill_in
import keras_tuner
folder = Path({folder!r})
started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
source = {{"url": str(folder / "c.h5ad"), "format": "h5ad"}}
data = fill_in(modality="tabular", task="binary", label="kind", positive="yes",
               transform="log_cp10k", sources={{"c": source}})
names = ("examples.parquet", "features.npy", "dataset.json", "names.txt", "negatives.tsv")
outputs = Outputs(*(folder / name for name in names))
build_dataset(data, {{"c": source["url"]}}, outputs)
labels = np.array(["train", "tune", "test", "train"])[np.arange({n}) % 4]
files = {{}}
for name in ("train", "tune", "test"):
    (folder / name).mkdir()
    files |= {{f"{{name}}_examples": folder / name / "examples.parquet",
               f"{{name}}_features": folder / name / "features.npy"}}
write_partitions(outputs.examples, outputs.features, labels, files)
dataset = Dataset.load(outputs.dataset)
train, tune, test = (Partition(folder / name, dataset) for name in ("train", "tune", "test"))
names = (folder / "names.txt").read_text().splitlines()
find_giveaways(train, tune, names, 1)
principal_components(train.features[:2000], "tabular", 3, 5, 1)
row_sketches(test.features)
for name in ("naive_bayes",):
    candidate = Candidate(name, "baseline", find_module("baseline", name))
    found = fit(candidate, keras_tuner.HyperParameters(), Development(train, tune), 1,
                Budget(threads=1, max_epochs=1, patience=1, in_memory_mb=4000))
    found.model.predict(tune.features, tune.examples)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - started) / 1024)
"""


def test_a_wide_matrix_is_never_made_dense(tmp_path):
    """20,000 cells of 5,000 genes, 1% of them not 0: 400 MB if they were dense, 8 MB sparse."""
    import anndata

    n, width = 20_000, 5_000
    random = np.random.default_rng(0)
    genes = random.integers(1, width, (n, width // 100), dtype=np.int32)
    genes[:, 0] = 0
    amounts = random.integers(1, 9, genes.shape).astype(np.float32)
    amounts[:, 0] = np.arange(n) % 2
    starts = np.arange(n + 1, dtype=np.int32) * genes.shape[1]
    counts = sparse.csr_matrix((amounts.ravel(), genes.ravel(), starts), shape=(n, width))
    counts.sum_duplicates()
    kind = pd.Series(np.where(np.arange(n) % 2, "yes", "no"), dtype=object)
    obs = pd.DataFrame({"kind": kind.to_numpy()}, index=pd.Index(map(str, range(n)), dtype=object))
    var = pd.DataFrame(index=pd.Index([f"g{i}" for i in range(width)], dtype=object))
    anndata.AnnData(counts, obs=obs.astype(object), var=var).write_h5ad(tmp_path / "c.h5ad")
    script = LIMITED.format(
        scripts=str(SCRIPTS), tests=str(SCRIPTS.parent / "tests"), folder=str(tmp_path), n=n
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout.split()[-1]) < 375


@pytest.mark.parametrize(("width", "becomes_dense"), [(64, True), (4096, False)])
def test_trees_get_a_dense_matrix_where_they_grow_faster_on_it(width, becomes_dense):
    rng = np.random.default_rng(1)
    n, each = 200, 30
    places = rng.integers(0, width, n * each, dtype=np.int32)
    starts = np.arange(0, n * each + 1, each, dtype=np.int32)
    matrix = sparse.csr_array((np.ones(n * each, np.float32), places, starts), (n, width))
    matrix.sum_duplicates()
    given = dense_for_trees(matrix)
    assert is_sparse(given) != becomes_dense
    labels = rng.integers(0, 2, n)
    trees = [
        RandomForestClassifier(5, random_state=1).fit(x, labels).predict_proba(x)
        for x in (given, matrix.toarray())
    ]
    assert (trees[0] == trees[1]).all()
