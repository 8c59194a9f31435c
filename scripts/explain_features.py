"""Ask all fits of a model which features of a table it responds to."""

from pathlib import Path

from deeprules.files import write_json, write_table
from deeprules.fit.fitting import limit_threads
from deeprules.fit.job_inputs import load_development, load_needed
from deeprules.fit.loading import load_network
from deeprules.interpret.explaining_features import explain_features
from deeprules.interpret.feature_findings import summarise_features
from deeprules.logs import start_log
from deeprules.yaml_files import read_yaml

log = start_log(snakemake.log[0])
source, output, best = snakemake.input, snakemake.output, read_yaml(snakemake.input.best)
limit_threads(best["kind"], snakemake.threads)
needed = load_needed(source)
fits = [load_network(path, needed) for path in source.fit_model]
names = Path(source.feature_names).read_text(encoding="utf-8").splitlines()
asked = (names, best["objective"], snakemake.params.seed)
tables, facts = explain_features(fits, load_development(source), *asked)
summary = summarise_features(best["model"], best["kind"], tables, facts)
for sentence in summary["sentences"]:
    log.info("%s", sentence)
for name, table in tables.items():
    write_table(output[name], table)
write_json(output.summary, summary)
