"""Put what a control found of all its models side by side."""

from pathlib import Path

import pandas as pd

from deeprules.control import Terms, find_control, sentences
from deeprules.files import read_json, read_table, write_json, write_table
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
source, params = snakemake.input, snakemake.params
terms = Terms(
    params.settings,
    params.seed,
    params.objective,
    params.bootstrap,
    files=dict(source.items()),
    frozen=read_json(source.frozen),
    minimum_gain=params.minimum_gain,
)
name = snakemake.wildcards.control
control = find_control(name)
parts = [read_table(Path(folder) / f"{name}.parquet") for folder in source.tables]
table = pd.concat(parts, ignore_index=True)
table, summary = control.summarise(table, load_development(source), terms)
for sentence in sentences(summary):
    log.info("%s", sentence)
write_table(snakemake.output.table, table)
write_json(snakemake.output.summary, summary)
