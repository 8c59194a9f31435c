"""Fit every model with its chosen hyperparameters under several seeds.

A model is fitted under all seeds by one job, which starts and traces a network once; with several
workers (`tuning: workers`) a network has a job for each seed.

INPUTS   results/split/train/, results/split/tune/, results/tune/<model>/best.yaml; for models that
         start from a pretrained one, its folder, contract and activations; for a user's tool,
         results/tools/<model>.json
OUTPUTS  results/fit/<model>/<labels>/seed<k>/: model, settings, history, scores, predictions
         (fits of an unfinished job are kept in results/fit/<model>/<labels>/ended/)
"""


rule fit_model:
    input:
        unpack(model_inputs),
        **development(),
        dataset="results/dataset/dataset.json",
        best="results/tune/{model}/best.yaml",
    output:
        **for_all_seeds(fit_outputs("model.joblib")),
    log:
        "logs/fit_model/{model}/{labels}.log",
    wildcard_constraints:
        model=one_of(BASELINES),
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        **FIT_TERMS,
        seeds=seeds_of_job,
        state=ended_fits,
        library=model_library("fit_model"),
    script:
        "../../scripts/fit_model.py"


use rule fit_model as fit_network with:
    output:
        **network_outputs(),
    log:
        log_of_network_fits(),
    wildcard_constraints:
        model=one_of(NETWORKS),
    priority: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=config["compute"]["gpu"],
