"""Open the test set, score the frozen models on it and draw the verdict."""

from deeprules.data import load_development
from deeprules.evaluate.evaluation import Settings, evaluate_test, sealed_test, write_evaluation
from deeprules.files import read_json
from deeprules.logs import start_log
from deeprules.transfer.transfer_models import ModelLoader

log = start_log(snakemake.log[0])
params = snakemake.params
frozen = read_json(snakemake.input.frozen)
load = ModelLoader.of_frozen(
    frozen,
    params.transfer,
    snakemake.input.pretrained,
    snakemake.input.contracts,
    snakemake.input.tools,
)
results = evaluate_test(
    frozen,
    snakemake.input.models,
    sealed_test(snakemake.input.test_examples, snakemake.input.dataset),
    read_json(snakemake.input.study),
    Settings(objective=params.objective, seed=params.seed, **params.evaluation),
    params.ledger,
    load,
    starting=params.transfer or None,
    development=load_development(snakemake.input),
)
write_evaluation(results, snakemake.output)
log.info("%s (%s opening)", results["verdict"]["sentence"], results["opening"]["kind"])
