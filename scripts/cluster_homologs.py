"""Cluster the sequences of all examples by similarity."""

from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.files import write_json, write_table
from deeprules.logs import start_log
from deeprules.split.homology import cluster_homologs

log = start_log(snakemake.log[0])
source, result, params = snakemake.input, snakemake.output, snakemake.params
clusters, facts = cluster_homologs(
    pd.read_parquet(source.examples, columns=["id", "canonical_hash"]),
    np.load(source.features, mmap_mode="r"),
    params.identity,
    params.coverage,
    Path(result.clusters).with_name(".unfinished-search"),
    snakemake.threads,
)
write_table(result.clusters, clusters)
write_json(result.summary, facts)
for sentence in facts["warnings"]:
    log.warning("Warning: %s", sentence)
