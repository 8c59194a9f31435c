"""A contract for every network and baseline in the folders: a new file is tested unasked."""

import inspect
import re
from copy import copy
from dataclasses import replace
from functools import wraps
from pathlib import Path
from types import SimpleNamespace

import keras
import keras_tuner
import numpy as np
import pandas as pd
import pytest
import threadpoolctl
import warm_starts
from network_fits import TESTS, default_hyperparameters
from partitions import make_partition
from pretrained_models import as_given, make_pretrained, needing
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

import deeprules
from deeprules.data import Development
from deeprules.encoding import COMPLEMENT
from deeprules.errors import InputError
from deeprules.export.exported_files import write_layers
from deeprules.fit.blocks import output_layer
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate, require_savable
from deeprules.fit.fitting import fit
from deeprules.fit.losses import LOSSES
from deeprules.fit.models import (
    FILE_NAMES,
    ChosenHyperparameters,
    find_module,
    load_model,
)
from deeprules.fit.target_scale import TargetScale
from deeprules.fit.training import compile_network
from deeprules.layers import OneHotBases
from deeprules.statistics.metrics import scores
from deeprules_workflow.hyperparameters import hyperparameters

pytestmark = pytest.mark.usefixtures("uncompiled_fits")
FOLDER = Path(deeprules.__file__).parent
PARTS = ("train", "tune")
TASKS = ("binary", "multiclass", "regression")
UNITS = ((1, 0), (1e6, 1e11), (1e-9, 0))
"""What labels are multiplied by, and what is added."""


def cases():
    """Every module under every modality and task that it says it is for.

    Those of another backend are not run here: see test_huggingface_finetune.py.
    """
    for kind in ("network", "baseline"):
        for file in sorted((FOLDER / f"{kind}s").glob("[a-z]*.py")):
            module = find_module(kind, file.stem)
            if getattr(module, "BACKEND", keras.backend.backend()) != keras.backend.backend():
                continue
            for modality in module.MODALITIES:
                for task in module.TASKS:
                    name = f"{file.stem}-{modality}-{task}"
                    yield pytest.param(kind, module, modality, task, id=name)


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory):
    return make_pretrained(tmp_path_factory.mktemp("pretrained") / "tiny")


@pytest.fixture(scope="module")
def fitted_cases(tmp_path_factory):
    """Folder for the fits of this file, which another process loads at its end."""
    return tmp_path_factory.mktemp("fits")


@pytest.fixture
def few_trees(monkeypatch):
    """Forests have ten trees: hundreds are fitted and kept alike."""
    (forest,) = (kind for kind in RandomForestClassifier.__mro__ if "fit" in vars(kind))
    fit = forest.fit

    @wraps(fit)
    def fit_ten(estimator, *given, **named):
        return fit(estimator.set_params(n_estimators=10), *given, **named)

    monkeypatch.setattr(forest, "fit", fit_ten)


def fits():
    """The cases of baselines, and of networks the first: the others differ in their last layer."""
    for case in cases():
        kind, module, _, task = case.values
        if kind == "baseline" or task == module.TASKS[0]:
            yield case


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize(("kind", "module", "modality", "task"), list(fits()))
def test_a_module_fits_saves_loads_and_predicts(
    fitted_cases, pretrained, request, kind, module, modality, task
):
    folder = fitted_cases / request.node.callspec.id
    train = make_partition(folder / "train", 60, modality, task, n_features=40)
    tune = make_partition(folder / "tune", 40, modality, task, n_features=40, seed=1)
    candidate = needing(kind, module, pretrained, train)
    parts = Development(as_given(candidate, train), as_given(candidate, tune))
    hp = default_hyperparameters(candidate, train)
    asked = hyperparameters(FOLDER.parents[1], kind, module.__name__.rpartition(".")[2])
    assert not asked.is_complete or set(hp.values) - {"batch_size"} <= set(asked.known)
    hp.values |= dict.fromkeys({"blocks", "hidden_layers"} & {*hp.values}, 1)
    epochs = 2 if hasattr(module, "unfreeze") else 1
    hp.values["batch_size"] = 60  # one step an epoch
    fitted = fit(candidate, hp, parts, seed=1, budget=Budget(epochs, 2))

    predictions = fitted.model.predict(tune.features, tune.examples)
    if task == "regression":
        assert predictions.shape == (40,)
    else:
        assert predictions.shape == (40, len(tune.dataset.classes))
        np.testing.assert_allclose(predictions.sum(axis=1), 1, atol=1e-5)
        assert (predictions >= 0).all()
    path = folder / FILE_NAMES[kind]
    fitted.model.save(path)
    np.save(folder / "predictions.npy", predictions)
    np.save(folder / "features.npy", tune.features)
    tune.examples.to_parquet(folder / "examples.parquet")
    assert fitted.settings["seed"] == 1
    assert fitted.epochs == (epochs if kind == "network" else 0)
    if kind == "network":
        assert fitted.settings["loss"] == LOSSES[task]
        again = fit(candidate, hp, parts, seed=1, budget=Budget(epochs, 2)).model
        np.testing.assert_array_equal(again.predict(tune.features, tune.examples), predictions)
        if candidate.needed is None:
            write_layers(folder, load_model(path).model)


