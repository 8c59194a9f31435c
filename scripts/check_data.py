"""Tell what the files of a configuration were taken for, and keep nothing of it."""

from pathlib import Path

from deeprules.checks.first_look import first_look
from deeprules.download.pins import local_files, telling_how_to_edit
from deeprules.files import read_json
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
given = snakemake.params
files = dict(zip(given.names, snakemake.input.sources, strict=True))
records = map(read_json, snakemake.input.records)
local = local_files(dict(zip(given.downloaded, records, strict=True)))
with telling_how_to_edit(files, local):
    first_look(
        given.data,
        files,
        local,
        given.settings,
        Path(given.folder),
        lambda text: log.info("\n%s\n", text),
    )
