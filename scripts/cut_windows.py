"""Cut unlabelled sequences into windows."""

from deeprules.data import Dataset
from deeprules.download.pins import pin_file
from deeprules.files import read_json
from deeprules.logs import start_log
from deeprules.pretrain.masked_windows import cut_windows

log = start_log(snakemake.log[0])
length = snakemake.params.length or Dataset.load(snakemake.input.dataset).n_features
count = cut_windows(snakemake.input.sequences, length, snakemake.output.windows)
pin_file(read_json(snakemake.input.record), snakemake.params.pin, snakemake.input.sequences)
log.info("%d windows of %d bases", count, length)
