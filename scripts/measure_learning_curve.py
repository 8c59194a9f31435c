"""Refit one model on growing shares of train and score it on tune."""

from pathlib import Path

import yaml

from deeprules.data import load_development
from deeprules.files import write_table
from deeprules.fitting import Budget, limit_threads
from deeprules.learning_curve import Plan, curve_fingerprint, measure_learning_curve
from deeprules.logs import start_log
from deeprules.models import find_module

start_log(snakemake.log[0])
params = snakemake.params
train, tune = load_development(snakemake.input)
best = yaml.safe_load(Path(snakemake.input.best).read_text())
limit_threads(best["kind"], snakemake.threads)
budget = Budget(params.max_epochs, params.patience, snakemake.threads, params.in_memory_mb)
code = f"{params.library} {params.backend}"
folder = Path(params.state) / curve_fingerprint(best, code, params.seed, budget, train, tune)
module, plan = find_module(best["kind"], best["module"]), Plan(params.shares, params.seeds)
scores, predictions = measure_learning_curve(
    best, module, train, tune, plan, params.seed, budget, folder
)
write_table(snakemake.output.scores, scores)
write_table(snakemake.output.predictions, predictions)
