"""Fit small networks again and again under one backend: the same to the last bit, also once saved.

Usage: KERAS_BACKEND=NAME python fit_again.py FOLDER NAME, with scripts/ and tests/ on the path.
"""

import sys
from pathlib import Path

import keras
import numpy as np
from network_fits import fit_and_load

from deeprules.fit import compiled_networks

folder, backend = Path(sys.argv[1]), sys.argv[2]
assert keras.backend.backend() == backend
augmented = {"augment_shift": 3, "strands": "augment"}
for name, modality, values in (("cnn", "sequence", augmented), ("mlp", "tabular", {})):
    terms = {"epochs": 8, "n_train": 300, **values}
    first, second, loaded = fit_and_load(folder / name, name, modality, **terms)[1]
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, loaded, atol=1e-6)
    # Nobody holds the networks of before any more, so that one of them is trained again.
    kept = len(compiled_networks._kept)
    again = fit_and_load(folder / name, name, modality, **terms)[1]
    np.testing.assert_array_equal(first, again[0])
    assert len(compiled_networks._kept) == kept
print(f"fits under {backend} are repeated to the last bit")
