"""What holds for every test."""

import gc
import os
import sys
from pathlib import Path

# Snakemake's plugin for SLURM asks the controller whenever it is imported, and waits for one that
# is not there. Only tests/slurm/run.sh has one; elsewhere a start does without the plugin.
if "SLURM_CI_DIR" not in os.environ:
    os.environ.setdefault("SLURM_CONF", os.devnull)
    folders = str(Path(__file__).with_name("hidden")), os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, folders))

# Several processes test at once, and what they fit is small: threads would wait for one another.
for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")

# What a test writes need not outlive a power cut; to wait for the disk takes longer than most do.
os.fsync = lambda descriptor: None

# Else every process that tests start would compile our modules anew, and pytest all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What is imported while tests are collected stays, so there is nothing to free among it.
gc.disable()


def pytest_collection_finish():
    """Look through imported packages no more for what may be freed: they are large, and stay."""
    gc.collect()
    gc.freeze()
    gc.enable()