NETWORKS = [case for case in cases() if case.values[0] == "network"]
OF_OTHER_TASKS = [case for case in NETWORKS if case.values[3] != case.values[1].TASKS[0]]
"""Those that are not fitted."""


@pytest.mark.parametrize(("kind", "module", "modality", "task"), OF_OTHER_TASKS)
def test_a_network_has_the_outputs_and_the_loss_of_its_task(
    tmp_path, pretrained, kind, module, modality, task
):
    train = make_partition(tmp_path / "train", 60, modality, task, n_features=40)
    candidate = needing(kind, module, pretrained, train)
    train = as_given(candidate, train)
    model, _ = compile_network(candidate, keras_tuner.HyperParameters(), train)
    assert model.output.shape == (None, 3 if task == "multiclass" else 1)
    assert model.loss == LOSSES[task] and model.output.dtype == "float32"


LOAD = """
sys.path[:0] = sys.argv[2:]
import pandas as pd
from network_fits import uncompiled
from deeprules.fit.models import load_model

with uncompiled():
    for path in sorted(Path(sys.argv[1]).glob("*/model.*")):
        features = np.load(path.parent / "features.npy")
        examples = pd.read_parquet(path.parent / "examples.parquet")
        found = load_model(path).predict(features, examples)
        expected = np.load(path.parent / "predictions.npy")
        assert np.allclose(found, expected, rtol=0, atol=1e-6), path
        print(path.parent.name)
"""
BARE = """
import runpy
import sys
from pathlib import Path
import keras
import numpy as np

for layers in sorted(Path(sys.argv[1]).glob("*/custom_objects.py")):
    objects, path = runpy.run_path(str(layers))["OBJECTS"], layers.with_name("model.keras")
    model = keras.saving.load_model(path, custom_objects=objects, compile=False)
    found = np.asarray(model(np.load(path.parent / "features.npy")))[:, 0]
    expected = np.load(path.parent / "predictions.npy")[:, 1]
    assert np.allclose(found, expected, rtol=0, atol=1e-6), path
    print(path.parent.name, "bare")
assert not any(name.split(".")[0] == "deeprules" for name in sys.modules)
"""


def test_another_process_predicts_the_same_with_the_library_and_without_it(fitted_cases):
    """Without it as an exported network does: from its file and the source of its layers."""
    names = {folder.name for folder in fitted_cases.iterdir()}
    if not names:
        pytest.skip("nothing was fitted in this session")
    bare = {f"{path.parent.name} bare" for path in fitted_cases.glob("*/custom_objects.py")}
    folders = TESTS.parent / "scripts", TESTS
    done = warm_starts.python(BARE + LOAD, fitted_cases, *folders, PYTHONPATH="")
    assert done.returncode == 0, done.stdout[-3000:]
    assert names | bare <= set(done.stdout.splitlines())


