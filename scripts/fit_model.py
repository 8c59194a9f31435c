"""Fit one model with its chosen hyperparameters under one seed or several."""

from pathlib import Path

from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.ended_fits import EndedFits
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log
from deeprules.seeds import derived_seed

log = start_log(snakemake.log[0])
chosen, params, model = open_chosen(snakemake), snakemake.params, snakemake.wildcards.model
development, code = load_development(snakemake.input), f"{params.library} {params.arithmetic}"
ended = EndedFits(chosen, development, Path(params.state), f"{code} {params.seed}")
for seed in params.seeds:
    ended.fit(
        derived_seed(params.seed, seed),
        report_epoch=lambda epoch, logs, seed=seed: log.info(
            "%s, seed %d, epoch %d: loss %.4f, on tune %.4f",
            *(model, seed, epoch + 1, logs["loss"], logs["val_loss"]),
        ),
    )
ended.hand_over(dict(snakemake.output.items()))
