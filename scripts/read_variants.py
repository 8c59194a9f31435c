"""Read variants, check them against the genome, and cut their windows."""

from deeprules.logs import start_log
from deeprules.predict.new_variants import read_new_variants
from deeprules.predict.packed import PackedModel

log = start_log(snakemake.log[0])
settings, sources = snakemake.params.settings, snakemake.params.sources
files = dict(zip(sources, snakemake.input.files, strict=True))
packed = PackedModel.open(snakemake.input.model, settings["model"])
genome, regions = settings["genome"], settings["regions"]
summary = read_new_variants(
    packed,
    settings,
    snakemake.input.files[0],
    files[genome],
    snakemake.output,
    snakemake.params.seed,
    (sources[regions], files[regions]) if regions else None,
)
log.info("%d of %d variants, left out: %s", *map(summary.get, ("n", "looked_at", "excluded")))
