"""The backend of Keras, which has to be known before Keras is imported."""

import os


def choose_backend(name: str, has_gpu: bool) -> None:
    """Set the environment of this process and its jobs.

    Without a GPU, TensorFlow's messages about devices that it does not find are left out.
    """
    os.environ["KERAS_BACKEND"] = name
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2" if has_gpu else "3")
