"""Read variants, check them against the genome, and cut their windows."""

from deeprules.logs import start_log
from deeprules.predict.new_variants import read_new_variants
from deeprules.predict.packed import PackedModel

log = start_log(snakemake.log[0])
settings, files = snakemake.params.settings, snakemake.input.files
packed = PackedModel.open(snakemake.input.model, settings["model"])
summary = read_new_variants(packed, settings, *files, snakemake.output, snakemake.params.seed)
log.info("%d of %d variants, left out: %s", *map(summary.get, ("n", "looked_at", "excluded")))
