"""Fit one model with its chosen hyperparameters under one seed."""

import yaml

from deeprules.data import load_development
from deeprules.fitting import Budget, fit, limit_threads, write_fit
from deeprules.logs import start_log
from deeprules.models import ChosenHyperparameters, find_module
from deeprules.seeds import derived_seed

log = start_log(snakemake.log[0])
params = snakemake.params
train, tune = load_development(snakemake.input)
with open(snakemake.input.best) as file:
    best = yaml.safe_load(file)
limit_threads(best["kind"], snakemake.threads)
fitted = fit(
    best["kind"],
    find_module(best["kind"], best["module"]),
    ChosenHyperparameters(best["hyperparameters"]),
    train,
    tune,
    seed=derived_seed(params.seed, int(snakemake.wildcards.seed)),
    budget=Budget(params.max_epochs, params.patience, snakemake.threads, params.in_memory_mb),
    report_epoch=lambda epoch, logs: log.info(
        "epoch %d: loss %.4f, on tune %.4f", epoch + 1, logs["loss"], logs["val_loss"]
    ),
)
write_fit(fitted, best, train, tune, snakemake.output)