@pytest.mark.parametrize(("kind", "module", "modality", "task"), list(cases()))
def test_a_module_says_what_it_is_for(kind, module, modality, task):
    assert module.__doc__ and inspect.getdoc(module.build)
    assert modality in ("sequence", "tabular") and task in TASKS
    needed = [module.NEEDS] if hasattr(module, "NEEDS") else []
    assert list(inspect.signature(module.build).parameters) == ["hp", "train", *needed]
    if kind == "baseline":
        assert module.KIND in ("baseline", "nuisance")
    elif not needed:
        said = " ".join(module.__doc__.split())
        assert "weights" in said, "say how many weights the smallest setting has"
        if modality == "sequence":
            assert "a position sees" in said or "whole sequence" in said, "say what it sees"


OWN_NETWORKS = [
    case
    for case in NETWORKS
    if not hasattr(case.values[1], "NEEDS") and case.values[3] == case.values[1].TASKS[0]
]


OF_SEQUENCES = [case for case in OWN_NETWORKS if case.values[2] == "sequence"]


@pytest.mark.parametrize(("kind", "module", "modality", "task"), OF_SEQUENCES)
def test_a_network_sees_every_base(tmp_path, kind, module, modality, task):
    """Also of a length that no pool divides, with as many blocks as there may be."""
    train = make_partition(tmp_path / "train", 40, modality, task, n_features=63)
    hp = default_hyperparameters(Candidate("network", kind, module), train)
    hp.values |= {"strands": "as_given", "augment_shift": 0, "blocks": 3, "kernel": 3, "pool": 16}
    model = Candidate("network", kind, module).build(hp, train)
    places = (0, 31, 61, 62)
    codes = np.stack([train.features] * (1 + len(places)))
    for changed, place in zip(codes[1:], places, strict=True):
        changed[:, place] = COMPLEMENT[changed[:, place]]
    before, *found = np.split(np.asarray(model(np.concatenate(codes))), len(codes))
    for outputs, place in zip(found, places, strict=True):
        assert np.abs(outputs - before).max() > 0, place


@pytest.mark.parametrize(("kind", "module", "modality", "task"), OF_SEQUENCES)
def test_a_network_takes_a_length_or_says_the_smallest(tmp_path, kind, module, modality, task):
    train = make_partition(tmp_path / "train", 20, modality, task, n_features=12)
    for length in (1, 5, 12):
        part = copy(train)
        part.dataset = replace(train.dataset, n_features=length)
        try:
            built = Candidate("network", kind, module).build(keras_tuner.HyperParameters(), part)
        except InputError as error:
            assert re.search(rf"sequences of {length} bases.*smallest length is \d+", str(error))
        else:
            assert built.input_shape == (None, length)


def test_a_network_for_longer_sequences_says_the_smallest_length(tmp_path):
    def build(hp, train):
        codes = keras.Input((train.dataset.n_features,), dtype="uint8")
        hidden = keras.layers.Conv1D(4, 11, padding="valid")(OneHotBases()(codes))
        hidden = keras.layers.MaxPooling1D(4)(hidden)
        hidden = keras.layers.Conv1D(4, 5, padding="valid")(hidden)
        hidden = keras.layers.GlobalMaxPooling1D()(hidden)
        return keras.Model(codes, output_layer(train)(hidden))

    candidate = Candidate("wide", "network", SimpleNamespace(build=build))
    train = make_partition(tmp_path / "train", 20, n_features=12)
    with pytest.raises(InputError, match=r"wide cannot take sequences of 12 bases.*length is 30"):
        candidate.build(keras_tuner.HyperParameters(), train)
    train.dataset = replace(train.dataset, n_features=30)
    assert candidate.build(keras_tuner.HyperParameters(), train).input_shape == (None, 30)

    def broken(hp, train):
        raise ValueError("no length helps")

    with pytest.raises(ValueError, match="no length helps"):
        Candidate("broken", "network", SimpleNamespace(build=broken)).build(None, train)


OF_EACH_KIND = ("mlp", "cnn", "kipoi_finetune")
"""Networks of tables, of sequences, and with a pretrained part: one function scales all of them."""


def regressions():
    """Every baseline for a regression, once, and a network of each kind."""
    for case in cases():
        kind, module, modality, task = case.values
        name, is_last = module.__name__.rpartition(".")[2], module.MODALITIES[-1] == modality
        if kind == "network" and name not in OF_EACH_KIND:
            continue
        if task == "regression" and is_last and getattr(module, "NEEDS", None) != "tool":
            yield pytest.param(kind, module, modality, id=case.id)


