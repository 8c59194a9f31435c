"""Refit one model on every rung of the leakage ladder."""

from pathlib import Path

import pandas as pd
import yaml

from deeprules.data import load_development
from deeprules.development import joined
from deeprules.files import write_table
from deeprules.fitting import Budget, limit_threads
from deeprules.ladder import climb_ladder
from deeprules.logs import start_log
from deeprules.models import find_module

start_log(snakemake.log[0])
source, params = snakemake.input, snakemake.params
best = yaml.safe_load(Path(source.best).read_text())
limit_threads(best["kind"], snakemake.threads)
budget = Budget(params.max_epochs, params.patience, snakemake.threads, params.in_memory_mb)
scores, by_identity = climb_ladder(
    best,
    find_module(best["kind"], best["module"]),
    joined(*load_development(source)),
    pd.read_parquet(source.splits),
    pd.read_parquet(source.nearest),
    *(params.seed, budget, params.bootstrap),
)
write_table(snakemake.output.scores, scores)
write_table(snakemake.output.identity, by_identity)
