"""Cluster the sequences of all examples by similarity."""

from pathlib import Path

from deeprules.files import read_array, read_table, write_json, write_table
from deeprules.logs import start_log
from deeprules.split.homology import cluster_homologs

log = start_log(snakemake.log[0])
source, result, params = snakemake.input, snakemake.output, snakemake.params
clusters, facts = cluster_homologs(
    read_table(source.examples, columns=["id", "canonical_hash"]),
    read_array(source.features),
    params.identity,
    params.coverage,
    Path(result.clusters).with_name(".unfinished-search"),
    snakemake.threads,
)
write_table(result.clusters, clusters)
write_json(result.summary, facts)
for sentence in facts["warnings"]:
    log.warning("Warning: %s", sentence)
