"""What several measures share; it imports nothing of the library, so any version can use it."""

import re
from pathlib import Path

CNN = {
    "augment_shift": 0, "strands": "as_given", "initialiser": "he_normal", "l2": 1e-6,
    "filters": 64, "kernel": 11, "blocks": 2, "batch_normalisation": False,
    "activation": "relu", "position": "ignored", "dropout": 0.2, "units": 64,
    "optimizer": "adam", "learning_rate": 1e-3, "batch_size": 128,
}  # fmt: skip
"""Hyperparameters of a network of usual size."""


def peak_gb() -> float:
    """Peak memory of this process in GB.

    It is that of Linux: `getrusage` would give the peak of the process that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1e6
