"""Tell what the files of a configuration were taken for, and keep nothing of it."""

from pathlib import Path

from deeprules.checks.first_look import first_look
from deeprules.download.pins import local_files
from deeprules.files import read_json
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
records = map(read_json, snakemake.input.records)
first_look(
    snakemake.params.data,
    dict(zip(snakemake.params.names, snakemake.input.sources, strict=True)),
    local_files(dict(zip(snakemake.params.downloaded, records, strict=True))),
    snakemake.params.settings,
    Path(snakemake.params.folder),
    lambda text: log.info("\n%s\n", text),
)
