"""Count the examples of tune and test that have homologs in train, from ids alone."""

from deeprules.files import read_table, write_table
from deeprules.logs import start_log
from deeprules.split.clusters import homologs_across, read_clusters

log = start_log(snakemake.log[0])
assignment = read_table(snakemake.input.assignment)
clusters = read_clusters(snakemake.input.clusters, assignment["id"])
counts = homologs_across(assignment, clusters)
for row in counts.itertuples():
    log.info(
        "%s: %d of %d examples with homologs in train", row.partition, row.with_homologs, row.n
    )
write_table(snakemake.output.counts, counts)
