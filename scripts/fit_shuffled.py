"""Fit one model, with its chosen hyperparameters, on shuffled labels."""

from deeprules.controls.shuffled_labels import fit_shuffled
from deeprules.files import write_table
from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

start_log(snakemake.log[0])
repeats, seed = int(snakemake.wildcards.repeats), snakemake.params.seed
chosen = open_chosen(snakemake)
train, tune = load_development(snakemake.input)
table = fit_shuffled(chosen, train, tune, repeats, seed)
write_table(snakemake.output.scores, table)
