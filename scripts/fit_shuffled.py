"""Fit one model, with its chosen hyperparameters, on shuffled labels."""

from pathlib import Path

import yaml

from deeprules.data import load_development
from deeprules.files import write_table
from deeprules.fitting import Budget, limit_threads
from deeprules.logs import start_log
from deeprules.models import find_module
from deeprules.shuffled_labels import fit_shuffled

start_log(snakemake.log[0])
params = snakemake.params
best = yaml.safe_load(Path(snakemake.input.best).read_text())
limit_threads(best["kind"], snakemake.threads)
train, tune = load_development(snakemake.input)
table = fit_shuffled(
    best,
    find_module(best["kind"], best["module"]),
    train,
    tune,
    params.repeats,
    params.seed,
    Budget(params.max_epochs, params.patience, snakemake.threads, params.in_memory_mb),
)
write_table(snakemake.output.scores, table)
