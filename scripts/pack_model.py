"""Pack a finished run into one folder that predicts by itself, or unpack what came as a file."""

from pathlib import Path

from deeprules.logs import start_log
from deeprules.predict.archived import unpack_model
from deeprules.predict.packing import pack_model

log = start_log(snakemake.log[0])
run, model = snakemake.params.run, snakemake.output.model
if Path(run).is_file():
    unpack_model(run, model)
    log.info("%s, unpacked", run)
else:
    packed = pack_model(run, model)
    recommended = packed["recommended"]
    log.info("%d models, %s recommended: %s", len(packed["models"]), *recommended.values())
