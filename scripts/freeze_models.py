"""Fix by hash what will be tested, and choose the models of the verdict on tune."""

from deeprules.evaluate.freezing import freeze_models
from deeprules.files import read_json, write_json
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
frozen = freeze_models(
    snakemake.params.entries,
    snakemake.input.models,
    snakemake.input.scores,
    snakemake.params.objective,
    read_json(snakemake.input.study)["sha256"],
)
log.info("chosen on tune: %s", frozen["chosen"])
write_json(snakemake.output.frozen, frozen)
