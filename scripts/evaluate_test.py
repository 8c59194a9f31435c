"""Open the test set, score the frozen models on it and draw the verdict."""

from pathlib import Path

from deeprules.evaluate.evaluation import Settings, evaluate_test, sealed_test, write_evaluation
from deeprules.evaluate.rehearsal import check_partitions
from deeprules.files import read_json
from deeprules.fit.job_inputs import load_development
from deeprules.fit.loading import ModelLoader
from deeprules.logs import start_log

log = start_log(snakemake.log[0])
params, inputs = snakemake.params, snakemake.input
frozen = read_json(inputs.frozen)
check_partitions(read_json(inputs.split), inputs)
pretrained = (params.transfer, inputs.pretrained, inputs.contracts)
results = evaluate_test(
    frozen,
    inputs.models,
    sealed_test(inputs.test_examples, inputs.dataset),
    read_json(inputs.study),
    Settings(objective=params.objective, seed=params.seed, **params.evaluation),
    params.ledger,
    ModelLoader.of_frozen(frozen, *pretrained, inputs.tools),
    starting=params.transfer or None,
    development=load_development(inputs),
    results_folder=Path(snakemake.output.verdict).parent,
    prefixes=params.prefixes,
    entries=params.entries,
)
write_evaluation(results, snakemake.output)
log.info("%s (%s opening)", results["verdict"]["sentence"], results["opening"]["kind"])
