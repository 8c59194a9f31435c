"""Check whether one pretrained model fits the data and runs; write what it takes and gives."""

from deeprules.data import Dataset
from deeprules.files import read_json, write_json
from deeprules.logs import start_log
from deeprules.pretrained.pretrained_contract import check_pretrained
from deeprules.pretrained.pretrained_fetch import pin_files

log = start_log(snakemake.log[0])
source, params = snakemake.input, snakemake.params
record = read_json(source.record)
dataset = Dataset.load(source.dataset)
contract = check_pretrained(
    params.name, params.settings, source.folder, dataset, record, params.seed, params.hidden
)
pin_files(record, params.pins)
write_json(snakemake.output.contract, contract)
for sentence in contract["warnings"]:
    log.warning("Warning: %s", sentence)
