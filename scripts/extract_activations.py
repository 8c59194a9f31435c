"""Activations of a pretrained model for train and tune, which its models take as features."""

from pathlib import Path

from deeprules.fit.fitting import limit_threads
from deeprules.fit.job_inputs import load_development, load_needed
from deeprules.logs import start_log
from deeprules.pretrained.activations import cached_activations, link_or_copy

log = start_log(snakemake.log[0])
limit_threads("network", snakemake.threads)
pretrained = load_needed(snakemake.input)
if snakemake.params.random_weights:
    pretrained = pretrained.with_random_weights()
for name, part in load_development(snakemake.input)._asdict().items():
    cached = cached_activations(pretrained, part.features, Path(snakemake.params.cache))
    link_or_copy(cached, snakemake.output[name])
    log.info("%s: activations of %d sequences in %s", name, len(part), cached)
