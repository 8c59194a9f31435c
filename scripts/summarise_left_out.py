"""Average what models lose on batches that were left out."""

import pandas as pd

from deeprules.controls.left_out_summary import summarise_left_out
from deeprules.files import read_json, read_table, write_json, write_table
from deeprules.logs import start_log

AS_WRITTEN = {"dtype": {"batch": str}, "keep_default_na": False, "na_values": [""]}

log = start_log(snakemake.log[0])
table = pd.concat(read_table(path, **AS_WRITTEN) for path in snakemake.input.scores)
summary = summarise_left_out(table, read_json(snakemake.input.frozen)["objective"])
for model in summary["models"]:
    log.info(model["sentence"])
write_table(snakemake.output.scores, table)
write_json(snakemake.output.summary, summary)
