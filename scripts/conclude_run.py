"""Weigh the verdict of the test set by the controls, and say what the run cost."""

from deeprules.audit.replicates import declared_in_words
from deeprules.benchmarks import Power, cost_table, read_benchmarks
from deeprules.cautions import as_records, collect_cautions
from deeprules.conclude.conclusion import conclude
from deeprules.conclude.effort import read_effort
from deeprules.files import read_json, write_json, write_table
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
inputs, params = snakemake.input, snakemake.params
kinds = {name: model["kind"] for name, model in read_json(inputs.frozen)["models"].items()}
power = Power(params.core_watts, params.gpu_watts, params.gpus)
costs = cost_table(read_benchmarks(params.benchmarks, read_json(inputs.plan)), kinds, power)
controls, curves = (
    read_json(inputs[name]) if inputs.get(name) else None
    for name in ("shuffled_labels", "learning_curve")
)
verdict, split, study = (read_json(inputs[name]) for name in ("verdict", "split", "study"))
names = ("audit", "homology", "split", "explore", "giveaways", "suitability", "opening")
stages = [read_json(inputs[name]) for name in names if inputs.get(name)]
stages += map(read_json, [*inputs.foreign, *(inputs.get("overlaps") or [])])
has_group = (stages[0]["n_groups"] or stages[0]["n_kept"]) < stages[0]["n_kept"]
words = declared_in_words(study["study"], has_group, split["strategy"])
effort = {"cautions": as_records([*words, *read_effort(inputs, params.tuning)])}
cautions = collect_cautions([*stages, verdict, effort])
verdict = conclude(verdict, split, study["study"], controls, curves, costs, cautions)
write_table(snakemake.output.costs, costs)
write_json(snakemake.output.verdict, verdict)
log.info(verdict["sentence"])
