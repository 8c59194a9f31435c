"""Put motifs into sequences and take them out, and say what the network responds to."""

from deeprules.files import write_json, write_table
from deeprules.fit.fitting import limit_threads
from deeprules.fit.job_inputs import load_development, load_needed
from deeprules.interpret.writing import interpret
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
source, params, output = snakemake.input, snakemake.params, snakemake.output
limit_threads("network", snakemake.threads)
tables, summary = interpret(
    snakemake.wildcards.model,
    dict(source.items()),
    load_needed(source),
    load_development(source),
    {"sequences": params.sequences, "seed": params.seed},
)
for sentence in summary["sentences"]:
    log.info("%s", sentence)
for name, table in tables.items():
    write_table(getattr(output, name), table)
write_json(output.summary, summary)
