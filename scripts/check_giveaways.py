"""Find single features, and facts of the files, that tell the label alone."""

from pathlib import Path

from deeprules.checks.giveaways import find_giveaways
from deeprules.checks.label_giveaways import find_label_giveaways
from deeprules.files import write_json, write_table
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
inputs, outputs = snakemake.input, snakemake.output
train, tune = load_development(inputs)
names = Path(inputs.feature_names).read_text(encoding="utf-8").splitlines()
find = find_label_giveaways if train.dataset.has_several_labels else find_giveaways
found = find(train, tune, names, snakemake.params.seed)
write_table(outputs.table, found.table)
write_json(outputs.summary, found.summary)
for caution in found.summary["cautions"]:
    log.warning("Warning: %s", caution["sentence"])
for note in found.summary["notes"]:
    log.info("Note: %s", note)
