"""Source code that is copied out of the library stands by itself and means the same."""

import keras
import numpy as np
import pytest

import deeprules.layers
from deeprules.export.standalone_source import _statements, standalone_source

MODULES = {
    "one": """
\"\"\"A module.\"\"\"
import math
from deeprules_sample.two import table, unused

SCALE = 2  # of all
factors = {}
for name in "ab":
    factors[name] = SCALE
factors["c"] = 3


def twice(function):
    return lambda value: SCALE * function(value)


@twice
def wanted(value):
    return math.floor(value) * factors["c"] + table["x"]


def other(value):
    return unused
""",
    "two": """
table = dict(x=0)
table["x"] += 10
unused = 1
""",
    "three": """
def wanted(value):
    return value
""",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "deeprules_sample"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for name, text in MODULES.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("deeprules.export.standalone_source.PACKAGE", "deeprules_sample")
    _statements.cache_clear()
    yield "deeprules_sample"
    _statements.cache_clear()


def test_the_text_holds_what_is_needed_and_nothing_else(package):
    text = standalone_source([(f"{package}.one", "wanted")])
    names = {}
    exec(text, names)
    assert names["wanted"](1.5) == 2 * (1 * 3 + 10)
    assert names["factors"] == {"a": 2, "b": 2, "c": 3}
    assert package not in text
    assert "unused" not in text and "def other" not in text


def test_an_unknown_name_and_two_meanings_are_refused(package):
    with pytest.raises(ValueError, match="defines no absent"):
        standalone_source([(f"{package}.one", "absent")])
    with pytest.raises(ValueError, match="wanted in different ways"):
        standalone_source([(f"{package}.one", "wanted"), (f"{package}.three", "wanted")])


def test_layers_of_the_library_mean_the_same_without_it():
    classes = ["OneHotBases", "ReverseComplement"]
    own = {name: getattr(deeprules.layers, name)() for name in classes}
    text = standalone_source(
        [("deeprules.layers", name) for name in classes]
        + [("deeprules.pretrained.pretrained_layers", "PretrainedInput")]
    )
    assert "from deeprules" not in text and "import deeprules" not in text
    assert "class PretrainedInput" in text and "class Standardise" not in text
    registered = dict(keras.saving.get_custom_objects())
    names = {}
    exec(text, names)
    keras.saving.get_custom_objects().update(registered)
    codes = np.arange(16, dtype=np.uint8)[None]
    bases = np.asarray(own["OneHotBases"](codes))
    np.testing.assert_array_equal(np.asarray(names["OneHotBases"]()(codes)), bases)
    np.testing.assert_array_equal(
        np.asarray(names["ReverseComplement"]()(bases)),
        np.asarray(own["ReverseComplement"](bases)),
    )
