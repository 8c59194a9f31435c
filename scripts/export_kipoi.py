"""Write the best fit of a network as a folder in Kipoi format."""

from pathlib import Path

from deeprules.data import Dataset
from deeprules.export.export_kipoi import (
    best_fit,
    describe,
    export_kipoi,
    made_up_covariates,
    made_up_examples,
    whole_network,
)
from deeprules.feature_store import read_features
from deeprules.files import read_json, read_table
from deeprules.logs import start_log
from deeprules.pretrained.pretrained import Pretrained
from deeprules.privacy.gate import require_public

log = start_log(snakemake.log[0])
source, params = snakemake.input, snakemake.params
require_public(params.config, "A Kipoi model")
sources = params.config["data"]["sources"]
dataset, train = Dataset.load(source.dataset), read_features(source.features)
n, seed = params.examples, params.seed
path, score = best_fit(source.models, source.scores, params.objective)
contract = source.get("contract")
body = Pretrained.load(source.pretrained, contract) if contract else None
study = read_json(source.study)["study"]
network = whole_network(path, body, dataset.n_features)
export_kipoi(
    snakemake.output.folder,
    network,
    dataset,
    made_up_examples(train, n, seed),
    Path(source.feature_names).read_text().splitlines(),
    describe(
        params.model,
        study,
        dataset,
        params.config["data"]["sources"],
        len(train),
        params.objective,
        score,
    ),
    path if body is None else None,
    made_up_covariates(network.inputs, read_table(source.examples), n, seed),
)
log.info("%s: %s", snakemake.output.folder, path)
