"""Train a network on the data of another configuration, as a pretrained model."""

from deeprules.logs import start_log
from deeprules.pretrain.pretraining import Runner, pretrain_supervised

start_log(snakemake.log[0])
params = snakemake.params
pretrain_supervised(
    params.name,
    params.settings,
    snakemake.input.config,
    params.directory,
    snakemake.output.folder,
    snakemake.output.record,
    snakemake.output.contents,
    Runner(cores=snakemake.threads, **params.runner),
)
