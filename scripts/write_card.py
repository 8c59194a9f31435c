"""Check that a model of the run may be released, choose it, and write its card."""

from pathlib import Path

from deeprules.files import write_json, write_text
from deeprules.logs import start_log
from deeprules.paper.paragraphs import paragraphs
from deeprules.release.card import model_card
from deeprules.release.choice import choose_model, notices, require_release
from deeprules.report.results import Results

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
results = Results(inputs, params.ledger, params.logs)
choice = choose_model(results, params.release)
require_release(results, choice, params.release, params.workflow_folder)
said = paragraphs(results, Path(inputs.parts[0]).parent)
top = notices(results, params.release)
write_text(snakemake.output.card, model_card(results, choice, params.release, said, top))
write_json(snakemake.output.choice, choice)
log.info("%s is released: %s", choice["model"], choice["why"])
