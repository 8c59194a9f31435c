"""Search the hyperparameters of every model, network and baseline alike.

INPUTS   results/split/train/, results/split/tune/; config: tuning, models, seed; for models that
         start from a pretrained one, its folder, contract and activations; for a user's
         tool, results/tools/<model>.json; a network
         waits for results/checks/networks/<model>.json
OUTPUTS  results/tune/<model>/trials.tsv and best.yaml; results/tune/trials.tsv; with several
         workers, results/tune/<model>/rounds/<round>/<worker>.json
         (trials that have ended are kept in results/tune/<model>/ended/)
"""


rule run_trials:
    input:
        unpack(model_inputs),
        unpack(network_check),
        **development(),
        dataset="results/dataset/dataset.json",
        ended=ended_rounds,
    output:
        trials="results/tune/{model}/rounds/{round}/{worker}.json",
    log:
        "logs/run_trials/{model}/{round}_{worker}.log",
    wildcard_constraints:
        model=one_of(BASELINES),
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        **SEARCH_TERMS,
        workers=workers_of_round,
        library=model_library("run_trials"),
    script:
        "../../scripts/run_trials.py"


rule tune_model:
    input:
        unpack(model_inputs),
        unpack(network_check),
        **development(),
        dataset="results/dataset/dataset.json",
        ended=ended_rounds,
    output:
        trials="results/tune/{model}/trials.tsv",
        best="results/tune/{model}/best.yaml",
    log:
        "logs/tune_model/{model}.log",
    wildcard_constraints:
        model=one_of(BASELINES),
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        **SEARCH_TERMS,
        library=model_library("tune_model"),
    script:
        "../../scripts/tune_model.py"


# Networks take longest, so they start first.
use rule run_trials as run_network_trials with:
    wildcard_constraints:
        model=one_of(NETWORKS),
    priority: 1


use rule tune_model as tune_network with:
    wildcard_constraints:
        model=one_of(NETWORKS),
    priority: 1


rule collect_trials:
    input:
        trials=expand("results/tune/{model}/trials.tsv", model=MODELS),
    output:
        trials=report(
            "results/tune/trials.tsv",
            caption="../report/trials.rst",
            category="Search",
        ),
    log:
        "logs/collect_trials.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        library=library("collect_trials"),
    script:
        "../../scripts/collect_trials.py"
