"""The backend of Keras and the GPUs of jobs, which have to be known before Keras is imported."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "scripts"))

from deeprules.devices import share_out_gpus


def choose_backend(compute: Mapping, workflow) -> None:
    """Set the environment of this process and its jobs.

    Without a GPU, TensorFlow's messages about devices that it does not find are left out.

    Parameters
    ----------
    compute : section of that name in the resolved configuration
    workflow : the object of that name in a Snakefile
    """
    os.environ["KERAS_BACKEND"] = compute["backend"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2" if compute["gpu"] else "3")
    # Jobs on a cluster have devices of their own from its scheduler.
    on_cluster = workflow.remote_exec or not workflow.local_exec
    share_out_gpus(compute["gpu"], compute["allow_cpu"], on_cluster)


def train_environment(gpus: int) -> str:
    """Conda environment of the rules that train, from their folder: with CUDA for GPUs."""
    return f"../../envs/train{'-cuda' if gpus else ''}.yaml"
