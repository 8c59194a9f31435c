"""Set the rungs of the leakage ladder side by side."""

import pandas as pd

from deeprules.controls.ladder_summary import summarise_ladder, with_drops
from deeprules.files import read_json, read_table, write_json, write_table
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
source, result = snakemake.input, snakemake.output
table = with_drops(pd.concat(read_table(path) for path in source.scores))
identity = pd.concat(read_table(path) for path in source.identity)
objective = read_json(source.frozen)["objective"]
summary = summarise_ladder(table, read_json(source.rungs), objective)
for entry in summary["entries"]:
    if "sentence" in entry:
        log.info(entry["sentence"])
write_table(result.scores, table)
write_table(result.identity, identity)
write_json(result.summary, summary)
