"""Fit one model with its chosen hyperparameters under one seed or several."""

from types import SimpleNamespace

from deeprules.fit.chosen_model import open_chosen
from deeprules.fit.fitting import write_fit
from deeprules.fit.job_inputs import load_development
from deeprules.logs import start_log
from deeprules.seeds import derived_seed

log = start_log(snakemake.log[0])
chosen, seeds = open_chosen(snakemake), snakemake.params.seeds
development, model = load_development(snakemake.input), snakemake.wildcards.model
files = {
    name: [paths] if isinstance(paths, str) else paths for name, paths in snakemake.output.items()
}
for number, seed in enumerate(seeds):
    fitted = chosen.fit(
        development,
        derived_seed(snakemake.params.seed, seed),
        report_epoch=lambda epoch, logs, seed=seed: log.info(
            "%s, seed %d, epoch %d: loss %.4f, on tune %.4f",
            *(model, seed, epoch + 1, logs["loss"], logs["val_loss"]),
        ),
    )
    paths = SimpleNamespace(**{name: files[name][number] for name in files})
    write_fit(fitted, chosen.best, development, paths)
