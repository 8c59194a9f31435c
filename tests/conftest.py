"""What holds for every test."""

import os

# Snakemake's plugin for SLURM asks the controller whenever it is imported, and waits for one that
# is not there. Only tests/slurm/run.sh has one.
os.environ.setdefault("SLURM_CONF", os.devnull)
