"""Count the examples that one pretrained model has seen, by what is known of its training."""

from deeprules.files import read_table, write_json, write_table
from deeprules.logs import start_log
from deeprules.pretrained.pretrained_overlap import COLUMNS, find_overlap, read_ids
from deeprules.split.partitions import existing_columns

log = start_log(snakemake.log[0])
source, trained_on = snakemake.input, snakemake.params.trained_on
overlap = find_overlap(
    snakemake.params.name,
    trained_on,
    read_ids(source.ids) if source.ids else set(),
    set(read_table(source.contents)["canonical_hash"]) if source.contents else None,
    read_table(source.examples, columns=existing_columns(source.examples, COLUMNS)),
    read_table(source.assignment),
)
write_table(snakemake.output.table, overlap.table)
write_json(snakemake.output.summary, overlap.summary)
log.info("%s", overlap.summary["sentence"])
