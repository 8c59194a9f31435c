"""Check the data set: repeats, conflicting labels, class and group sizes, confounding."""

from deeprules.audit.audit import COLUMNS, audit
from deeprules.data import Dataset
from deeprules.feature_store import read_features
from deeprules.files import read_json, read_table, write_json, write_table
from deeprules.ingest.missing_values import count_missing
from deeprules.logs import start_log
from deeprules.split.partitions import existing_columns

log = start_log(snakemake.log[0])
source, result = snakemake.input, snakemake.output
dataset, features = Dataset.load(source.dataset), read_features(source.features)
columns = existing_columns(source.examples, (*COLUMNS, *dataset.label_columns, *dataset.covariates))
found = audit(
    read_table(source.examples, columns=list(dict.fromkeys(columns))),
    dataset,
    count_missing(features),
    {"duplicates": snakemake.params.duplicates, "conflicts": snakemake.params.conflicts},
    source.examples,
    features,
    snakemake.params.strategy,
    read_json(source.dataset)["left_out"],
)
for name in set(result.keys()) - {"summary"}:
    write_table(result[name], getattr(found, name))
write_json(result.summary, found.summary)
for sentence in found.summary["warnings"]:
    log.warning("Warning: %s", sentence)
