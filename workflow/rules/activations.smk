"""Activations of pretrained models as features, once for all models and fits on them.

INPUTS   resources/pretrained/<name>/, results/pretrained/<name>/contract.json, results/split/train/,
         results/split/tune/
OUTPUTS  results/pretrained/<name>/activations/train.npy and tune.npy; of the architecture with random
         weights in random_activations/
         (kept by content in resources/activations/; those of test are made by evaluate_test alone)
"""


rule extract_activations:
    input:
        **development(),
        **gpu_check(),
        dataset="results/dataset/dataset.json",
        pretrained=pretrained_folder("{pretrained}"),
        contract=pretrained_contract("{pretrained}"),
    output:
        **activation_files("{pretrained}"),
    log:
        "logs/extract_activations/{pretrained}.log",
    wildcard_constraints:
        pretrained=one_of(PRETRAINED_USED),
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=config["compute"]["gpu"],
    params:
        cache=in_run("resources/activations"),
        arithmetic=ARITHMETIC,
        random_weights=False,
        library=library("extract_activations"),
    script:
        "../../scripts/extract_activations.py"


use rule extract_activations as extract_random_activations with:
    output:
        **activation_files("{pretrained}", "random_activations"),
    log:
        "logs/extract_activations/random/{pretrained}.log",
    params:
        cache=in_run("resources/activations"),
        arithmetic=ARITHMETIC,
        random_weights=True,
        library=library("extract_activations"),
