"""Write down what the run was made with: code, packages, hardware, seeds, configuration."""

from deeprules.files import write_json
from deeprules.logs import start_log
from deeprules.run_record import run_record

log = start_log(snakemake.log[0])
record = run_record(snakemake.params.config, snakemake.params.workflow_folder)
write_json(snakemake.output.run, record)
log.info("commit %s", record["git"]["commit"] or record["git"]["note"])
