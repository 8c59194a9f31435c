"""Share the examples out between train, tune and the sealed test partition."""

from deeprules.data import Dataset
from deeprules.files import read_table, write_json, write_table
from deeprules.logs import start_log
from deeprules.split.clusters import read_clusters
from deeprules.split.partitions import (
    existing_columns,
    of_all_rows,
    partition_hashes,
    read_keep,
    write_partitions,
)
from deeprules.split.splits import columns_of, split_examples

log = start_log(snakemake.log[0])
source, result = snakemake.input, snakemake.output
dataset = Dataset.load(source.dataset)
wanted = columns_of(snakemake.params.split["strategy"], dataset)
columns = existing_columns(source.examples, wanted)
examples = read_table(source.examples, columns=columns)
if clusters := source.get("clusters"):
    examples["cluster"] = read_clusters(clusters, examples["id"])
keep = read_keep(source.keep, examples["id"])
examples = examples[keep]
split = split_examples(examples, dataset, snakemake.params.split, snakemake.params.seed)
del examples
partition, summary = of_all_rows(split.assignment["partition"], keep), split.summary
write_table(result.assignment, split.assignment)
del split
write_partitions(source.examples, source.features, partition, result)
write_json(result.summary, summary | {"sha256": partition_hashes(result)})
for sentence in summary["warnings"]:
    log.warning("Warning: %s", sentence)
