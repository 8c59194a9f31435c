"""Make one control of one model."""

from pathlib import Path

from deeprules.control import Terms, find_control
from deeprules.files import write_table
from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

start_log(snakemake.log[0])
params, wildcards = snakemake.params, snakemake.wildcards
terms = Terms(
    params.settings,
    params.seed,
    params.objective,
    params.bootstrap,
    repeats=int(wildcards.repeats),
    files=dict(snakemake.input.items()),
    folder=Path(params.folder),
    code=f"{params.library} {params.arithmetic}",
)
chosen = open_chosen(snakemake)
table = find_control(wildcards.control).run(chosen, load_development(snakemake.input), terms)
write_table(snakemake.output.table, table)
