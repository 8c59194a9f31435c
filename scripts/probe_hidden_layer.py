"""What the last hidden layer of the chosen network knows of batch, covariates and composition."""

from deeprules.controls.nuisance_probes import probe_hidden_layer
from deeprules.files import read_json, write_table
from deeprules.fit.fitting import limit_threads
from deeprules.fit.hidden_layer import with_random_weights
from deeprules.fit.job_inputs import load_development
from deeprules.fit.loading import ModelLoader
from deeprules.logs import start_log

start_log(snakemake.log[0])
source, params = snakemake.input, snakemake.params
for kind in ("network", "baseline"):
    limit_threads(kind, snakemake.threads)
frozen = read_json(source.frozen)
load = ModelLoader.of_frozen(frozen, params.transfer, source.pretrained, source.contracts)
network = load(source.model)
is_own = source.model not in load.entries
table = probe_hidden_layer(
    network,
    with_random_weights(network, params.seed) if is_own else None,
    *load_development(source),
    params.examples,
    params.bootstrap,
    params.seed,
)
write_table(snakemake.output.scores, table)
