"""Refit one model without each of the largest batches, and score it there."""

from pathlib import Path

import yaml

from deeprules.data import load_development
from deeprules.development import joined
from deeprules.files import write_table
from deeprules.fitting import Budget, limit_threads
from deeprules.left_out_batches import leave_batches_out
from deeprules.logs import start_log
from deeprules.models import find_module

start_log(snakemake.log[0])
params = snakemake.params
best = yaml.safe_load(Path(snakemake.input.best).read_text())
limit_threads(best["kind"], snakemake.threads)
scores = leave_batches_out(
    best,
    find_module(best["kind"], best["module"]),
    joined(*load_development(snakemake.input)),
    params.most,
    params.seed,
    Budget(params.max_epochs, params.patience, snakemake.threads, params.in_memory_mb),
    params.bootstrap,
)
write_table(snakemake.output.scores, scores)