def without_training(monkeypatch):
    """Networks are built, and not trained: all are trained by one function, on these labels."""
    from deeprules.fit import training

    def keep(model, data, *_):
        assert abs(data["y"].mean()) < 1e-5 and abs(data["y"].std() - 1) < 1e-5
        return pd.DataFrame({"epoch": [1], "loss": [1.0], "val_loss": [1.0]})

    monkeypatch.setattr(training, "_train", keep)


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize(("kind", "module", "modality"), list(regressions()))
def test_the_unit_of_a_regression_changes_nothing(
    tmp_path, monkeypatch, pretrained, kind, module, modality
):
    parts = [
        make_partition(tmp_path / name, n, modality, "regression", 40, seed)
        for name, n, seed in (("train", 120, 0), ("tune", 40, 1))
    ]
    candidate = needing(kind, module, pretrained, parts[0])
    parts = [as_given(candidate, part) for part in parts]
    if kind == "network" and module.__name__.rpartition(".")[2] != "mlp":
        without_training(monkeypatch)
    found = {}
    for scale, offset in UNITS[:2] if kind == "network" else UNITS:
        scaled = Development(*(part.with_labels(scale * part.labels + offset) for part in parts))
        hp = default_hyperparameters(candidate, scaled.train)
        hp.values["batch_size"] = 60  # two steps an epoch
        with threadpoolctl.threadpool_limits(1):  # Boosting spins with several.
            model = fit(candidate, hp, scaled, 1, Budget(2, 2)).model
        path = tmp_path / ("model.keras" if kind == "network" else "model.joblib")
        model.save(path)
        # A saved model speaks the unit of the labels: it knows no other.
        tune = scaled.tune
        predictions = load_model(path).predict(tune.features, tune.examples)
        found[scale, offset] = scores("regression", tune.labels, predictions)["r2"]
    assert max(found.values()) - min(found.values()) < 1e-3, found


def test_labels_of_any_size_have_a_scale():
    shape = np.array([0.0, 1.0, 1.0, 4.0])
    for scale, offset in ((1, 0), (1e-300, 0), (1e300, 0), (1e-200, 1e-190), (1, 1e9)):
        labels = scale * shape + offset
        target = TargetScale.of(labels)
        units = target.standardise(labels)
        assert abs(units.mean()) < 1e-5 and abs(units.std() - 1) < 1e-5
        np.testing.assert_allclose(target.restore(units), labels, rtol=1e-12, atol=1e-12 * scale)
    assert TargetScale.of(np.full(3, 7.0)) == TargetScale(7.0, 1.0)


@pytest.mark.usefixtures("few_trees")
def test_a_fit_is_the_same_for_the_same_seed_and_differs_for_another(tmp_path):
    train = make_partition(tmp_path / "train", 60, "tabular")
    tune = make_partition(tmp_path / "tune", 40, "tabular", seed=1)
    for kind, name in (("network", "mlp"), ("baseline", "random_forest")):
        candidate = Candidate(name, kind, find_module(kind, name))
        hp = default_hyperparameters(candidate, train)
        hp.values["batch_size"] = 30  # two steps

        def predict(seed, candidate=candidate, hp=hp):
            fitted = fit(candidate, hp, Development(train, tune), seed, Budget(1, 1))
            return fitted.model.predict(tune.features, tune.examples)

        first = predict(1)
        np.testing.assert_array_equal(first, predict(1))
        assert np.abs(first - predict(2)).max() > 1e-4


def test_a_forest_predicts_the_same_bits_every_time(tmp_path):
    train = make_partition(tmp_path / "train", 120)
    candidate = Candidate("random_forest", "baseline", find_module("baseline", "random_forest"))
    hp = default_hyperparameters(candidate, train)
    fitted = fit(candidate, hp, Development(train, train), 1, Budget(1, 1, 2))
    assert fitted.settings["randomforestclassifier__n_jobs"] == 2
    first = fitted.model.predict(train.features, train.examples)
    for _ in range(20):
        np.testing.assert_array_equal(fitted.model.predict(train.features, train.examples), first)


