"""Refit one model without each of the largest batches, and score it there."""

from deeprules.controls.development import joined
from deeprules.controls.left_out_batches import leave_batches_out
from deeprules.files import write_table
from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

start_log(snakemake.log[0])
params, batches = snakemake.params, int(snakemake.wildcards.repeats)
chosen = open_chosen(snakemake)
part = joined(*load_development(snakemake.input))
scores = leave_batches_out(chosen, part, batches, params.seed, params.bootstrap)
write_table(snakemake.output.scores, scores)
