"""Folders in Kipoi format: kipoi itself reads what is written, and nothing in them is run."""

import kipoi
import numpy as np
import pytest
import yaml

from deeprules.errors import InputError
from deeprules.pretrained.kipoi_folder import (
    expected_file,
    framework_of,
    read_model_yaml,
    read_shape,
    write_kipoi_folder,
    write_model_yaml,
)

SOUND = {
    "type": "keras",
    "args": {"weights": "model.keras"},
    "info": {"doc": "made here"},
    "schema": {"inputs": {"seq": {"shape": [8, 4]}}, "targets": {"shape": [1]}},
}


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A small Keras model and its file."""
    import keras

    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((8, 4)), keras.layers.Flatten(), keras.layers.Dense(1)])
    path = tmp_path_factory.mktemp("network") / "any.keras"
    model.save(path)
    return model, path


@pytest.mark.parametrize("shape", [[8, 4], "(8, 4)", (None, 4)])
def test_kipoi_predicts_the_same_as_keras_from_a_folder_written_here(tmp_path, network, shape):
    model, path = network
    write_kipoi_folder(
        tmp_path / "model",
        path,
        info={"authors": [{"name": "A"}], "doc": "A model", "license": "MIT"},
        schema={"inputs": {"seq": {"shape": shape, "doc": "DNA"}}, "targets": {"shape": (1,)}},
        dataloader=None,
        dependencies={"pip": ["keras"]},
        test=None,
    )
    loaded = kipoi.get_model(str(tmp_path / "model"), source="dir", with_dataloader=False)
    bases = np.random.default_rng(1).random((3, 8, 4)).astype(np.float32)
    np.testing.assert_allclose(
        loaded.predict_on_batch(bases), model.predict(bases, verbose=0), rtol=1e-6
    )
    assert loaded.type == "keras"
    assert loaded.info.license == "MIT"


def test_a_reader_given_by_its_class_is_written_as_kipoi_wants_it(tmp_path, network):
    write_kipoi_folder(
        tmp_path,
        network[1],
        info={"doc": "A model"},
        schema=SOUND["schema"],
        dataloader="kipoiseq.dataloaders.SeqIntervalDl",
        dependencies={},
        test={"expect": "expect.h5", "precision_decimal": 4},
    )
    content = read_model_yaml(tmp_path)
    assert content["default_dataloader"] == {"defined_as": "kipoiseq.dataloaders.SeqIntervalDl"}
    assert expected_file(content) == "expect.h5"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no model.yaml"),
        ("- a\n- list\n", "is not a mapping"),
        ("type: keras\nargs: {}\ninfo: {}\n", "`schema` must be a mapping"),
        ("args: {}\ninfo: {}\nschema: {}\n", "`type` or `defined_as`"),
        ("type: [", "is not YAML"),
        ("type: !!python/object/apply:os.system ['true']\n", "is not YAML"),
        ("a: &a [x]\nb: &b [*a, *a]\n" + "c: [*b, *b]\n" * 2000, "aliases"),
        ("type: keras\ntype: custom\n", "stands in line 1 already"),
        ("type: {a: 1}\nargs: {}\ninfo: {}\nschema: {}\n", "`type` or `defined_as`"),
        *(
            (f"type: keras\nargs: {{}}\ninfo: {{}}\nschema: {{}}\n{rest}\n", f"`{key}` must be a")
            for key, rest in (("test", "test: x"), ("dependencies", "dependencies: [x]"))
        ),
        *(
            (
                f"type: keras\nargs: {{}}\ninfo: {{}}\nschema: {{}}\ntest: {{expect: {one}}}\n",
                "name a",
            )
            for one in ("5", "[a]", "true")
        ),
    ],
)
def test_a_folder_that_kipoi_could_not_read_is_refused(tmp_path, text, message):
    if text is not None:
        (tmp_path / "model.yaml").write_text(text)
    with pytest.raises(InputError, match=message):
        read_model_yaml(tmp_path)


@pytest.mark.parametrize(
    "shape",
    ["__import__('os').system('true')", "(a, 4)", [1.5], True, {}, "(1," * 200, "-" * 9000 + "1"],
)
def test_a_shape_that_kipoi_would_run_as_code_is_refused(tmp_path, shape):
    schema = {"inputs": [{"name": "seq", "shape": shape}], "targets": {"shape": [1]}}
    with pytest.raises(InputError, match="is not a shape"):
        write_model_yaml(tmp_path, {**SOUND, "schema": schema})
    assert not (tmp_path / "model.yaml").exists()


def test_shapes_are_read_in_every_way_that_they_are_written():
    assert read_shape("(None, 4)") == read_shape(["None", 4]) == read_shape([None, 4]) == (None, 4)
    assert read_shape(1) == read_shape("(1,)") == (1,)


@pytest.mark.parametrize(
    ("entry", "framework"),
    [
        ({"type": "Keras"}, "keras"),
        ({"defined_as": "kipoi.model.KerasModel"}, "keras"),
        ({"type": "tensorflow2"}, "tensorflow"),
        ({"type": "custom"}, "custom"),
        ({"defined_as": "model.Mine"}, "custom"),
    ],
)
def test_the_framework_is_that_of_the_kind(entry, framework):
    assert framework_of(entry) == framework


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (None, None),
        ({"expect": {"url": "file:downloaded/expect.h5", "md5": "0"}}, "downloaded/expect.h5"),
        ({"expect": {"url": "https://example.org/expect.h5"}}, None),
        ({"expect": {"url": "file:../expect.h5"}}, None),
        ({"expect": {"url": 5}}, None),
        ({"expect": "/expect.h5"}, None),
    ],
)
def test_expected_predictions_are_found_if_they_lie_in_the_folder(test, expected):
    assert expected_file({"test": test}) == expected


def test_what_is_written_is_plain_yaml(tmp_path):
    write_model_yaml(tmp_path, SOUND)
    content = yaml.safe_load((tmp_path / "model.yaml").read_text())
    assert content["schema"]["inputs"]["seq"]["shape"] == "(8, 4)"
