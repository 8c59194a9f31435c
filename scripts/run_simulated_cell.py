"""Run one cell of the simulation study: each repeat from the simulation to the verdict."""

from pathlib import Path

from deeprules.files import scratch_folder, write_table
from deeprules.fit.fitting import limit_threads
from deeprules.logs import start_log
from deeprules.simulate.simulated_study import run_cell

start_log(snakemake.log[0])
params, output = snakemake.params, Path(snakemake.output.repeats)
for kind in ("network", "baseline"):
    limit_threads(kind, snakemake.threads)
with scratch_folder(output.with_name(f".unfinished-runs-{output.stem}")) as scratch:
    table = run_cell(params.cell, params.repeats, params.seed, scratch, snakemake.threads)
write_table(output, table)
