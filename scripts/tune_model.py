"""Search the hyperparameters of one model."""

from pathlib import Path

import yaml

from deeprules.data import load_development
from deeprules.files import whole_file, write_table
from deeprules.fitting import Budget, limit_threads
from deeprules.logs import start_log
from deeprules.models import find_module
from deeprules.search import Search, search_fingerprint
from deeprules.tuning import search_model

start_log(snakemake.log[0])
params, entry, tuning = snakemake.params, snakemake.params.entry, snakemake.params.tuning
limit_threads(entry["kind"], snakemake.threads)
train, tune = load_development(snakemake.input)
budget = Budget(tuning["max_epochs"], tuning["patience"], snakemake.threads, params.in_memory_mb)
search = Search(tuning["strategy"], tuning["trials"], tuning["objective"], params.seed, budget)
fingerprint = search_fingerprint(search, params.library, entry["space"], train, tune)
trials, best = search_model(
    search,
    entry["kind"],
    params.model,
    find_module(entry["kind"], entry["module"]),
    entry["space"],
    train,
    tune,
    Path(params.state) / fingerprint,
)
write_table(snakemake.output.trials, trials)
with whole_file(snakemake.output.best) as unfinished:
    unfinished.write_text(yaml.safe_dump({**best, "module": entry["module"]}, sort_keys=False))
