"""Fit one model with its chosen hyperparameters under one seed."""

from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.fitting import write_fit
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log
from deeprules.seeds import derived_seed

log = start_log(snakemake.log[0])
chosen = open_chosen(snakemake)
development = load_development(snakemake.input)
fitted = chosen.fit(
    development,
    derived_seed(snakemake.params.seed, int(snakemake.wildcards.seed)),
    report_epoch=lambda epoch, logs: log.info(
        "epoch %d: loss %.4f, on tune %.4f", epoch + 1, logs["loss"], logs["val_loss"]
    ),
)
write_fit(fitted, chosen.best, development, snakemake.output)
