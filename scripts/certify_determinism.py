"""Fit the chosen model once more under the same seed and compare it with its first final fit."""

from deeprules.controls.determinism import certify_determinism
from deeprules.files import write_json
from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log
from deeprules.seeds import derived_seed

log = start_log(snakemake.log[0])
params = snakemake.params
result = certify_determinism(
    open_chosen(snakemake),
    *load_development(snakemake.input),
    derived_seed(params.seed, params.fit),
    snakemake.input,
    params.objective,
)
log.info("%s", result["sentence"])
write_json(snakemake.output.result, {"seed": params.fit, **result})
