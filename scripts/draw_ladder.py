"""Split the development data for every rung of the leakage ladder."""

from pathlib import Path

import pandas as pd

from deeprules.controls.development import joined
from deeprules.controls.rungs import draw_rungs, nearest_in_train
from deeprules.files import write_json, write_table
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log
from deeprules.split.clusters import read_clusters

log = start_log(snakemake.log[0])
source, result, params = snakemake.input, snakemake.output, snakemake.params
part = joined(*load_development(source))
examples, clusters = part.examples, source.get("clusters")
nearest = pd.DataFrame({"id": [], "identity": []})
if clusters:
    examples = examples.assign(cluster=read_clusters(clusters, examples["id"]))
splits, rungs = draw_rungs(examples, part.dataset, params.block_size, params.seed)
if clusters:
    scratch = Path(result.nearest).with_name(".unfinished-search")
    nearest = nearest_in_train(part, splits, params.coverage, scratch, snakemake.threads)
for rung in rungs:
    log.info("%s", rung)
write_table(result.splits, splits)
write_table(result.nearest, nearest)
write_json(result.rungs, rungs)
