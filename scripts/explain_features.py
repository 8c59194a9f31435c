"""Ask all fits of a model which features of a table it responds to."""

from pathlib import Path

from deeprules.files import write_json, write_table
from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.job_inputs import load_development
from deeprules.fit.loading import load_network
from deeprules.interpret.explaining_features import explain_features
from deeprules.interpret.feature_findings import summarise_features
from deeprules.interpret.null_fits import null_fit
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
source, output, seed = snakemake.input, snakemake.output, snakemake.params.seed
chosen, development = open_chosen(snakemake), load_development(snakemake.input)
fits = [load_network(path, chosen.candidate.needed) for path in source.fit_model]
null = null_fit(chosen, development, seed)
names = Path(source.feature_names).read_text(encoding="utf-8").splitlines()
metric = chosen.best["objective"]
tables, facts = explain_features(fits, null, development, names, metric, seed)
summary = summarise_features(*chosen.facts.values(), tables, facts)
for sentence in summary["sentences"]:
    log.info("%s", sentence)
for name, table in tables.items():
    write_table(output[name], table)
write_json(output.summary, summary)
