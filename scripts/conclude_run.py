"""Weigh the verdict of the test set by the controls, and say what the run cost."""

from deeprules.audit.replicates import declared_in_words
from deeprules.cautions import as_records, collect_cautions
from deeprules.conclude.conclusion import conclude
from deeprules.conclude.effort import read_effort
from deeprules.costs import Power, cost_table, read_usage
from deeprules.files import read_json, write_json, write_table
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
kinds = {name: model["kind"] for name, model in read_json(inputs.frozen)["models"].items()}
power = Power(params.core_watts, params.gpu_watts, params.gpus)
costs = cost_table(read_usage(params.logs, read_json(inputs.plan)), kinds, power)
controls, curves = (
    read_json(inputs[name]) if inputs.get(name) else None
    for name in ("shuffled_labels", "learning_curve")
)
names = ("verdict", "split", "study", "audit")
verdict, split, study, audit = (read_json(inputs[name]) for name in names)
words = declared_in_words(study["study"], audit, split["strategy"])
own = {"cautions": as_records([*words, *read_effort(inputs, params.tuning)])}
cautions = collect_cautions([*map(read_json, inputs.stages), verdict, own])
verdict = conclude(verdict, split, study["study"], controls, curves, costs, cautions)
write_table(snakemake.output.costs, costs)
write_json(snakemake.output.verdict, verdict)
log.info(verdict["sentence"])
