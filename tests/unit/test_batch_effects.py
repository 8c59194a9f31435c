import json
import os
import time
from pathlib import Path

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import balanced_accuracy_score

from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.explore.batch_effects import (
    balanced_accuracy,
    component_association,
    nearest_level,
    permutation_p_value,
    predict_category,
    shuffled,
    variance_shares,
)
from deeprules.explore.exploration import covariate_names, explore
from deeprules.explore.explore_figures import draw_components, draw_scree, save_figure
from deeprules.explore.principal_components import principal_components

SETTINGS = {"components": 5, "kmer": 3, "permutations": 19, "max_examples": 5000}
FLOOR = 1 / 20
DATA = Path(os.environ.get("DEEPRULES_DATA", "../shared/data"))


def make_sequences(rng, gc) -> np.ndarray:
    """Codes (N, 150) of random sequences with the given GC shares (N,)."""
    strong = rng.random((len(gc), 150)) < gc[:, None]
    first = rng.random(strong.shape) < 0.5
    return np.where(strong, np.where(first, 2, 4), np.where(first, 1, 8)).astype(np.uint8)


def make_partitions(folder, features, columns, **facts) -> tuple[Partition, Partition]:
    """Train (four fifths) and tune with these features and columns."""
    examples = pd.DataFrame({"id": [f"e{i}" for i in range(len(features))]} | columns)
    facts = {"has_batch": "batch" in columns, "has_group": "group" in columns} | facts
    facts = {"covariates": (), "n_features": features.shape[1]} | facts
    dataset, parts = make_dataset(**facts), []
    for name, rows in (("train", np.arange(len(examples)) % 5 > 0), ("tune", None)):
        rows = ~parts[0][1] if rows is None else rows
        (folder / name).mkdir()
        np.save(folder / name / "features.npy", features[rows])
        examples[rows].to_parquet(folder / name / "examples.parquet", index=False)
        parts.append((Partition(folder / name, dataset), rows))
    return parts[0][0], parts[1][0]


def sequences_in_batches(folder, shift, n=240, **columns) -> tuple[Partition, Partition]:
    """Two batches whose GC share differs by `shift`; label and covariates say nothing."""
    rng = np.random.default_rng(0)
    batch = rng.choice(["a", "b"], n)
    features = make_sequences(rng, 0.45 + shift * (batch == "b"))
    facts = {"label": rng.choice(["no", "yes"], n), "batch": batch, "age": rng.normal(size=n)}
    return make_partitions(folder, features, facts | columns, covariates=("age",))


def share(found, covariate, component="PC1") -> pd.Series:
    rows = found.association.set_index(["covariate", "component"])
    return rows.loc[(covariate, component)]


# statistics with a known answer


def test_variance_shares_are_eta_squared_and_r_squared():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(60, 3)) + 5
    codes, number = rng.integers(4, size=60), rng.normal(size=60)
    between = sum(
        (codes == level).sum() * (scores[codes == level].mean(axis=0) - scores.mean(axis=0)) ** 2
        for level in range(4)
    )
    expected = between / (60 * scores.var(axis=0))
    assert variance_shares(scores, codes) == pytest.approx(expected)
    expected = [np.corrcoef(scores[:, i], number)[0, 1] ** 2 for i in range(3)]
    assert variance_shares(scores, number) == pytest.approx(expected)


def test_p_values_are_never_zero():
    permuted = np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]])
    assert permutation_p_value(np.array([0.5, 0.8]), permuted).tolist() == [1 / 4, 3 / 4]


def test_p_values_spread_evenly_without_an_effect():
    rng = np.random.default_rng(1)
    scores = pd.DataFrame(rng.normal(size=(80, 200)))
    covariates = pd.DataFrame({"batch": rng.choice(list("abc"), 80), "age": rng.normal(size=80)})
    found = component_association(scores, covariates, None, 99, rng)
    for _, p in found.groupby("covariate")["p_value"]:
        assert 0.4 < p.mean() < 0.6 and 0.01 <= (p <= 0.05).mean() < 0.1


def test_replicates_do_not_make_chance_significant():
    rng = np.random.default_rng(2)
    group = pd.Series(np.repeat(np.arange(12), 20))
    scores = pd.DataFrame(np.repeat(rng.normal(size=(12, 100)), 20, axis=0))
    covariate = pd.DataFrame({"batch": np.where(group % 2, "a", "b")})
    aware = component_association(scores, covariate, group, 99, rng)
    naive = component_association(scores, covariate, None, 99, rng)
    assert (aware["p_value"] <= 0.05).mean() < 0.15 < 0.5 < (naive["p_value"] <= 0.05).mean()


