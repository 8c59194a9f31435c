"""Put what each control found of all its models side by side."""

from deeprules.control import Terms, find_control, read_tables, sentences
from deeprules.files import read_json, write_json, write_table
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
source, params, output = snakemake.input, snakemake.params, snakemake.output
development, frozen = load_development(source), read_json(source.frozen)
for name, *paths in zip(params.settings, output.tables, output.summaries, strict=True):
    terms = Terms(
        params.settings[name],
        params.seed,
        params.objective,
        params.bootstrap,
        files=dict(source.items()),
        frozen=frozen,
        minimum_gain=params.minimum_gain,
    )
    table = read_tables(source.tables, name)
    table, summary = find_control(name).summarise(table, development, terms)
    for sentence in sentences(summary):
        log.info("%s", sentence)
    write_table(paths[0], table)
    write_json(paths[1], summary)
