"""Read new examples and say what is known of them without a model's prediction."""

from deeprules.logs import start_log
from deeprules.predict.new_examples import read_new_examples
from deeprules.predict.packed import PackedModel

log = start_log(snakemake.log[0])
params = snakemake.params
files = dict(zip(params.sources, snakemake.input.files, strict=True))
packed = PackedModel.open(snakemake.input.model, params.model_name)
summary = read_new_examples(
    packed, params.sources, files, snakemake.output, params.overlap, params.defaults
)
log.info("%d new examples, flags: %s", summary["n"], summary["flags"])
