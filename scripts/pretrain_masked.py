"""Train a network to predict masked bases of unlabelled sequences, as a pretrained model."""

from deeprules.addresses import public_url
from deeprules.export.export_kipoi import made_up_examples, write_model
from deeprules.files import read_array, write_json
from deeprules.fit.fitting import limit_threads
from deeprules.logs import start_log
from deeprules.pretrain.masked_bases import describe_masked, masked_schema, train_masked
from deeprules.pretrain.pretraining import pretraining_record

log = start_log(snakemake.log[0])
params, folder = snakemake.params, snakemake.output.folder
limit_threads("network", snakemake.threads)
windows = read_array(snakemake.input.windows)
wanted = params.settings["pretrain"]
model, found = train_masked(
    windows,
    wanted["masked"],
    wanted["max_epochs"],
    wanted["steps"],
    params.seed,
    params.strand == "both",
)
log.info("%(accuracy).3f of masked bases right; most frequent base %(guess).3f", found)
info = describe_masked(found, public_url(wanted["sequences"]), params.settings["licence"])
examples = made_up_examples(windows, params.examples, params.seed)
write_model(folder, model, masked_schema(), examples, [], info)
record = pretraining_record(params.name, params.settings, folder, found)
write_json(snakemake.output.record, record)
