"""Explain the fits of the chosen network, and the same network fitted to shuffled labels."""

from deeprules.files import write_table
from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.job_inputs import load_development
from deeprules.fit.loading import load_network
from deeprules.interpret.attribution_files import write_attributions
from deeprules.interpret.explained import sequences_to_explain
from deeprules.interpret.explaining import completeness, explain
from deeprules.interpret.null_fits import null_fit
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
source, output, seed = snakemake.input, snakemake.output, snakemake.params.seed
chosen = open_chosen(snakemake)
development = load_development(source)
explained = sequences_to_explain(development, snakemake.params.sequences, seed)
networks = [load_network(path, chosen.candidate.needed) for path in source.fit_model]
null, _ = null_fit(chosen, development, seed)
hypothetical, table = explain([*networks, null], explained, seed)
log.info("Attributions add up to 1%% in %.1f%% of sequences.", 100 * completeness(table))
null.save(output.null)
write_attributions(output.attributions, explained.codes, hypothetical)
write_table(output.table, table)
