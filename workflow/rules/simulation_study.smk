"""Under which conditions does a network beat the baselines? A grid of simulated data sets.

INPUTS   config/simulation_study.yaml of the workflow; no file of the run; config: compute
OUTPUTS  results/simulation_study/cells/<cell>.tsv, repeats.tsv, cells.tsv and figure.svg

It is not part of a run: `snakemake simulation_study` makes it.
"""

from deeprules_workflow.simulation_grid import Grid

with plain_words("reading the grid of the simulation study"):
    GRID = Grid(FOLDER / "config/simulation_study.yaml", FOLDER)


rule simulation_study:
    input:
        "results/simulation_study/cells.tsv",


rule run_simulated_cell:
    output:
        repeats="results/simulation_study/cells/{cell}.tsv",
    log:
        "logs/run_simulated_cell/{cell}.log",
    wildcard_constraints:
        cell=one_of(GRID.names),
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=config["compute"]["gpu"],
    params:
        cell=GRID.cell_of,
        repeats=GRID.repeats,
        seed=GRID.seed,
        arithmetic=ARITHMETIC,
        library=library("run_simulated_cell", "datasets.table", *GRID.plugins),
    script:
        "../../scripts/run_simulated_cell.py"


rule summarise_simulation_study:
    input:
        cells=expand("results/simulation_study/cells/{cell}.tsv", cell=GRID.names),
    output:
        repeats="results/simulation_study/repeats.tsv",
        cells="results/simulation_study/cells.tsv",
        figure="results/simulation_study/figure.svg",
    log:
        "logs/summarise_simulation_study.log",
    conda:
        "../../envs/explore.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        library=library("summarise_simulation_study"),
    script:
        "../../scripts/summarise_simulation_study.py"
