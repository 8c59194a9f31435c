"""Run one job's share of the trials of one round of a search."""

from deeprules.files import write_json
from deeprules.logs import start_log
from deeprules.tune.job import open_search

start_log(snakemake.log[0])
place = (int(snakemake.wildcards[name]) for name in ("round", "worker"))
records = open_search(snakemake).run(*place, snakemake.params.workers)
write_json(snakemake.output.trials, records)
