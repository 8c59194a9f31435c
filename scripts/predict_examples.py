"""Predict new examples by every fit of one model of a finished run."""

from deeprules.fit.fitting import limit_threads
from deeprules.logs import start_log
from deeprules.predict.loading import load_models
from deeprules.predict.packed import PackedModel
from deeprules.predict.predicting import predict_examples

log = start_log(snakemake.log[0])
source, params = snakemake.input, snakemake.params
packed = PackedModel.open(source.model, params.model)
limit_threads(packed.model["kind"], snakemake.threads)
summary = predict_examples(packed, load_models(packed), source, snakemake.output, params.seed)
log.info("%s: %d predictions", packed.name, summary["n"])
