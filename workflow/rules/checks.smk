"""Look before the search: does a single feature tell the label, can each network learn at all, are
the data enough, what will it cost.

INPUTS   config: compute; results/split/train/, results/split/tune/, results/dataset/dataset.json; config: models,
         tuning, fit
OUTPUTS  results/checks/giveaways.tsv and giveaways.json; results/checks/networks/<model>.json,
         results/checks/pipeline.json and suitability.json;
         results/checks/gpu.json where GPUs are asked for
"""


rule check_gpu:
    output:
        result="results/checks/gpu.json",
    log:
        "logs/check_gpu.log",
    # A run that asked for what is not there ends within a minute.
    priority: 2
    conda:
        TRAIN_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=10,
        gpu=config["compute"]["gpu"],
    params:
        backend=config["compute"]["backend"],
        wanted=config["compute"]["gpu"],
        allow_cpu=config["compute"]["allow_cpu"],
        library=library("check_gpu"),
    script:
        "../../scripts/check_gpu.py"


rule check_giveaways:
    input:
        **development(),
        dataset="results/dataset/dataset.json",
        feature_names="results/dataset/feature_names.txt",
    output:
        table=report(
            "results/checks/giveaways.tsv",
            caption="../report/giveaways.rst",
            category="Data",
        ),
        summary="results/checks/giveaways.json",
    log:
        "logs/check_giveaways.log",
    # Its warnings belong before the search.
    priority: 2
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        seed=config["seed"],
        library=library("check_giveaways"),
    script:
        "../../scripts/check_giveaways.py"


rule check_network:
    input:
        unpack(pretrained_inputs),
        **development(),
        **gpu_check(),
        dataset="results/dataset/dataset.json",
    output:
        result="results/checks/networks/{model}.json",
    log:
        "logs/check_network/{model}.log",
    wildcard_constraints:
        model=one_of(NETWORKS),
    priority: 1
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        model="{model}",
        entry=lookup(dpath="{model}", within=MODELS),
        seed=config["seed"],
        arithmetic=ARITHMETIC,
        library=model_library("check_network"),
    script:
        "../../scripts/check_network.py"


rule check_pipeline:
    input:
        **development(),
        dataset="results/dataset/dataset.json",
    output:
        result="results/checks/pipeline.json",
    log:
        "logs/check_pipeline.log",
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        seed=config["seed"],
        arithmetic=ARITHMETIC,
        library=library("check_pipeline"),
    script:
        "../../scripts/check_pipeline.py"


rule check_suitability:
    input:
        dataset="results/dataset/dataset.json",
        train_examples="results/split/train/examples.parquet",
        networks=expand("results/checks/networks/{model}.json", model=CHECKED_NETWORKS),
    output:
        result="results/checks/suitability.json",
    log:
        "logs/check_suitability.log",
    # Its warnings belong before the search.
    priority: 1
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        networks=CHECKED_NETWORKS,
        budget={
            "trials": config["tuning"]["trials"],
            "max_epochs": config["tuning"]["max_epochs"],
            "seeds": config["fit"]["seeds"],
        },
        library=library("check_suitability"),
    script:
        "../../scripts/check_suitability.py"
