"""Build one data set from the downloaded files of all sources."""

from deeprules.ingest.building import Outputs, build_dataset
from deeprules.logs import start_log

start_log(snakemake.log[0])
build_dataset(
    snakemake.params.data,
    dict(zip(snakemake.params.names, snakemake.input.sources, strict=True)),
    Outputs(
        examples=snakemake.output.examples,
        features=snakemake.output.features,
        dataset=snakemake.output.dataset,
        feature_names=snakemake.output.feature_names,
    ),
    snakemake.params.partition_column,
)
