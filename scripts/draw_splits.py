"""Split the development data in ways that keep more and more together."""

from pathlib import Path

import pandas as pd

from deeprules.files import write_json, write_table
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log
from deeprules.split.clusters import read_clusters
from deeprules.split.stringency import draw_splits, nearest_in_train

log = start_log(snakemake.log[0])
source, result, params = snakemake.input, snakemake.output, snakemake.params
part = load_development(source).joined()
examples, clusters = part.examples, source.get("clusters")
nearest = pd.DataFrame({"id": [], "identity": []})
if clusters:
    examples = examples.assign(cluster=read_clusters(clusters, examples["id"]))
splits, facts = draw_splits(examples, part.dataset, params.block_size, params.seed)
if clusters:
    scratch = Path(result.nearest).with_name(".unfinished-search")
    nearest = nearest_in_train(part, splits, params.coverage, scratch, snakemake.threads)
for fact in facts:
    log.info("%s", fact)
write_table(result.splits, splits)
write_table(result.nearest, nearest)
write_json(result.split_facts, facts)
