"""Lay out a folder that predicts by itself with the released model."""

from deeprules.files import read_json, whole_folder
from deeprules.logs import start_log
from deeprules.release.folder import lay_out_release

log = start_log(snakemake.log[0])
source, params = snakemake.input, snakemake.params
choice = read_json(source.choice)
with whole_folder(snakemake.output.folder) as unfinished:
    lay_out_release(
        unfinished,
        params.run,
        choice,
        source.card,
        params.readers,
        params.code,
        params.workflow_folder,
    )
log.info("%s predicts its example", choice["model"])
