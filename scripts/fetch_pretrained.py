"""Fetch one pretrained model into a local Kipoi folder."""

from deeprules.logs import start_log
from deeprules.transfer.pretrained_sources import fetch_pretrained

start_log(snakemake.log[0])
params = snakemake.params
fetch_pretrained(
    params.name,
    params.source,
    snakemake.output.folder,
    snakemake.output.record,
    pins=params.pins,
    mirrors=params.mirrors,
)
