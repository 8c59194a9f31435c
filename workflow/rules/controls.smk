"""Repeat the fits on shuffled labels: what do they reach when there is nothing to learn?

INPUTS   results/split/train/, results/split/tune/, results/tune/<model>/best.yaml,
         results/frozen.json (it names the chosen models), results/tools/ for users' tools;
         config: controls
OUTPUTS  results/controls/shuffled/<model>.tsv, results/controls/shuffled.tsv and controls.json
"""


rule fit_shuffled:
    input:
        unpack(model_inputs),
        **development(),
        dataset="results/dataset/dataset.json",
        best="results/tune/{model}/best.yaml",
    output:
        scores="results/controls/shuffled/{model}.tsv",
    log:
        "logs/fit_shuffled/{model}.log",
    benchmark:
        "benchmarks/fit_shuffled/{model}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["compute"]["threads"]
    resources:
        mem_mb=config["compute"]["mem_mb"],
        runtime=config["compute"]["runtime"],
        gpu=gpus,
    params:
        repeats=config["controls"]["shuffles"],
        seed=config["seed"],
        backend=config["compute"]["backend"],
        max_epochs=config["tuning"]["max_epochs"],
        patience=config["tuning"]["patience"],
        in_memory_mb=config["fit"]["in_memory_mb"],
        library=model_library("fit_shuffled"),
    script:
        "../../scripts/fit_shuffled.py"


rule summarise_controls:
    input:
        scores=chosen_controls,
        frozen="results/frozen.json",
    output:
        scores=report(
            "results/controls/shuffled.tsv",
            caption="../report/shuffled.rst",
            category="Controls",
        ),
        summary="results/controls/controls.json",
    log:
        "logs/summarise_controls.log",
    benchmark:
        "benchmarks/summarise_controls.tsv"
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=config["compute"]["mem_mb"],
        runtime=config["compute"]["runtime"],
    params:
        library=library("summarise_controls"),
    script:
        "../../scripts/summarise_controls.py"
