"""Activations of a pretrained model: right numbers, a cache by content, clear errors."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from pretrained_models import changed, make_pretrained, save_pretrained, tiny_model

from deeprules.encoding import reverse_complement
from deeprules.errors import InputError
from deeprules.pretrained import activation_program
from deeprules.pretrained.activation_program import CHUNK, pool
from deeprules.pretrained.activations import (
    activations,
    activations_key,
    cached_activations,
    link_or_copy,
)
from deeprules.pretrained.kipoi_inputs import model_inputs


@pytest.fixture(scope="module")
def codes():
    return 2 ** np.random.default_rng(1).integers(4, size=(30, 40)).astype(np.uint8)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return make_pretrained(tmp_path_factory.mktemp("tiny") / "model")


def test_a_model_that_brings_code_runs_apart_from_data_and_labels(tiny, codes, tmp_path):
    (tmp_path / "results").mkdir()
    apart = changed(tiny, trust=True, hidden=[str(tmp_path / "results")])
    found = activations(apart, codes[:3], None)
    np.testing.assert_allclose(found, activations(tiny, codes[:3], None), rtol=1e-5)


def expected(codes, layer, axes="length_channel"):
    """The output of a layer of `tiny_model`, with Keras alone."""
    model = tiny_model(40, axes)
    inputs = model_inputs(codes, {"input": {**INPUT, "axes": axes}, "lengths": "crop"})
    return keras.Model(model.input, model.get_layer(layer).output).predict(inputs, verbose=0)


INPUT = {"channels": "ACGT", "ambiguous": "shares", "length": 40, "strand": "as_given"}


def test_activations_are_those_of_the_layer(tiny, codes):
    found = activations(tiny, codes, None)
    np.testing.assert_allclose(found, expected(codes, "dense"), atol=1e-6)
    assert found.dtype == np.float32 and found.shape == (30, 8)


def test_activations_with_positions_are_pooled_to_their_maximum(tiny, codes):
    found = activations(changed(tiny, layer="relu"), codes, None)
    np.testing.assert_allclose(found, expected(codes, "relu").max(axis=1), atol=1e-6)
    assert found.shape == (30, 6)


def test_without_a_layer_they_are_the_outputs_of_the_model(tiny, codes):
    found = activations(changed(tiny, layer=None), codes, None)
    np.testing.assert_allclose(found, expected(codes, "out"), atol=1e-6)


@pytest.mark.parametrize("axes", ["channel_length", "channel_length_1", "1_length_channel"])
def test_the_axes_of_the_input_do_not_matter(tmp_path, codes, axes):
    found = activations(make_pretrained(tmp_path / "model", axes=axes), codes, None)
    np.testing.assert_allclose(found, expected(codes, "dense", axes), atol=1e-6)


def test_windows_are_averaged(tiny, codes):
    two = np.hstack([codes[:15], codes[15:]])
    found = activations(changed(tiny, lengths="tile"), two, None)
    parts = expected(codes, "dense")
    np.testing.assert_allclose(found, (parts[:15] + parts[15:]) / 2, atol=1e-6)


def test_a_layer_within_a_body_used_for_both_strands_is_averaged(tmp_path, codes):
    from deeprules.layers import OneHotBases, ReverseComplement

    keras.utils.set_random_seed(3)
    layers = [keras.layers.Conv1D(5, 3, name="conv"), keras.layers.GlobalMaxPooling1D()]
    body = keras.Sequential([*layers, keras.layers.Dense(4, name="dense")], name="body")
    inputs = keras.Input((40,), dtype="uint8")
    bases = OneHotBases()(inputs)
    strands = [body(bases), body(ReverseComplement()(bases))]
    model = keras.Model(inputs, keras.layers.Average()(strands))
    pretrained = save_pretrained(tmp_path / "model", model, "body/conv", axes="codes")
    found = activations(pretrained, codes, None)
    conv = keras.Sequential([OneHotBases(), *layers])
    one, other = (conv.predict(part, verbose=0) for part in (codes, reverse_complement(codes)))
    np.testing.assert_allclose(found, (one + other) / 2, atol=1e-6)


def test_a_missing_layer_is_named(tiny, codes):
    with pytest.raises(InputError, match=r"pretrained\.tiny\.layer.*no layer 'dens'.*dense, out"):
        activations(changed(tiny, layer="dens"), codes, None)


def test_sequences_too_short_to_crop_are_refused(tiny, codes):
    with pytest.raises(InputError, match="30 bases and the pretrained model takes 40"):
        activations(tiny, codes[:, :30], None)


def test_an_activation_that_is_not_finite_is_an_error(tmp_path, codes):
    model = tiny_model()
    kernel, bias = model.get_layer("dense").get_weights()
    model.get_layer("dense").set_weights([kernel, np.full_like(bias, np.inf)])
    pretrained = save_pretrained(tmp_path / "model", model, "dense")
    with pytest.raises(InputError, match=r"tiny are not finite for 30 of 30 .*row 0"):
        activations(pretrained, codes, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_the_cache_is_used_and_is_memory_mapped(tiny, codes, tmp_path, monkeypatch):
    first = activations(tiny, codes, tmp_path)
    assert isinstance(first, np.memmap)
    np.testing.assert_array_equal(first, activations(tiny, codes, None))
    monkeypatch.setattr("deeprules.pretrained.activations.activation_chunks", None)
    np.testing.assert_array_equal(activations(tiny, codes.copy(), tmp_path), first)


def test_the_cache_is_keyed_by_the_content(tiny, codes):
    other_codes = codes.copy()
    other_codes[0, 0] = 15
    settings = tiny.contract["input"]
    keys = [
        activations_key(tiny, codes),
        activations_key(tiny, other_codes),
        activations_key(tiny, codes.reshape(15, 80)),
        activations_key(changed(tiny, folder_sha256="0" * 64), codes),
        activations_key(changed(tiny, layer="relu"), codes),
        activations_key(changed(tiny, lengths="tile"), codes),
        activations_key(changed(tiny, input={**settings, "ambiguous": "zero"}), codes),
    ]
    assert len(set(keys)) == len(keys)
    assert activations_key(changed(tiny, name="same", python="elsewhere"), codes) == keys[0]


def test_another_model_or_other_codes_never_hit(tiny, codes, tmp_path):
    activations(tiny, codes, tmp_path)
    other = changed(tiny, layer="relu")
    assert activations(other, codes, tmp_path).shape == (30, 6)
    reverse = activations(tiny, reverse_complement(codes), tmp_path)
    assert np.abs(reverse - activations(tiny, codes, tmp_path)).max() > 1e-3
    assert len(list(tmp_path.iterdir())) == 3


def test_many_sequences_go_chunk_by_chunk(tiny, codes):
    many = np.tile(codes, (CHUNK // 30 + 10, 1))
    found = activations(tiny, many, None)
    assert len(found) == len(many) > CHUNK
    np.testing.assert_allclose(found[-30:], found[:30], atol=1e-6)


def test_a_model_can_run_in_its_own_environment(tiny, codes, tmp_path):
    elsewhere = changed(tiny, python=sys.executable)
    np.testing.assert_allclose(
        activations(elsewhere, codes, tmp_path), activations(tiny, codes, None), atol=1e-6
    )


def test_the_program_needs_numpy_alone_before_it_opens_a_model():
    code = "import sys, deeprules.pretrained.activation_program as p; print(*sys.modules)"
    folder = Path(activation_program.__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(folder)},
        text=True,
        capture_output=True,
    )
    loaded = {name.split(".")[0] for name in result.stdout.split()}
    assert "numpy" in loaded
    assert not loaded & {"pandas", "keras", "tensorflow", "sklearn", "yaml", "kipoi", "h5py"}


def test_what_fails_in_the_other_environment_is_told(tiny, codes, tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho \"there is no layer 'dens'\"\nexit 1\n")
    python.chmod(0o755)
    broken = changed(tiny, python=str(python))
    with pytest.raises(InputError, match=r"pretrained\.tiny\.python(.|\n)*no layer 'dens'"):
        activations(broken, codes, None)


def test_another_framework_is_asked_through_kipoi(tmp_path, codes):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.yaml").write_text(CUSTOM_YAML)
    (folder / "model.py").write_text(CUSTOM_MODEL)
    tiny = make_pretrained(tmp_path / "tiny")
    settings = {**tiny.contract["input"], "axes": "channel_length", "length": 10}
    contract = {**tiny.contract, "framework": "custom", "input": settings, "layer": None}
    custom = type(tiny)("custom", folder, {**contract, "lengths": "tile"})
    composition = np.stack([(codes == code).mean(axis=1) for code in (1, 2, 4, 8)], axis=1)
    np.testing.assert_allclose(activations(custom, codes, tmp_path), composition, atol=1e-6)
    with pytest.raises(InputError, match="no activations of layers"):
        activations(changed(custom, layer="conv"), codes, None)


CUSTOM_YAML = """\
defined_as: model.Composition
args: {}
default_dataloader: .
info: {authors: [{name: nobody}], doc: base composition}
schema:
  inputs: {seq: {shape: "(4, 10)", doc: bases}}
  targets: {shape: "(4,)", doc: composition}
"""
CUSTOM_MODEL = """\
from kipoi.model import BaseModel


class Composition(BaseModel):
    def predict_on_batch(self, x):
        return {"shares": x["seq"].mean(axis=2)}
"""


def test_pooling_of_another_framework_knows_where_the_channels_are():
    values = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(pool(values, channels_first=False), values.max(axis=1))
    np.testing.assert_array_equal(pool(values, channels_first=True), values.max(axis=2))
    np.testing.assert_array_equal(pool(values[:, :, 0], channels_first=True), values[:, :, 0])
    assert pool(values[..., None], channels_first=True).shape == (2, 3)


def test_a_cached_file_is_linked_not_copied(tiny, codes, tmp_path):
    cached = cached_activations(tiny, codes, tmp_path / "cache")
    link_or_copy(cached, tmp_path / "train.npy")
    assert (tmp_path / "train.npy").samefile(cached)


def test_where_there_are_no_links_a_copy_is_made(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("content")

    def refuse(*_):
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    link_or_copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "content"
    assert not (tmp_path / "b").samefile(tmp_path / "a")
