"""Settle how often each control is repeated, from what the search took."""

import pandas as pd

from deeprules.controls.plan import Wanted, plan_controls
from deeprules.data import Dataset
from deeprules.files import read_json, write_json
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
batches, rungs = 0, []
if Dataset.load(inputs.dataset).has_batch:
    tables = [pd.read_parquet(path, columns=["batch"]) for path in inputs.examples]
    batches = pd.concat(tables)["batch"].nunique()
if params.controls["ladder"]:
    rungs = [rung for rung in read_json(inputs.rungs) if rung["train"]]
curve = params.learning_curve
wanted = Wanted(params.controls, curve["shares"], curve["seeds"], params.named, batches, len(rungs))
plan = plan_controls(pd.read_csv(inputs.trials, sep="\t"), read_json(inputs.frozen), wanted)
log.info(plan["sentence"])
write_json(snakemake.output.plan, plan)
