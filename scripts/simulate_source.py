"""Simulate one source of the config and record its parameters."""

from deeprules.files import whole_file, write_json
from deeprules.logs import start_log
from deeprules.simulate.simulated_files import write_simulated
from deeprules.simulate.simulation import provenance_record, simulate

log = start_log(snakemake.log[0])
settings, seed = snakemake.params.source, snakemake.params.seed
table = simulate(settings["simulate"], seed)
with whole_file(snakemake.output.data) as unfinished:
    write_simulated(table, unfinished, settings["format"])
record = provenance_record(snakemake.params.name, settings, seed, snakemake.output.data)
write_json(snakemake.output.provenance, record)
log.info("%s: %d rows", snakemake.params.name, len(table))
