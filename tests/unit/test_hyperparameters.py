"""What a model's source says of its hyperparameters, and what of `space` is refused by it."""

from pathlib import Path

import pytest

from deeprules_workflow.hyperparameters import Hyperparameter, hyperparameters
from deeprules_workflow.modules import find_models
from deeprules_workflow.space import fitting_space, space_faults

ROOT = Path(__file__).parents[2]
HEAD = "MODALITIES = ('tabular',)\nTASKS = ('binary',)\n"
HELPER = """
from deeprules.fit.blocks import activated
def steps(train, hp, *, kmers):
    return activated(hp), hp.Choice("kmer", kmers)
"""
BLOCKS = """
ACTIVATIONS = ["relu", "gelu"]
def activated(hp):
    return hp.Choice(values=ACTIVATIONS, name="activation")
def never(hp):
    return hp.Int("never", 1, 2)
"""
MODEL = """
from deeprules.fit.blocks import never
from deeprules.fit.helper import steps as first
def build(tuner, train):
    units = tuner.Int("units", min_value=1, max_value=8)
    if units:
        with tuner.conditional_scope("units", [1]):
            own(2, train, tuner)
    return first(train, hp=tuner, kmers=(1, 2))
def own(number, train, given):
    rate = given.Float("rate", 1e-3, 1.0) or given.Float("rate", 1e-2, 0.1)
    return given.Choice("scale", [0.1, 1, 10]), given.Boolean("fold"), rate
"""
NAMES = {"units", "rate", "scale", "fold", "activation", "kmer"}


@pytest.fixture
def library(tmp_path):
    """A workflow's folder, and a way to write a model into its library."""
    folder = tmp_path / "scripts" / "deeprules"
    for name in ("networks", "baselines", "fit"):
        (folder / name).mkdir(parents=True)
    (folder / "fit" / "helper.py").write_text(HELPER)
    (folder / "fit" / "blocks.py").write_text(BLOCKS)

    def write(text):
        (folder / "baselines" / "own.py").write_text(HEAD + text)
        return tmp_path

    return write


def test_names_kinds_and_ranges_are_read_through_the_library(library):
    found = hyperparameters(library(MODEL), "baseline", "own")
    assert found.is_complete and set(found.known) == NAMES
    assert found.known["units"] == Hyperparameter("whole number", (), 1, 8)
    assert found.known["rate"] == Hyperparameter("number", (), 1e-3, 1.0)
    assert found.known["scale"] == Hyperparameter("number", (0.1, 1, 10))
    assert found.known["activation"] == Hyperparameter("text", ("relu", "gelu"))
    assert found.known["fold"].kind == "true or false" and found.known["kmer"].kind == ""


@pytest.mark.parametrize(
    "body",
    [
        "return [hp.Choice(name, [1, 2]) for name in 'ab']",
        "return hp.Choice(f'units_{1}', [1, 2])",
        "return elsewhere(hp)",
        "return train.build_with(hp)",
        "other = hp\n    return other.Int('units', 1, 2)",
        "ask = hp.Int\n    return ask('units', 1, 2)",
        "return {'hp': hp}",
        "return Class(hp)",
    ],
)
def test_where_hp_cannot_be_followed_nothing_is_claimed(library, body):
    folder = library(f"def build(hp, train):\n    {body}\nclass Class:\n    pass\n")
    assert not hyperparameters(folder, "baseline", "own").is_complete
    assert not list(faults(folder, {"anything": 5}))


def test_all_models_that_are_here_can_be_followed_but_the_one_for_tools():
    for name, module in find_models(ROOT).items():
        assert hyperparameters(ROOT, module.kind, name).is_complete == (module.needs != "tool")


def faults(folder, space, module="own"):
    models = {"mine": {"module": module, "space": space}}
    return [
        fault.removeprefix("models.mine.space.")
        for fault in space_faults(models, find_models(folder), folder)
    ]


SPACES = {
    "misspelt": ({"unit": 3}, "unit: `own` has no such hyperparameter; did you mean `units`? (it"),
    "of a function that is not used": ({"never": 1}, "never: `own` has no such hyperparameter"),
    "text for a number": ({"rate": "relu"}, "rate: `relu` is text, and the model takes a number"),
    "a decimal for a whole number": ({"units": 2.5}, "units: `2.5` is a number, and the model"),
    "a truth value for a number": (
        {"units": True},
        "units: `true` is true or false, and the model",
    ),
    "a number for a truth value": ({"fold": 1}, "fold: `1` is a whole number, and the model takes"),
    "text that is misspelt": ({"activation": "rleu"}, "did you mean `relu`?"),
    "one of two texts": ({"activation": ["relu", "x"]}, "activation: `x` is not among `relu`"),
    "number for text": (
        {"activation": 5},
        "activation: `5` is a whole number, and the model takes",
    ),
    "numbers and text": ({"kmer": [1, "2a"]}, "kmer: the choices must be of one type, not numbers"),
    "twice": ({"units": [3, 4, 3]}, "units: `3` stands twice"),
    "twice in two types": ({"rate": [0.5, 1, 1.0]}, "rate: `1.0` stands twice"),
    "negative": ({"units": -1}, "units: -1 is negative; the model's own range is 1 to 8"),
    "a share above 1": ({"rate": 1.5}, "rate: 1.5 is above 1; the model's own range is 0.001 to 1"),
}


@pytest.mark.parametrize(("space", "words"), SPACES.values(), ids=SPACES.keys())
def test_what_no_model_could_take_is_refused_before_anything_runs(library, space, words):
    (fault,) = faults(library(MODEL), space)
    assert words in fault


def test_of_a_network_the_optimizer_is_known_too():
    (fault,) = faults(ROOT, {"learning_rat": 1e-3, "optimizer": "sgd", "batch_size": 16}, "cnn")
    assert fault.startswith("learning_rat: `cnn` has no such hyperparameter; did you mean `learn")
    for module in ("kipoi_features", "kipoi_finetune", "kipoi_scratch"):
        (fault,) = faults(ROOT, {"dropuot": 0.1}, module)
        assert "did you mean `dropout`?" in fault


@pytest.mark.parametrize(
    ("space", "fitted"),
    [
        ({"rate": [0.1, 1, 10]}, {"rate": [0.1, 1.0, 10.0]}),
        ({"rate": 1}, {"rate": 1.0}),
        ({"kmer": [1, 2.5]}, {"kmer": [1.0, 2.5]}),
        ({"units": [16, 1024]}, {"units": [16, 1024]}),
        ({"elsewhere": [1, 2]}, {"elsewhere": [1, 2]}),
    ],
)
def test_numbers_take_the_type_that_the_model_asks_for(library, space, fitted):
    folder = library(MODEL)
    found = fitting_space(space, find_models(folder)["own"], folder)
    assert found == fitted and repr(found) == repr(fitted)
    assert fitting_space(found, find_models(folder)["own"], folder) == fitted


def test_a_number_that_is_text_to_the_model_becomes_text():
    forest = find_models(ROOT)["random_forest"]
    space = {"max_features": ["sqrt", 0.1]}
    assert fitting_space(space, forest, ROOT) == {"max_features": ["sqrt", "0.1"]}
    assert not faults(ROOT, space, "random_forest")
