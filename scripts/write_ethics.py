"""Write the ethics register beside the results."""

from deeprules.files import write_json
from deeprules.logs import start_log

start_log(snakemake.log[0])
write_json(snakemake.output.ethics, snakemake.params.ethics)