def test_shuffling_moves_groups_whole_only_if_the_covariate_is_theirs():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(6), 3)
    theirs = shuffled(group % 2, group, rng)
    assert (theirs.reshape(6, 3) == theirs[::3, None]).all() and theirs[::3].sum() == 3
    free = shuffled(np.arange(18), group, rng)
    assert sorted(free) == list(range(18)) and (np.diff(free.reshape(6, 3)) != 1).any()


def test_missing_values_and_single_values_are_left_out():
    rng = np.random.default_rng(0)
    scores = pd.DataFrame({"PC1": [0.0, 1, 2, 3, 50]})
    age = [1.0, 2, 3, 4, np.nan]
    covariates = pd.DataFrame({"age": age, "site": "one", "sex": ["f", "f", "m", "m", None]})
    found = component_association(scores, covariates, None, 19, rng)
    assert found["covariate"].tolist() == ["age", "sex"]
    assert found["variance_share"].tolist() == pytest.approx([1, 0.8])
    assert component_association(scores, covariates[["site"]], None, 19, rng).empty


def test_a_category_is_predicted_if_and_only_if_the_scores_hold_it():
    rng = np.random.default_rng(0)
    category = pd.Series(rng.choice(list("abc"), 150))
    scores = rng.normal(size=(150, 4))
    none = predict_category(scores, category, None, 19, seed=1)
    assert none.p_value > 0.05 and none.balanced_accuracy == pytest.approx(1 / 3, abs=0.12)
    scores[:, 0] += 6 * pd.factorize(category)[0]
    found = predict_category(scores, category, None, 19, seed=1)
    assert found.balanced_accuracy > 0.95 and found.p_value == FLOOR
    assert found.chance == pytest.approx(1 / 3) and found.n_folds == 5


def test_levels_are_those_of_a_linear_discriminant_analysis():
    rng = np.random.default_rng(0)
    levels = np.repeat([0, 1, 3], [20, 30, 50])  # none of level 2
    scores = rng.normal(size=(100, 3)) @ rng.normal(size=(3, 3)) + levels[:, None]
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1).fit(scores, levels)
    agreement = nearest_level(scores, levels, scores) == model.predict(scores)
    assert agreement.mean() >= 0.98
    assert set(nearest_level(scores[:20], levels[:20], scores)) == {0}
    assert nearest_level(np.eye(2), np.arange(2), np.eye(2)).tolist() == [0, 1]


def test_many_batches_are_quick():
    rng = np.random.default_rng(0)
    batch = pd.Series(np.arange(3000) % 96)
    start = time.perf_counter()
    assert predict_category(rng.normal(size=(3000, 10)), batch, None, 19, seed=1).p_value > 0.05
    assert time.perf_counter() - start < 10


def test_groups_do_not_give_a_batch_away():
    rng = np.random.default_rng(0)
    group = pd.Series(np.repeat(np.arange(20), 10))
    scores = np.repeat(rng.normal(size=(20, 15)), 10, axis=0) + rng.normal(0, 0.1, (200, 15))
    batch = pd.Series(np.where(group % 2, "a", "b"))
    naive = predict_category(scores, batch, None, 19, seed=1)
    aware = predict_category(scores, batch, group, 19, seed=1)
    assert naive.balanced_accuracy > 0.9 and naive.p_value == FLOOR
    assert aware.balanced_accuracy < 0.8 and aware.p_value > 0.05


def test_levels_too_rare_for_folds_are_left_out():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(21, 2))
    found = predict_category(scores, pd.Series(["a"] * 10 + ["b"] * 10 + ["c"]), None, 19, 1)
    assert found.chance == 0.5
    assert predict_category(scores, pd.Series(["a"] * 20 + ["b"]), None, 19, 1) is None


def test_two_groups_a_batch_are_enough():
    rng = np.random.default_rng(0)
    group = pd.Series(np.repeat(np.arange(4), 5))
    batch = pd.Series(np.where(group < 2, "a", "b"))
    found = predict_category(rng.normal(size=(20, 2)), batch, group, 19, seed=1)
    assert found.n_folds == 2 and 0 < found.p_value <= 1


# principal components


def test_standardised_features_ignore_units_constants_and_gaps():
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(100, 6)).astype(np.float32)
    matrix[:, 1] = matrix[:, 0] + rng.normal(0, 0.1, 100)
    plain = principal_components(matrix, "tabular", 3, 3, seed=0)
    odd = np.column_stack([matrix * [1e3, 1, 1, 1, 1, 1e-3], np.full(100, 7), np.full(100, np.nan)])
    same = principal_components(odd, "tabular", 3, 3, seed=0)
    assert same.shares == pytest.approx(plain.shares, rel=1e-4)
    odd[:5, 3] = np.nan
    assert np.isfinite(principal_components(odd, "tabular", 3, 3, seed=0).scores).all()
    assert plain.names == ["PC1", "PC2", "PC3"]
    assert plain.scree["cumulative"].iloc[-1] == pytest.approx(plain.shares.sum())


