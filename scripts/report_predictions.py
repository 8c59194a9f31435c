"""Write a page on the predictions for one source of new examples."""

from deeprules.files import write_text
from deeprules.logs import start_log
from deeprules.report.predictions import render_predictions

log = start_log(snakemake.log[0])
page = render_predictions(snakemake.input, snakemake.wildcards.name)
write_text(snakemake.output.html, page)
log.info("%s: %.1f kB", snakemake.output.html, len(page.encode()) / 1e3)
