"""Find the few features that reproduce the best chosen model, and write a program that scores."""

from pathlib import Path

from deeprules.files import read_json, write_json, write_table, write_text
from deeprules.fit.job_inputs import load_development
from deeprules.interpret.panel_writing import make_panel
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
source, output, params = snakemake.input, snakemake.output, snakemake.params
names = Path(source.feature_names).read_text(encoding="utf-8").splitlines()
chosen = read_json(source.plan)["chosen"]
tables, program, summary = make_panel(
    dict(source.items()),
    {kind: name for kind, name in chosen.items() if source.get(kind)},
    load_development(source),
    names,
    params.metric,
    params.seed,
)
log.info("%d features for %s", summary["features"], summary["model"])
for name, table in tables.items():
    write_table(output[name], table)
write_text(output.program, program)
write_json(output.summary, summary)
