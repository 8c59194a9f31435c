"""Refit the chosen models on other splits of the development data: what did the split give away?

INPUTS   results/split/train/, results/split/tune/, results/tune/<model>/best.yaml,
         results/frozen.json (it names the chosen models), results/homology/clusters.parquet for
         sequences; config: controls, homology, split.block_size
OUTPUTS  results/controls/rungs/: splits.parquet, nearest.parquet, rungs.json;
         results/controls/ladder/<model>.tsv, results/controls/identity/<model>.tsv, ladder.tsv,
         ladder.json, identity.tsv; results/controls/left_out_batches/<model>/<repeats>_batches.tsv,
         left_out_batches.tsv and left_out_batches.json
"""


rule draw_ladder:
    input:
        unpack(clusters_of_sequences),
        **development(),
        dataset="results/dataset/dataset.json",
    output:
        splits="results/controls/rungs/splits.parquet",
        nearest="results/controls/rungs/nearest.parquet",
        rungs="results/controls/rungs/rungs.json",
    log:
        "logs/draw_ladder.log",
    benchmark:
        "benchmarks/draw_ladder.tsv"
    conda:
        "../../envs/homology.yaml"
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        block_size=config["split"]["block_size"],
        coverage=config["homology"]["coverage"],
        seed=config["seed"],
        library=library("draw_ladder"),
    script:
        "../../scripts/draw_ladder.py"


rule climb_ladder:
    input:
        unpack(model_inputs),
        **development(),
        dataset="results/dataset/dataset.json",
        best="results/tune/{model}/best.yaml",
        splits="results/controls/rungs/splits.parquet",
        nearest="results/controls/rungs/nearest.parquet",
    output:
        scores="results/controls/ladder/{model}.tsv",
        identity="results/controls/identity/{model}.tsv",
    log:
        "logs/climb_ladder/{model}.log",
    benchmark:
        "benchmarks/climb_ladder/{model}.tsv"
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        **FIT_TERMS,
        bootstrap=config["evaluation"]["bootstrap"],
        library=model_library("climb_ladder"),
    script:
        "../../scripts/climb_ladder.py"


rule summarise_ladder:
    input:
        scores=of_chosen("results/controls/ladder/{model}.tsv"),
        identity=of_chosen("results/controls/identity/{model}.tsv"),
        rungs="results/controls/rungs/rungs.json",
        frozen="results/frozen.json",
    output:
        scores="results/controls/ladder.tsv",
        summary="results/controls/ladder.json",
        identity="results/controls/identity.tsv",
    log:
        "logs/summarise_ladder.log",
    benchmark:
        "benchmarks/summarise_ladder.tsv"
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        library=library("summarise_ladder"),
    script:
        "../../scripts/summarise_ladder.py"


rule leave_batches_out:
    input:
        unpack(model_inputs),
        **development(),
        dataset="results/dataset/dataset.json",
        best="results/tune/{model}/best.yaml",
    output:
        scores="results/controls/left_out_batches/{model}/{repeats}_batches.tsv",
    log:
        "logs/leave_batches_out/{model}/{repeats}.log",
    benchmark:
        "benchmarks/leave_batches_out/{model}/{repeats}.tsv"
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        **FIT_TERMS,
        bootstrap=config["evaluation"]["bootstrap"],
        library=model_library("leave_batches_out"),
    script:
        "../../scripts/leave_batches_out.py"


rule summarise_left_out:
    input:
        scores=planned(
            "left_out_batches",
            "results/controls/left_out_batches/{model}/{repeats}_batches.tsv",
        ),
        frozen="results/frozen.json",
    output:
        scores="results/controls/left_out_batches.tsv",
        summary="results/controls/left_out_batches.json",
    log:
        "logs/summarise_left_out.log",
    benchmark:
        "benchmarks/summarise_left_out.tsv"
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        library=library("summarise_left_out"),
    script:
        "../../scripts/summarise_left_out.py"
