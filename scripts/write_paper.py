"""Write the paper kit of a finished run."""

from pathlib import Path

from deeprules.files import whole_folder
from deeprules.logs import start_log
from deeprules.paper.kit import write_kit
from deeprules.report.results import Results

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
results = Results(inputs, params.ledger, params.logs)
with whole_folder(snakemake.output.kit) as unfinished:
    write_kit(results, Path(inputs.references).parent, unfinished)
log.info("%s: %d files", snakemake.output.kit, len(list(Path(snakemake.output.kit).rglob("*.*"))))
