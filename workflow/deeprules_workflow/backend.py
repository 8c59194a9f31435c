"""The backend of Keras and the GPUs of jobs, which have to be known before Keras is imported."""

import os
from collections.abc import Mapping

from snakemake.logging import logger

from deeprules.arithmetic import set_arithmetic
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
    names = ("backend", "precision", "xla", "deterministic")
    remarks = set_arithmetic(*(compute[name] for name in names), compute["gpu"])
    if workflow.is_main_process:
        for remark in remarks:
            logger.warning(remark)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2" if compute["gpu"] else "3")
    # Jobs on a cluster have devices of their own from its scheduler.
    on_cluster = workflow.remote_exec or not workflow.local_exec
    share_out_gpus(compute["gpu"], compute["allow_cpu"], on_cluster)


def arithmetic(compute: Mapping) -> str:
    """What fits depend on beside their code, for `params`: backend, precision, XLA, determinism."""
    terms = [compute["backend"]]
    terms += [compute["precision"]] if compute["precision"] != "float32" else []
    terms += ["xla"] if compute["xla"] else []
    terms += [] if compute["deterministic"] else ["not deterministic"]
    return ", ".join(terms)


def train_environment(compute: Mapping, is_private: bool = False) -> str:
    """Conda environment of the rules that train, from their folder: with CUDA for GPUs.

    `is_private` says that a network is trained with differential privacy, on JAX and a CPU.
    """
    if is_private:
        return "../../envs/train-private.yaml"
    backend = "" if compute["backend"] == "tensorflow" else f"-{compute['backend']}"
    return f"../../envs/train{backend}{'-cuda' if compute['gpu'] else ''}.yaml"


def kipoi_environment(compute: Mapping) -> str:
    """Conda environment of the rules that fetch and check a pretrained model.

    The one of its own holds TensorFlow, so that with another backend the one for training serves.
    """
    if compute["backend"] == "tensorflow":
        return "../../envs/kipoi.yaml"
    return train_environment(compute)
