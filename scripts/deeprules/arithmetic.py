"""How networks compute: under which seed and precision, and whether compiled by XLA.

The run puts its settings into the environment of its jobs, where the name of Keras's backend
stands as well: they have to be known before the first array is made.
"""

import gc
import os
from contextlib import contextmanager, nullcontext
from pathlib import Path

PRECISION = "DEEPRULES_PRECISION"
"""Environment variable: the dtype policy of Keras, such as `mixed_bfloat16`."""
XLA = "DEEPRULES_XLA"
"""Environment variable: `1` if networks of TensorFlow are compiled by XLA."""
DETERMINISTIC = "DEEPRULES_DETERMINISTIC"
"""Environment variable: `0` if the backend is not asked for deterministic operations."""
DETERMINISTIC_GPU = {
    "jax": {"XLA_FLAGS": "--xla_gpu_deterministic_ops=true"},
    "torch": {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"},
}
"""What must stand in the environment for deterministic operations on a GPU, by backend."""

COMPILED = Path(".cache/jax")
"""Where jobs on GPUs keep what JAX compiled, in the folder of the run."""


def set_arithmetic(
    backend: str, precision: str, xla: bool, deterministic: bool, gpus: int
) -> list[str]:
    """Set the environment of jobs; returns what of the settings is not followed, in words.

    Keras does not let XLA compile networks of TensorFlow whose operations are to be deterministic,
    since not all of XLA's can be; PyTorch is not compiled by XLA at all.
    """
    remarks = []
    if xla and backend == "torch":
        remarks.append("compute.xla has no effect: networks of PyTorch are not compiled by XLA.")
    elif xla and backend == "tensorflow" and deterministic:
        remarks.append(
            "compute.xla is off: under TensorFlow it would not be deterministic. Set "
            "compute.deterministic to false if speed matters more than fits that can be repeated."
        )
    # All are set, since a run within a run finds what the outer one has set.
    os.environ[XLA] = str(int(xla and not remarks))
    os.environ[PRECISION] = precision
    os.environ[DETERMINISTIC] = str(int(deterministic))
    for name, value in DETERMINISTIC_GPU.get(backend, {}).items() if deterministic and gpus else ():
        known = os.environ.get(name, "")
        if value not in known:
            os.environ[name] = f"{known} {value}".strip()
    if backend == "jax" and gpus:
        # To compile a network takes a GPU longer than to train a small one, and which kernels are
        # the fastest is found by timing them: jobs of one run share what was compiled.
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(COMPILED.absolute()))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
    return remarks


def set_threads(threads: int) -> None:
    """Limit the threads of the backend; to be called before the first array is made.

    What has been imported by then is left out of the search for garbage before each fit, which
    otherwise takes longer than a small network takes to build.
    """
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow

        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    elif backend == "torch":
        import torch

        torch.set_num_threads(threads)
    gc.freeze()


def start_fit(seed: int, keeps_kernels: bool = False) -> None:
    """Clear Keras's state, seed every generator, set the precision, ask for determinism.

    What JAX and CUDA want for deterministic operations stands in the environment before they start.

    Parameters
    ----------
    keeps_kernels : whether a network that was traced before may be trained: TensorFlow then keeps
        the kernels that it made of its graphs
    """
    import keras

    with _kernels_kept() if keeps_kernels else nullcontext():
        # It forgets the precision as well.
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(os.environ.get(PRECISION, "float32"))
    if os.environ.get(DETERMINISTIC) == "0":
        return
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()
    elif keras.backend.backend() == "torch":
        import torch

        torch.use_deterministic_algorithms(True)


@contextmanager
def _kernels_kept():
    """Let neither a cleared session nor a seed take TensorFlow's kernels away.

    TensorFlow does so with both, for operations that draw from a state of their own, and to make
    those of a network anew takes most of a second. Keras's layers draw from states in variables.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        yield
        return
    from tensorflow.python import pywrap_tfe

    clear = pywrap_tfe.TFE_ContextClearCaches
    pywrap_tfe.TFE_ContextClearCaches = lambda context: None
    try:
        yield
    finally:
        pywrap_tfe.TFE_ContextClearCaches = clear


def forget_kernels() -> None:
    """Free what TensorFlow keeps of the graphs that it has run."""
    import keras

    if keras.backend.backend() == "tensorflow":
        from tensorflow.python.eager import context

        context.context().clear_kernel_cache()


def uses_xla() -> bool:
    """Whether networks are compiled by XLA: always by JAX, by TensorFlow if the run asks for it."""
    import keras

    return keras.backend.backend() == "jax" or os.environ.get(XLA) == "1"
