"""Build one data set from the downloaded files of all sources."""

from pathlib import Path

from deeprules.download.pins import local_files, pin_file, telling_how_to_edit
from deeprules.files import read_json
from deeprules.ingest.building import Outputs, build_dataset
from deeprules.logs import start_log

start_log(snakemake.log[0])
files = dict(zip(snakemake.params.names, snakemake.input.sources, strict=True))
paths = map(read_json, snakemake.input.records)
records = dict(zip(snakemake.params.downloaded, paths, strict=True))
local = local_files(records)
outputs = Outputs(**dict(snakemake.output.items()))
with telling_how_to_edit(files, local):
    column = snakemake.params.partition_column
    build_dataset(snakemake.params.data, files, outputs, column, local)
# Only now is it known that they could be read.
for name, record in records.items():
    pin_file(record, Path(snakemake.params.pins, f"{name}.json"), files[name])
