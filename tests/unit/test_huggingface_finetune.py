"""Fine-tuning a model of Hugging Face: it begins as the frozen one, and a saved one is the same."""

import os
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PYTHON = os.environ.get("DEEPRULES_TRANSFORMERS", "")
PACKAGES = "import keras, keras_tuner, pandas, sklearn, torch, transformers"
BACKEND = {**os.environ, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"}


def run(program, folder):
    """Run a program on PyTorch in that environment."""
    paths = [str(TESTS.parent / "scripts"), str(TESTS)]
    return subprocess.run(
        [PYTHON, "-c", program, str(folder)],
        env={**BACKEND, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folder of networks that were trained on PyTorch, and what was seen on the way."""
    if (
        not Path(PYTHON).is_file()
        or subprocess.run([PYTHON, "-c", PACKAGES], env=BACKEND).returncode
    ):
        pytest.skip(
            "DEEPRULES_TRANSFORMERS names no interpreter that has torch and transformers beside "
            "requirements.lock"
        )
    folder = tmp_path_factory.mktemp("trained")
    result = run(TRAIN, folder)
    assert result.returncode == 0, result.stderr[-3000:]
    return folder


TRAIN = """
import sys
from pathlib import Path

import keras
import keras_tuner
import numpy as np
from hub_models import KMER, WIDTH, tiny_files
from network_fits import default_hyperparameters
from partitions import make_partition

from deeprules.arithmetic import start_fit
from deeprules.checks.saved_network import require_loadable
from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.export.exported_files import write_layers
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.models import load_model
from deeprules.pretrained.activations import activations
from deeprules.pretrained.pretrained import Pretrained
from deeprules.pretrained.transformers_layer import TransformersBody

folder = Path(sys.argv[1])
hub = folder / "hub"
hub.mkdir()
for name, content in tiny_files().items():
    (hub / name).write_bytes(content)
contract = {
    **{"name": "tiny", "framework": "transformers", "python": None, "trust": False, "seed": 5},
    **{"layer": "last_hidden_state", "pooling": "mean", "lengths": "tile", "data_length": 40},
    **{"input": {"length": 20, "strand": "as_given", "kmer": KMER}, "n_outputs": WIDTH},
    "folder_sha256": "0",
}
train = make_partition(folder / "train", 120, n_features=40)
tune = make_partition(folder / "tune", 40, n_features=40, seed=1)
codes = np.asarray(tune.features)
tensor = keras.ops.convert_to_tensor(codes)


def states(body):
    return keras.ops.convert_to_numpy(body(tensor, training=False))


start_fit(1)
for changes in ({}, {"pooling": "max"}, {"pooling": "first"}, {"layer": "hidden_states/1"}):
    pretrained = Pretrained("tiny", hub, contract | changes)
    frozen = activations(pretrained, codes, None)
    np.testing.assert_allclose(states(TransformersBody.of(pretrained)), frozen, atol=1e-5)
below = TransformersBody.of(pretrained)
below.train_top(3)
moving = {name for name, one in zip(below.names, below.variables, strict=True) if one.trainable}
assert moving and not any("layer.1" in name or "pooler" in name for name in moving), moving

pretrained = Pretrained("tiny", hub, contract)
body = TransformersBody.of(pretrained)
for depth, start in ((1, "encoder.layer.1."), (2, "encoder.layer."), (3, "")):
    body.train_top(depth)
    moving = {name for name, one in zip(body.names, body.variables, strict=True) if one.trainable}
    assert moving == {
        name for name in body.names if name.startswith(start) and "pooler" not in name
    }
start_fit(2)
drawn = states(TransformersBody.of(pretrained.with_random_weights()))
assert np.abs(drawn - states(body)).max() > 0.1

values = {"unfrozen_blocks": 1, "unfrozen_rate": 0.1, "learning_rate": 0.01, "dropout": 0.0}
for name in ("huggingface_finetune", "huggingface_scratch"):
    candidate = Candidate.of(name, {"kind": "network", "module": name}, pretrained)
    hp = default_hyperparameters(candidate, train)
    hp.values |= values
    parts = Development(train, tune)
    first, second = (fit(candidate, hp, parts, 1, Budget(8, 8)) for _ in range(2))
    assert first.history["loss"].iloc[-1] < first.history["loss"].iloc[0]
    found = first.model.predict(tune.features, tune.examples)
    np.testing.assert_array_equal(second.model.predict(tune.features, tune.examples), found)
    (folder / name).mkdir()
    first.model.save(folder / name / "model.keras")
    np.save(folder / name / "features.npy", codes)
    np.save(folder / name / "predictions.npy", found)
    require_loadable(candidate, keras_tuner.HyperParameters(), train, 1, load_model)
    fitted = first.model.model
    inner = [one for one in fitted._flatten_layers() if isinstance(one, TransformersBody)][0]
    # Its files have no pooler, which is drawn at random and has no part in the states.
    before = dict(TransformersBody.of(pretrained).module.named_parameters())
    changed = {
        key
        for key, one in inner.module.named_parameters()
        if "pooler" not in key and not one.equal(before[key])
    }
    if name == "huggingface_finetune":
        assert changed and all(key.startswith("encoder.layer.1.") for key in changed), changed
    try:
        write_layers(folder, fitted)
    except InputError as error:
        assert "TransformersBody" in str(error)
    else:
        raise AssertionError("it was exported")
"""

LOAD = """
import sys
from pathlib import Path

import numpy as np

from deeprules.fit.models import load_model

for path in sorted(Path(sys.argv[1]).glob("*/model.keras")):
    found = load_model(path).predict(np.load(path.parent / "features.npy"))
    np.testing.assert_allclose(found, np.load(path.parent / "predictions.npy"), atol=1e-6)
    print(path.parent.name)
"""


def test_it_begins_as_the_frozen_model_and_trains_the_chosen_blocks_alone(trained):
    assert (trained / "huggingface_scratch" / "model.keras").is_file()


def test_another_process_predicts_the_same_without_the_models_folder(trained):
    (trained / "hub").rename(trained / "gone")
    result = run(LOAD, trained)
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.split() == ["huggingface_finetune", "huggingface_scratch"]
