"""Fetch one pretrained model into a local Kipoi folder."""

from deeprules.download.pins import was_opened
from deeprules.download.watching import Limits
from deeprules.logs import start_log
from deeprules.pretrained.pretrained_sources import fetch_pretrained

start_log(snakemake.log[0])
config, params = snakemake.config, snakemake.params
# The entry of the configuration has the addresses as they are; that of the rule has the keys.
entry = config["pretrained"][params.name]
fetch_pretrained(
    params.name,
    {key: entry[key] for key in params.source},
    snakemake.output.folder,
    snakemake.output.record,
    pins=params.pins,
    mirrors=config["mirrors"],
    was_opened=was_opened(params.ledger),
    limits=Limits.of_config(config["download"]),
)