def test_a_sequence_and_its_reverse_complement_score_alike():
    rng = np.random.default_rng(0)
    codes = make_sequences(rng, np.full(50, 0.5))
    complement = np.array([0, 8, 4, 0, 2, 0, 0, 0, 1], dtype=np.uint8)
    both = np.concatenate([codes, complement[codes[:, ::-1]]])
    scores = principal_components(both, "sequence", 3, 4, seed=0).scores
    assert scores[:50] == pytest.approx(scores[50:], abs=1e-9)


def test_components_without_variance_are_left_out():
    line = np.outer(np.arange(10), np.arange(1, 6)).astype(np.float32)
    found = principal_components(line, "tabular", 3, 4, seed=0)
    assert found.names == ["PC1"] and found.shares == pytest.approx([1])


def test_one_feature_has_one_component():
    assert principal_components(np.arange(5.0)[:, None], "tabular", 3, 4, 0).shares == [1]


@pytest.mark.parametrize("modality, dtype", [("sequence", np.uint8), ("tabular", np.float32)])
def test_examples_that_do_not_differ_are_an_error(modality, dtype):
    with pytest.raises(InputError, match="All examples have the same features"):
        principal_components(np.ones((8, 20), dtype=dtype), modality, 3, 4, seed=0)


# the exploration as a whole


def test_a_planted_shift_in_gc_is_found(tmp_path):
    found = explore(*sequences_in_batches(tmp_path, shift=0.15), SETTINGS, seed=1)
    assert share(found, "batch")["variance_share"] > 0.6
    assert share(found, "batch")["p_value"] == FLOOR
    assert share(found, "label")["variance_share"] < 0.05
    assert found.summary["batch_predictable"] and not found.summary["confounded"]
    assert found.batch_prediction["balanced_accuracy"][0] > 0.9
    assert found.summary["warnings"][0].startswith("Batch explains ")
    assert "of PC1 (the label " in found.summary["warnings"][0]
    assert found.summary["warnings"][1].startswith("Batch can be predicted from the first 5")
    json.dumps(found.summary, allow_nan=False)


def test_batches_without_an_effect_are_left_alone(tmp_path):
    found = explore(*sequences_in_batches(tmp_path, shift=0), SETTINGS, seed=1)
    assert found.summary["warnings"] == found.summary["cautions"] == []
    assert not found.summary["batch_predictable"] and not found.summary["confounded"]
    assert found.batch_prediction["p_value"][0] > 0.05


def test_a_confounded_design_is_flagged(tmp_path):
    train, tune = sequences_in_batches(tmp_path, shift=0.15)
    for part in (train, tune):
        part.examples["label"] = part.examples["batch"].map({"a": "no", "b": "yes"})
    found = explore(train, tune, SETTINGS, seed=1)
    assert found.summary["confounded"]
    assert found.summary["batch_label_cramers_v"] == pytest.approx(1)
    (caution,) = found.summary["cautions"]
    assert caution["sentence"] == found.summary["warnings"][0]
    assert "fully confounded" in caution["sentence"]


def test_the_tables_agree_and_the_seed_decides(tmp_path):
    partitions = sequences_in_batches(tmp_path, shift=0.1)
    settings = SETTINGS | {"max_examples": 100}
    found = explore(*partitions, settings, seed=1)
    components = [f"PC{i}" for i in range(1, 6)]
    assert list(found.scores) == ["id", "label", "batch", "age", *components]
    assert found.summary["sampled"] == len(found.scores) == 100 and found.summary["of"] == 240
    assert found.scree["component"].tolist() == components
    assert len(found.association) == 3 * 5
    assert set(found.association.loc[found.association["covariate"] == "age", "kind"]) == {
        "numeric"
    }
    again = explore(*partitions, settings, seed=1)
    pd.testing.assert_frame_equal(found.scores, again.scores)
    pd.testing.assert_frame_equal(found.association, again.association)
    assert set(found.scores["id"]) != set(explore(*partitions, settings, seed=2).scores["id"])


def test_few_groups_are_covariates_and_many_are_not(tmp_path):
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(100, 8)).astype(np.float32)
    group = np.arange(100) % 10
    matrix[:, 0:3] += 5 * (group[:, None] % 5)
    label = rng.choice(["no", "yes"], 100)
    columns = {"label": label, "group": np.char.add("d", group.astype(str))}
    parts = make_partitions(tmp_path, matrix, columns, modality="tabular")
    found = explore(*parts, SETTINGS, seed=1)
    assert share(found, "group")["variance_share"] > 0.8
    assert found.batch_prediction.empty and found.summary["batch_label"] is None
    many = found.scores.assign(group=np.arange(100))
    assert covariate_names(many, parts[0].dataset) == ["label"]


