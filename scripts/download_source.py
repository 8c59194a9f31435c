"""Download one source of the config and check it against its pinned checksum."""

from deeprules.addresses import address_at
from deeprules.download.download import download
from deeprules.download.pins import was_opened
from deeprules.download.watching import Limits
from deeprules.files import write_json
from deeprules.logs import start_log

start_log(snakemake.log[0])
config, settings = snakemake.config, snakemake.params.source
record = download(
    address_at(config, snakemake.params.place),
    snakemake.output.data,
    source=snakemake.params.name,
    pin_path=snakemake.params.pin,
    version=settings["version"],
    expected_sha256=settings["sha256"],
    mirrors=config["mirrors"],
    was_opened=was_opened(snakemake.params.ledger),
    limits=Limits.of_config(config["download"]),
)
write_json(snakemake.output.record, record)
