"""Put the trials of all models into one table."""

import pandas as pd

from deeprules.files import read_table, write_table
from deeprules.logs import start_log

start_log(snakemake.log[0])
write_table(
    snakemake.output.trials,
    pd.concat([read_table(path) for path in snakemake.input.trials]),
)
