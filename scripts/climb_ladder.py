"""Refit one model on every rung of the leakage ladder."""

from deeprules.controls.development import joined
from deeprules.controls.ladder import climb_ladder
from deeprules.files import read_table, write_table
from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

start_log(snakemake.log[0])
source, params = snakemake.input, snakemake.params
scores, by_identity = climb_ladder(
    open_chosen(snakemake),
    joined(*load_development(source)),
    read_table(source.splits),
    read_table(source.nearest),
    params.seed,
    params.bootstrap,
)
write_table(snakemake.output.scores, scores)
write_table(snakemake.output.identity, by_identity)
