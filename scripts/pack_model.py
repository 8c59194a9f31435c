"""Pack a finished run into one folder that predicts by itself."""

from deeprules.logs import start_log
from deeprules.predict.packing import pack_model

log = start_log(snakemake.log[0])
packed = pack_model(snakemake.params.run, snakemake.output.model)
recommended = packed["recommended"]
log.info("%d models, %s recommended: %s", len(packed["models"]), *recommended.values())
