"""Refit one model on growing shares of train and score it on tune."""

from pathlib import Path

from deeprules.controls.learning_curve import Plan, curve_fingerprint, measure_learning_curve
from deeprules.files import write_table
from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

start_log(snakemake.log[0])
params = snakemake.params
chosen = open_chosen(snakemake)
train, tune = load_development(snakemake.input)
code = f"{params.library} {params.arithmetic}"
folder = Path(params.state) / curve_fingerprint(chosen, code, params.seed, train, tune)
plan = Plan(params.shares, int(snakemake.wildcards.repeats))
scores, predictions = measure_learning_curve(
    chosen, train, tune, plan, params.seed, folder, snakemake.input.final
)
write_table(snakemake.output.scores, scores)
write_table(snakemake.output.predictions, predictions)
