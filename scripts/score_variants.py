"""Score variants by every fit of one model of a finished run."""

from deeprules.fit.fitting import limit_threads
from deeprules.logs import start_log
from deeprules.predict.effects import score_variants
from deeprules.predict.loading import load_models
from deeprules.predict.packed import PackedModel

log = start_log(snakemake.log[0])
source = snakemake.input
packed = PackedModel.open(source.model, snakemake.params.model)
limit_threads(packed.model["kind"], snakemake.threads)
summary = score_variants(packed, load_models(packed), source, snakemake.output)
log.info("%s: effects of %d variants", packed.name, summary["n"])
