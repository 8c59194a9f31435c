"""Make the controls of one model that a job is given, in one process."""

from pathlib import Path

from deeprules.control import Terms, make_control
from deeprules.files import whole_folder, write_table
from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

start_log(snakemake.log[0])
params = snakemake.params
chosen, development = open_chosen(snakemake), load_development(snakemake.input)
with whole_folder(snakemake.output.tables) as tables:
    for name, repeats in params.planned.items():
        terms = Terms(
            params.settings[name],
            params.seed,
            params.objective,
            params.bootstrap,
            repeats,
            files=dict(snakemake.input.items()),
            folder=Path(params.folder, name),
            code=f"{params.code[name]} {params.arithmetic}",
        )
        write_table(tables / f"{name}.parquet", make_control(name, chosen, development, terms))
