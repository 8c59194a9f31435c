"""Is there the GPU that was asked for, and if not, what is the likely cause?"""

import importlib.metadata
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deeprules.devices import HIDDEN, VISIBLE
from deeprules.errors import InputError

DISTRIBUTIONS = {
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "jax": ("jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda13-plugin"),
    "torch": ("torch",),
}
INSTALL = {
    "tensorflow": "tensorflow[and-cuda] of the same version (with conda: its CUDA build)",
    "jax": "jax[cuda12] of the same version",
    "torch": "a CUDA build of torch",
}
SECONDS = 20
"""How long the driver may take to answer."""


def find_gpus(backend: str) -> dict:
    """What this process, the driver and the backend know of GPUs.

    Returns
    -------
    {"backend", "versions", "cuda" (of the backend's build; None for a build without), "visible"
    (what the run was started with in CUDA_VISIBLE_DEVICES; None if unset), "in_container",
    "device_files", "driver" ({"found", "error", "devices": [name, memory, driver version]}),
    "devices" (those that the backend sees)}
    """
    devices, cuda = _seen_by(backend)
    return {
        "backend": backend,
        "versions": _versions(backend),
        "cuda": cuda,
        "visible": os.environ.get(VISIBLE),
        "in_container": any(name in os.environ for name in ("APPTAINER_NAME", "SINGULARITY_NAME")),
        "device_files": bool(list(Path("/dev").glob("nvidia*"))),
        "driver": ask_driver(),
        "devices": devices,
    }


def ask_driver() -> dict:
    """{"found", "error", "devices"}: what nvidia-smi says, a line a device."""
    if shutil.which("nvidia-smi") is None:
        return {"found": False, "error": None, "devices": []}
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        error = f"nvidia-smi did not answer within {SECONDS} s"
        return {"found": True, "error": error, "devices": []}
    if answer.returncode:
        said = (answer.stdout + answer.stderr).strip().splitlines() or ["nvidia-smi failed"]
        return {"found": True, "error": said[0], "devices": []}
    return {"found": True, "error": None, "devices": answer.stdout.splitlines()}


def likely_cause(found: Mapping, wanted: int) -> str | None:
    """Why the backend sees fewer GPUs than wanted, and what to do; None if it sees enough.

    Parameters
    ----------
    found : as `find_gpus` gives it
    wanted : GPUs for each job
    """
    if len(found["devices"]) >= wanted:
        return None
    backend, driver = found["backend"], found["driver"]
    if found["visible"] in HIDDEN:
        return (
            f"{VISIBLE} is {found['visible']!r}, which hides every GPU; unset it, or name devices"
        )
    if found["in_container"] and not found["device_files"]:
        return (
            "this is a container without the devices of its host; start it with `--nv` "
            "(Snakemake: `--apptainer-args --nv`)"
        )
    if not driver["found"] and not found["device_files"]:
        return "there is no NVIDIA driver here (no nvidia-smi, no /dev/nvidia*), or no GPU at all"
    if driver["error"]:
        return f"the driver does not work: {driver['error']}; reload or reinstall it, or reboot"
    if found["cuda"] is None:
        versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
        return f"{backend} is a build for the processor ({versions}); install {INSTALL[backend]}"
    if driver["devices"] and not found["devices"] and found["visible"] is not None:
        return (
            f"{VISIBLE} is {found['visible']!r}, but the driver has {len(driver['devices'])} "
            "devices; name one of them"
        )
    if driver["devices"] and not found["devices"]:
        return (
            f"the driver shows {len(driver['devices'])} devices ({driver['devices'][0]}), but "
            f"{backend} cannot use them: its libraries (CUDA {found['cuda']}) are not found, or "
            f"newer than the driver; install {INSTALL[backend]}, or update the driver"
        )
    return f"there are {len(found['devices'])} GPUs; lower compute.gpu"


def require_gpus(found: Mapping, wanted: int, allow_cpu: bool) -> dict:
    """The findings with `status` and `cause`.

    Raises
    ------
    InputError
        If there are too few GPUs and the processor is not allowed.
    """
    cause = likely_cause(found, wanted)
    if cause and not allow_cpu:
        raise InputError(
            f"compute.gpu: {wanted} wanted, and {found['backend']} sees {len(found['devices'])}. "
            f"Likely cause: {cause}. To train on the processor, set compute.allow_cpu to true, or "
            "compute.gpu to 0."
        )
    return {"status": "warn" if cause else "pass", "cause": cause, "wanted": wanted, **found}


def _versions(backend: str) -> dict[str, str]:
    versions = {}
    for name in DISTRIBUTIONS[backend]:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _seen_by(backend: str) -> tuple[list[str], str | None]:
    """Devices that the backend sees, and the version of CUDA that it was built with."""
    if backend == "tensorflow":
        import tensorflow

        devices = tensorflow.config.list_physical_devices("GPU")
        build = tensorflow.sysconfig.get_build_info()
        cuda = build.get("cuda_version") if tensorflow.test.is_built_with_cuda() else None
        return [device.name for device in devices], cuda
    if backend == "torch":
        import torch

        numbers = range(torch.cuda.device_count())
        return [torch.cuda.get_device_name(number) for number in numbers], torch.version.cuda
    import jax

    try:
        devices = [str(device) for device in jax.devices("gpu")]
    except RuntimeError:
        devices = []
    plugins = [name for name in _versions("jax") if "cuda" in name]
    return devices, plugins[0] if plugins else None
