"""Search the hyperparameters of one model."""

from pathlib import Path

from deeprules.files import write_table
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate, require_savable
from deeprules.fit.job_inputs import load_development, load_needed
from deeprules.logs import start_log
from deeprules.tune.search import Search, preset_space, search_fingerprint
from deeprules.tune.tuning import search_model
from deeprules.tune.workers import workers_of_job
from deeprules.yaml_files import write_yaml

start_log(snakemake.log[0])
params, entry, tuning = snakemake.params, snakemake.params.entry, snakemake.params.tuning
inputs = {name: str(path) for name, path in snakemake.input.items()}
workers = workers_of_job(entry["kind"], snakemake.threads, snakemake.resources)
budget = Budget(tuning["max_epochs"], tuning["patience"], workers.threads, params.in_memory_mb)
search = Search(tuning["strategy"], tuning["trials"], tuning["objective"], params.seed, budget)
code = f"{params.library} {params.arithmetic}"
development = load_development(inputs)
candidate = Candidate.of(params.model, entry, load_needed(inputs))
folder = Path(params.state) / search_fingerprint(search, code, candidate, development)
require_savable(candidate, preset_space(candidate.space), development.train)
trials, best = search_model(search, candidate, development, folder, workers, inputs)
write_table(snakemake.output.trials, trials)
write_yaml(snakemake.output.best, {**best, "module": entry["module"]})
