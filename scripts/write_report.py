"""Write the report: one HTML file that needs nothing else."""

from deeprules.files import write_text
from deeprules.logs import start_log
from deeprules.report.page import render_report
from deeprules.report.results import Results

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
results = Results(inputs, params.ledger, params.logs)
page = render_report(results, inputs.template)
write_text(snakemake.output.html, page)
log.info("%s: %.1f MB", snakemake.output.html, len(page.encode()) / 1e6)
