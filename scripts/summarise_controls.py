"""Set each model's score on tune beside those that it reached on shuffled labels."""

import pandas as pd

from deeprules.controls.shuffled_summary import summarise_shuffled
from deeprules.files import read_json, read_table, write_json, write_table
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
frozen = read_json(snakemake.input.frozen)
table = pd.concat(read_table(path) for path in snakemake.input.scores)
real = {name: model["tune_score"] for name, model in frozen["models"].items()}
summary = summarise_shuffled(table, real, frozen["objective"])
for entry in summary:
    log.info(entry["sentence"])
write_table(snakemake.output.scores, table)
write_json(snakemake.output.summary, {"shuffled": summary})
