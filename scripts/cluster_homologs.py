"""Cluster the sequences of all examples by similarity."""

from pathlib import Path

from deeprules.data import Dataset
from deeprules.feature_store import read_features
from deeprules.files import read_table, write_json, write_table
from deeprules.logs import start_log
from deeprules.split.homology import cluster_homologs
from deeprules.split.partitions import read_keep

log = start_log(snakemake.log[0])
source, result, params = snakemake.input, snakemake.output, snakemake.params
columns = ["id", "canonical_hash"]
dataset = Dataset.load(source.dataset)
columns += ["label"] if dataset.is_classification else []
examples = read_table(source.examples, columns=columns)
examples["keep"] = read_keep(source.keep, examples["id"])
clusters, facts = cluster_homologs(
    examples,
    read_features(source.features),
    params.identity,
    params.coverage,
    Path(result.clusters).with_name(".unfinished-search"),
    snakemake.threads,
    dataset.both_strands,
    snakemake.resources.mem_mb,
)
write_table(result.clusters, clusters)
write_json(result.summary, facts)
for sentence in facts["warnings"]:
    log.warning("Warning: %s", sentence)