def fit_baseline(module, train, tune=None):
    """Fit a baseline with its defaults."""
    candidate = Candidate("own", "baseline", module)
    hp = default_hyperparameters(candidate, train)
    return fit(candidate, hp, Development(train, tune or train), 1, Budget(1, 1))


@pytest.mark.parametrize(
    ("make", "reader"),
    [
        (LogisticRegression, "LogisticRegression"),
        (lambda: make_pipeline(StandardScaler(), LogisticRegression()), "StandardScaler"),
        (lambda: make_pipeline("passthrough", LogisticRegression()), "LogisticRegression"),
        (lambda: CalibratedClassifierCV(LogisticRegression()), "LogisticRegression"),
        (lambda: VotingClassifier([("a", KNeighborsClassifier())]), "KNeighborsClassifier"),
    ],
)
def test_a_baseline_that_takes_codes_of_bases_for_amounts_is_refused(tmp_path, make, reader):
    module = SimpleNamespace(__name__="own", build=lambda hp, train: make())
    train = make_partition(tmp_path / "train", 60)
    with pytest.raises(InputError, match=rf"own: its {reader} would read.*feature_steps"):
        fit_baseline(module, train)


def test_a_baseline_that_tells_bases_apart_is_fitted(tmp_path):
    train = make_partition(tmp_path / "train", 60)
    for first in (OneHotEncoder(handle_unknown="ignore"), FunctionTransformer()):
        estimator = make_pipeline(first, LogisticRegression())
        module = SimpleNamespace(build=lambda hp, train, made=estimator: made)
        fit_baseline(module, train)


def a_class_within():
    class Within(LogisticRegression):
        pass

    return Within()


@pytest.mark.parametrize("make", [lambda: FunctionTransformer(lambda rows: rows), a_class_within])
def test_a_baseline_that_cannot_be_saved_is_refused_before_it_is_tuned(tmp_path, make):
    train = make_partition(tmp_path / "train", 60, "tabular")
    module = SimpleNamespace(__name__="own", build=lambda hp, train: make())
    with pytest.raises(InputError, match=r"baseline mine \(own\) cannot be saved.*top level"):
        require_savable(Candidate("mine", "baseline", module), None, train)
    for name in ("logistic_regression", "support_vector_machine"):
        candidate = Candidate(name, "baseline", find_module("baseline", name))
        require_savable(candidate, keras_tuner.HyperParameters(), train)


def learns_from_tune(module, folder):
    """Whether a baseline predicts otherwise once the files of tune have changed."""
    train = make_partition(folder / "train", 120, "tabular", n_features=10)
    predictions = []
    for seed in (1, 2):
        tune = make_partition(folder / "tune", 40, "tabular", n_features=10, seed=seed)
        model = fit_baseline(module, train, tune).model
        predictions.append(model.predict(train.features, train.examples))
    return not np.array_equal(*predictions)


@pytest.mark.parametrize("name", ["logistic_regression", "nearest_neighbours", "naive_bayes"])
def test_what_a_baseline_learns_comes_from_train_alone(tmp_path, name):
    assert not learns_from_tune(find_module("baseline", name), tmp_path)


def test_a_transformation_fitted_on_all_development_data_is_caught(tmp_path):
    def build(hp, train):
        everything = [np.load(train.folder.parent / part / "features.npy") for part in PARTS]
        scaler = StandardScaler().fit(np.concatenate(everything))
        return make_pipeline(FunctionTransformer(scaler.transform), LogisticRegression())

    assert learns_from_tune(SimpleNamespace(build=build), tmp_path)


def test_averaged_strands_give_one_prediction_for_both_strands(tmp_path):
    from deeprules.encoding import reverse_complement

    train = make_partition(tmp_path / "train", 60)
    candidate = Candidate("cnn", "network", find_module("network", "cnn"))
    hp = default_hyperparameters(candidate, train)
    hp.values["strands"] = "average"
    model = fit(candidate, hp, Development(train, train), 1, Budget(1, 1)).model
    np.testing.assert_allclose(
        model.predict(train.features), model.predict(reverse_complement(train.features)), atol=1e-6
    )


def test_an_unknown_hyperparameter_is_an_error():
    with pytest.raises(KeyError):
        ChosenHyperparameters({"C": 1}).Float("gamma", 0, 1)
