"""Search the hyperparameters of one model."""

from pathlib import Path

from deeprules.files import write_table
from deeprules.fit.budget import Budget
from deeprules.fit.job_inputs import load_development
from deeprules.fit.models import find_module, require_savable
from deeprules.logs import start_log
from deeprules.tune.search import Search, preset_space, search_fingerprint
from deeprules.tune.tuning import search_model
from deeprules.tune.workers import workers_of_job
from deeprules.yaml_files import write_yaml

start_log(snakemake.log[0])
params, entry, tuning = snakemake.params, snakemake.params.entry, snakemake.params.tuning
inputs = {name: str(path) for name, path in snakemake.input.items()}
workers = workers_of_job(entry["kind"], snakemake.threads, snakemake.resources)
train, tune = load_development(inputs)
budget = Budget(tuning["max_epochs"], tuning["patience"], workers.threads, params.in_memory_mb)
search = Search(tuning["strategy"], tuning["trials"], tuning["objective"], params.seed, budget)
code = f"{params.library} {params.arithmetic}"
module, space = find_module(entry["kind"], entry["module"]), entry["space"]
folder = Path(params.state) / search_fingerprint(search, code, space, train, tune)
model = (entry["kind"], params.model, module)
require_savable(*model, preset_space(space), train)
trials, best = search_model(search, *model, space, train, tune, folder, workers, inputs)
write_table(snakemake.output.trials, trials)
write_yaml(snakemake.output.best, {**best, "module": entry["module"]})
