"""A network of a finished run: it predicts as its export does, and scores both strands."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from finished import SEEDS, complete_partition, finish, letters
from kipoi_process import without_library
from network_fits import uncompiled
from source_files import fill_in

from deeprules.export.export_kipoi import (
    describe,
    export_kipoi,
    made_up_examples,
    whole_network,
)
from deeprules.predict.effects import effects
from deeprules.predict.loading import load_models
from deeprules.predict.new_examples import read_new_examples
from deeprules.predict.packed import PackedModel
from deeprules.predict.packing import pack_model
from deeprules.predict.predicting import predict_examples

pytestmark = pytest.mark.usefixtures("uncompiled_fits")
STUDY = {"title": "Motifs", "question": "Is it there?", "endpoint": "planted", "unit": "sequence"}
BY_KIPOI = """
import sys
import numpy as np
import kipoi
for export in sys.argv[2:]:
    model = kipoi.get_model(export, source="dir")
    np.save(f"{export}.npy", model.pipeline.predict({"fasta_file": sys.argv[1]}))
"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A packed run with a network, and the run."""
    folder = tmp_path_factory.mktemp("network")
    models = {"cnn": "network", "logistic_regression": "baseline"}
    with uncompiled():
        run = finish(folder / "run", models=models)
    pack_model(run, folder / "model")
    return PackedModel.open(folder / "model", "cnn"), run


def test_the_export_and_the_prediction_agree(packed, tmp_path):
    opened, run = packed
    new = complete_partition(tmp_path / "new", 50, "sequence", "binary", 5)
    fasta = tmp_path / "new.fa"
    pairs = zip(new.examples["id"], letters(new.features), strict=True)
    fasta.write_text("".join(f">{name}\n{one}\n" for name, one in pairs))
    source = fill_in(sources={"new": {"format": "fasta"}})["sources"]
    names = ("examples.parquet", "features.npy", "read.json")
    keys = ("examples", "features", "summary")
    made = SimpleNamespace(**dict(zip(keys, (tmp_path / one for one in names), strict=True)))
    read_new_examples(opened, source, {"new": fasta}, made)
    made.read = made.summary
    names = ("predictions.tsv", "predictions.parquet", "scores.tsv", "summary.json")
    keys = ("predictions", "parquet", "scores", "summary")
    outputs = SimpleNamespace(**dict(zip(keys, (tmp_path / one for one in names), strict=True)))
    predict_examples(opened, load_models(opened), made, outputs, 1)
    found = pd.read_parquet(outputs.parquet)
    exports = [tmp_path / f"export{seed}" for seed in SEEDS]
    for seed, export in zip(SEEDS, exports, strict=True):
        path = run / "results" / "fit" / "cnn" / "real" / f"seed{seed}" / "model.keras"
        about = describe("cnn", STUDY, new.dataset, {}, 200, "auprc", 0.5)
        examples = made_up_examples(new.features, 8, 1)
        export_kipoi(export, whole_network(path, None, 60), new.dataset, examples, [], about, path)
    for seed, by_kipoi in zip(SEEDS, ask_kipoi(exports, fasta), strict=True):
        np.testing.assert_allclose(found[f"p_yes_seed{seed}"], by_kipoi, atol=1e-6)


def ask_kipoi(exports, fasta):
    """Predictions of each for a FASTA file, by a process that knows nothing of the library."""
    without_library(BY_KIPOI, fasta.parent, fasta, *exports)
    return [np.load(f"{export}.npy").ravel() for export in exports]


def test_a_network_of_both_strands_has_one_effect_on_both(packed):
    opened, _ = packed
    windows = 2 ** np.random.default_rng(2).integers(4, size=(20, 2, 60)).astype(np.uint8)
    model = next(iter(load_models(opened).values()))
    forward, reverse = effects(opened.dataset, model, windows)
    np.testing.assert_allclose(forward, reverse, atol=1e-5)
    swapped = effects(opened.dataset, model, windows[:, ::-1])
    np.testing.assert_allclose(swapped, -np.stack([forward, reverse]), atol=1e-6)
