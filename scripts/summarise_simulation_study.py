"""Set the verdicts of all cells of the simulation study beside those that their design asks for."""

import pandas as pd

from deeprules.explore.explore_figures import save_figure
from deeprules.files import read_table, write_table
from deeprules.logs import start_log
from deeprules.simulate.expected_verdicts import summarise_cells
from deeprules.simulate.simulated_study_figure import draw_study

start_log(snakemake.log[0])
tables = [read_table(path) for path in snakemake.input.cells]
repeats = pd.concat(tables, ignore_index=True)
write_table(snakemake.output.repeats, repeats)
write_table(snakemake.output.cells, summarise_cells(repeats))
save_figure(draw_study(repeats), snakemake.output.figure)
