"""Say before the search whether data and budget are fit for a network, and what it may cost."""

from deeprules.checks.suitability import suitability
from deeprules.data import Dataset
from deeprules.files import read_json, read_table, write_json
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
params = snakemake.params
dataset = Dataset.load(snakemake.input.dataset)
result = suitability(
    dataset,
    read_table(snakemake.input.train_examples, columns=dataset.label_columns),
    params.budget,
    dict(zip(params.networks, map(read_json, snakemake.input.networks), strict=True)),
)
for check in [*result["checks"], *result["one_batch"]]:
    log.info("%s: %s", check["status"], check["sentence"])
write_json(snakemake.output.result, result)
