"""Settle how often each control is repeated, from what the search took."""

from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.benchmarks import SEARCH_AND_FITS, read_benchmarks
from deeprules.controls.plan import Wanted, plan_controls
from deeprules.controls.scorable_batches import batch_notes
from deeprules.data import Dataset, Partition
from deeprules.files import read_json, read_table, write_json
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
dataset = Dataset.load(inputs.dataset)
train, tune = (Partition(Path(path).parent, dataset) for path in inputs.examples)
batches, rungs = None, []
if dataset.has_batch:
    both = pd.concat([train.examples["batch"], tune.examples["batch"]], ignore_index=True)
    notes = batch_notes(both, np.concatenate([train.labels, tune.labels]), dataset)
    batches = sum(not note for note in notes.values())
if params.controls["ladder"]:
    sizes = [rung["train"] for rung in read_json(inputs.rungs)]
    rungs = [size / len(train.examples) for size in sizes if size]
wanted = Wanted(params.controls, params.learning_curve, params.named, batches, rungs)
jobs = read_benchmarks(params.benchmarks, {"controls": []})
jobs = jobs[jobs["rule"].isin(SEARCH_AND_FITS)]
trials = read_table(inputs.trials)
plan = plan_controls(trials, jobs, read_json(inputs.frozen), wanted)
log.info(plan["sentence"])
write_json(snakemake.output.plan, plan)
