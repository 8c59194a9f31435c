"""The search that a job belongs to, from its inputs and parameters."""

from pathlib import Path

from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate, require_savable
from deeprules.fit.fitting import limit_threads
from deeprules.fit.job_inputs import load_development, load_needed
from deeprules.tune.search import Search, preset_space, trial_fingerprint
from deeprules.tune.trials import EndedTrials
from deeprules.tune.tuning import ModelSearch


def open_search(job) -> ModelSearch:
    """The search of a job, with its threads and GPUs settled.

    Parameters
    ----------
    job : the object `snakemake` of `run_trials` or `tune_model`; its input `ended` is what the
        jobs of earlier rounds wrote
    """
    params, entry = job.params, job.params.entry
    terms = dict(params.tuning)
    limit_threads(entry["kind"], job.threads)
    patience, epochs = terms.pop("patience"), terms.pop("max_epochs")
    budget = Budget(epochs, patience, job.threads, params.in_memory_mb)
    search = Search(**terms, seed=params.seed, budget=budget)
    development = load_development(job.input)
    candidate = Candidate.of(params.model, entry, load_needed(job.input))
    require_savable(candidate, preset_space(candidate.space), development.train)
    code = f"{params.code} {params.arithmetic}"
    folder = Path(params.state) / trial_fingerprint(search, code, candidate, development)
    ended = EndedTrials(folder, job.input.ended)
    return ModelSearch(search, candidate, development, ended)
