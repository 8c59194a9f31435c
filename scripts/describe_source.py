"""Complete the record of a download with what the config states of the source."""

from deeprules.files import read_json, write_json
from deeprules.logs import start_log

start_log(snakemake.log[0])
record = read_json(snakemake.input.record)
write_json(snakemake.output.provenance, {**record, **snakemake.params.stated})
