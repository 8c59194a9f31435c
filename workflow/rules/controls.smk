"""Show what the chosen models are worth, from development data alone.

How often each control is repeated; fits on shuffled labels, the same fit made twice, and what the
last hidden layer of the network knows of batch and composition.

INPUTS   results/split/train/, results/split/tune/, results/tune/<model>/best.yaml,
         results/frozen.json (it names the chosen models), their first fits; results/tune/trials.tsv,
         results/controls/rungs/rungs.json and benchmarks/ (what a repeat costs); for models that
         start from a pretrained one, its folder, contract and activations; for users' tools,
         results/tools/; config: controls, learning_curve
OUTPUTS  results/controls/plan.json; results/controls/shuffled/<model>/<repeats>_repeats.tsv,
         shuffled.tsv and controls.json; determinism.json; probes.tsv
"""


# What is planned here decides which files of repeated controls are asked for.
checkpoint plan_controls:
    input:
        **rungs_of_ladder(),
        examples=[development()[f"{part}_examples"] for part in ("train", "tune")],
        dataset="results/dataset/dataset.json",
        trials="results/tune/trials.tsv",
        frozen="results/frozen.json",
    output:
        plan="results/controls/plan.json",
    log:
        "logs/plan_controls.log",
    benchmark:
        "benchmarks/plan_controls.tsv"
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        benchmarks=in_run("benchmarks"),
        controls=config["controls"],
        learning_curve=config["learning_curve"],
        named=learning_curve_models(config, MODELS),
        library=library("plan_controls"),
    script:
        "../../scripts/plan_controls.py"


rule fit_shuffled:
    input:
        unpack(model_inputs),
        **development(),
        dataset="results/dataset/dataset.json",
        best="results/tune/{model}/best.yaml",
    output:
        scores="results/controls/shuffled/{model}/{repeats}_repeats.tsv",
    log:
        "logs/fit_shuffled/{model}/{repeats}.log",
    benchmark:
        "benchmarks/fit_shuffled/{model}/{repeats}.tsv"
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        **FIT_TERMS,
        library=model_library("fit_shuffled"),
    script:
        "../../scripts/fit_shuffled.py"


rule summarise_controls:
    input:
        scores=planned("shuffles", "results/controls/shuffled/{model}/{repeats}_repeats.tsv"),
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
        mem_mb=memory,
        runtime=time_limit,
    params:
        library=library("summarise_controls"),
    script:
        "../../scripts/summarise_controls.py"


rule certify_determinism:
    input:
        unpack(fit_to_repeat),
        **development(),
        dataset="results/dataset/dataset.json",
        frozen="results/frozen.json",
    output:
        result=report(
            "results/controls/determinism.json",
            caption="../report/determinism.rst",
            category="Controls",
        ),
    log:
        "logs/certify_determinism.log",
    benchmark:
        "benchmarks/certify_determinism.tsv"
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=config["compute"]["gpu"] if NETWORKS else 0,
    params:
        **FIT_TERMS,
        fit=SEEDS[0],
        objective=config["tuning"]["objective"],
        library=library("certify_determinism", *MODEL_PLUGINS.values()),
    script:
        "../../scripts/certify_determinism.py"


rule probe_hidden_layer:
    input:
        **development(),
        dataset="results/dataset/dataset.json",
        frozen="results/frozen.json",
        model=chosen_network,
        pretrained=[pretrained_folder(name) for name in PRETRAINED_USED],
        contracts=[pretrained_contract(name) for name in PRETRAINED_USED],
    output:
        scores=report(
            "results/controls/probes.tsv",
            caption="../report/probes.rst",
            category="Controls",
        ),
    log:
        "logs/probe_hidden_layer.log",
    benchmark:
        "benchmarks/probe_hidden_layer.tsv"
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=config["compute"]["gpu"],
    params:
        examples=5000,
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
        arithmetic=ARITHMETIC,
        transfer=TRANSFER,
        library=library("probe_hidden_layer"),
    script:
        "../../scripts/probe_hidden_layer.py"
