"""Fit the same logistic regression with Keras and with scikit-learn, and compare them."""

from deeprules.arithmetic import set_threads
from deeprules.checks.keras_logistic import compare_logistic_regressions
from deeprules.files import write_json
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
set_threads(snakemake.threads)
train, tune = load_development(snakemake.input)
result = compare_logistic_regressions(train, tune, snakemake.params.seed)
log.info("%s", result)
write_json(snakemake.output.result, result)
