"""Download one source of the config and check it against its pinned checksum."""

from deeprules.download.download import download
from deeprules.files import write_json
from deeprules.logs import start_log

start_log(snakemake.log[0])
settings = snakemake.params.source
record = download(
    settings["url"],
    snakemake.output.data,
    source=snakemake.params.name,
    pin_path=snakemake.params.pin,
    version=settings["version"],
    expected_sha256=settings["sha256"],
    mirrors=snakemake.params.mirrors,
)
write_json(snakemake.output.record, record)