def test_a_regression_has_a_numeric_label(tmp_path):
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(120, 5)).astype(np.float32)
    matrix[:, 1:3] += matrix[:, :1] * 3
    columns = {"label": matrix[:, 0].astype(float), "batch": rng.choice(["a", "b"], 120)}
    parts = make_partitions(tmp_path, matrix, columns, modality="tabular", task="regression")
    found = explore(*parts, SETTINGS, seed=1)
    assert share(found, "label")["kind"] == "numeric"
    assert share(found, "label")["variance_share"] > 0.8
    assert found.summary["batch_label_cramers_v"] is None
    assert found.summary["batch_label"]["eta_squared"] < 0.1


def test_batches_of_one_example_are_said_to_be_unpredictable(tmp_path):
    rng = np.random.default_rng(0)
    columns = {"label": ["no", "yes"] * 10, "batch": [f"b{i}" for i in range(20)]}
    features = make_sequences(rng, np.full(20, 0.5))
    found = explore(*make_partitions(tmp_path, features, columns), SETTINGS, seed=1)
    assert found.batch_prediction.empty
    assert "Whether batch can be predicted is not known" in found.summary["warnings"][-1]


# figures


def test_figures_are_drawn_in_both_formats_and_reproducibly(tmp_path):
    found = explore(*sequences_in_batches(tmp_path, shift=0.1), SETTINGS, seed=1)
    found.scores.loc[:3, "batch"] = None
    found.scores["year"] = pd.array([None, *range(239)], dtype="Int64")
    for number, covariate in enumerate(["label", "batch", "age", "year"]):
        figure = draw_components(found.scores, found.scree, covariate)
        save_figure(figure, tmp_path / f"{number}.svg", tmp_path / f"{number}.png")
        assert matplotlib.image.imread(tmp_path / f"{number}.png").std() > 0.01
        assert covariate in (tmp_path / f"{number}.svg").read_text()
    for name in ("first", "second"):
        save_figure(draw_scree(found.scree), tmp_path / f"{name}.svg")
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()


def test_a_figure_of_one_component_and_many_levels(tmp_path):
    scree = pd.DataFrame({"component": ["PC1"], "variance_share": [1.0]})
    scores = pd.DataFrame({"PC1": np.arange(90.0), "site": [f"s{i % 30:02}" for i in range(90)]})
    figure = draw_components(scores, scree, "site")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(labels) == 21 and labels[0] == "10 others"
    assert len({tuple(h.get_facecolor()[0]) for h in figure.legends[0].legend_handles}) == 8


# real data


@pytest.mark.skipif(
    not (DATA / "quartet_proteomics").is_dir(), reason="set DEEPRULES_DATA to the data folder"
)
def test_the_first_components_of_the_quartet_proteomes_are_batch(tmp_path):
    folder = DATA / "quartet_proteomics"
    matrix = pd.read_csv(folder / "central_intensities_log_UNION.tsv", sep="\t", index_col=0).T
    samples = pd.read_csv(folder / "metadata.tsv", sep="\t").set_index("file").loc[matrix.index]
    columns = {"label": samples["condition"].to_numpy(), "batch": samples["batch_code"].to_numpy()}
    features = matrix.to_numpy(dtype=np.float32)
    classes = tuple(sorted(set(columns["label"])))
    facts = {"modality": "tabular", "task": "multiclass", "classes": classes}
    found = explore(*make_partitions(tmp_path, features, columns, **facts), SETTINGS, seed=1)
    for component in ("PC1", "PC2", "PC3"):
        assert share(found, "batch", component)["variance_share"] > 0.9
        assert share(found, "batch", component)["p_value"] == FLOOR
    for component in ("PC4", "PC5"):
        assert share(found, "label", component)["variance_share"] > 0.8
    assert found.batch_prediction["balanced_accuracy"][0] == 1
    assert found.summary["batch_label_cramers_v"] == pytest.approx(0)
    assert not found.summary["confounded"]


def test_balanced_accuracy_is_that_of_scikit_learn():
    """To the last bit, with uneven levels, and levels that are never or always predicted."""
    rng = np.random.default_rng(3)
    levels = np.repeat([0, 1, 2, 3], [50, 3, 20, 7])
    for predicted in (rng.integers(4, size=80), np.where(levels == 3, 3, 1), np.zeros(80, int)):
        assert balanced_accuracy(levels, predicted) == balanced_accuracy_score(levels, predicted)


def test_a_permutation_of_groups_is_that_of_their_names():
    names = np.array(["g10", "g2", "g2", "a", "g10", "a", "b"])
    values = np.array([1, 0, 0, 1, 1, 1, 0])
    numbers = pd.factorize(pd.Series(names), sort=True)[0]
    for seed in range(20):
        drawn = [shuffled(values, one, np.random.default_rng(seed)) for one in (names, numbers)]
        np.testing.assert_array_equal(*drawn)
