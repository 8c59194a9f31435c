"""Settle how often each control is repeated, from what the search took."""

import pandas as pd

from deeprules.controls.plan import Wanted, plan_controls
from deeprules.data import Dataset
from deeprules.files import read_json, write_json
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
train, tune = (pd.read_parquet(path) for path in (inputs.train_examples, inputs.tune_examples))
batches, rungs = 0, []
if Dataset.load(inputs.dataset).has_batch:
    batches = pd.concat([train["batch"], tune["batch"]]).nunique()
if params.controls["ladder"]:
    sizes = [rung["train"] for rung in read_json(inputs.rungs)]
    rungs = [size / len(train) for size in sizes if size]
curve = params.learning_curve
wanted = Wanted(params.controls, curve["shares"], curve["seeds"], params.named, batches, rungs)
plan = plan_controls(pd.read_csv(inputs.trials, sep="\t"), read_json(inputs.frozen), wanted)
log.info(plan["sentence"])
write_json(snakemake.output.plan, plan)
