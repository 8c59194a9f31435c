"""Check whether one pretrained model fits the data and runs; write what it takes and gives."""

from deeprules.data import Dataset
from deeprules.files import read_json, write_json
from deeprules.logs import start_log
from deeprules.pretrained.huggingface_contract import check_huggingface, interpreter_in
from deeprules.pretrained.pretrained_contract import check_pretrained
from deeprules.pretrained.pretrained_fetch import pin_files

log = start_log(snakemake.log[0])
source, params = snakemake.input, snakemake.params
record = read_json(source.record)
model = (params.name, params.settings, source.folder)
terms = (Dataset.load(source.dataset), record, params.seed, params.hidden)
if record["source"] == "huggingface":
    memory, prefix = snakemake.resources.mem_mb, interpreter_in(source.prefix)
    contract = check_huggingface(*model, *terms, memory, prefix, params.is_trained)
else:
    contract = check_pretrained(*model, *terms)
pin_files(record, params.pins)
write_json(snakemake.output.contract, contract)
for sentence in contract["warnings"]:
    log.warning("Warning: %s", sentence)
