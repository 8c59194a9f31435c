"""Write the study, and its hash, beside the results."""

from deeprules.files import write_json
from deeprules.logs import start_log

start_log(snakemake.log[0])
write_json(snakemake.output.study, snakemake.params.study)
