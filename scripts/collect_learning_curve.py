"""Put the learning curves of all models side by side, with intervals and power laws."""

from pathlib import Path

from deeprules.controls.sample_efficiency import curve_results
from deeprules.data import Dataset, Partition
from deeprules.files import read_table, write_json, write_table
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
tune = Partition(Path(inputs.tune_examples).parent, Dataset.load(inputs.dataset))
table, summary = curve_results(
    dict(zip(params.kinds, map(read_table, inputs.predictions), strict=True)),
    params.kinds,
    tune,
    params.objective,
    params.minimum_gain,
    params.bootstrap,
    params.seed,
)
write_table(snakemake.output.curve, table)
write_json(snakemake.output.summary, summary)
for record in [*summary["models"], *filter(None, [summary["overtaking"]])]:
    log.info(record["sentence"])
