"""Fit the chosen model once more under the same seed and compare it with its first final fit."""

from pathlib import Path

import yaml

from deeprules.data import load_development
from deeprules.determinism import certify_determinism
from deeprules.files import write_json
from deeprules.fitting import Budget, limit_threads
from deeprules.logs import start_log
from deeprules.models import find_module
from deeprules.seeds import derived_seed

log = start_log(snakemake.log[0])
params = snakemake.params
best = yaml.safe_load(Path(snakemake.input.best).read_text())
limit_threads(best["kind"], snakemake.threads)
result = certify_determinism(
    best,
    find_module(best["kind"], best["module"]),
    *load_development(snakemake.input),
    derived_seed(params.seed, params.fit),
    Budget(params.max_epochs, params.patience, snakemake.threads, params.in_memory_mb),
    snakemake.input,
    params.objective,
)
log.info("%s", result["sentence"])
write_json(snakemake.output.result, {"seed": params.fit, **result})
