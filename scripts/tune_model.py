"""Search the hyperparameters of one model, or go on where other jobs have run its trials."""

from deeprules.files import write_table
from deeprules.logs import start_log
from deeprules.tune.job import open_search
from deeprules.tune.tuning import choose_best
from deeprules.yaml_files import write_yaml

start_log(snakemake.log[0])
trials, best = choose_best(open_search(snakemake))
write_table(snakemake.output.trials, trials)
entry = snakemake.params.entry
write_yaml(snakemake.output.best, {**best, "module": entry["module"], "alone": entry["alone"]})
