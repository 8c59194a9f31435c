"""Refit models on growing shares of train: would more data help?

INPUTS   results/split/train/, results/split/tune/, results/tune/<model>/best.yaml; the final fits,
         which need not be made again on all of train; for models that
         start from a pretrained one, its folder, contract and activations; for a user's tool,
         results/tools/<model>.json; results/controls/plan.json (the chosen models and their
         seeds); config: learning_curve
OUTPUTS  results/learning_curve/<model>/<repeats>_seeds/: scores.tsv, predictions.parquet;
         results/learning_curve/: curve.tsv, summary.json
         (the fits of an unfinished measurement are kept in results/learning_curve/<model>/fits/)
"""


rule measure_learning_curve:
    input:
        unpack(model_inputs),
        **development(),
        dataset="results/dataset/dataset.json",
        best="results/tune/{model}/best.yaml",
        final=final_fits,
    output:
        scores="results/learning_curve/{model}/{repeats}_seeds/scores.tsv",
        predictions="results/learning_curve/{model}/{repeats}_seeds/predictions.parquet",
    log:
        "logs/measure_learning_curve/{model}/{repeats}.log",
    benchmark:
        "benchmarks/measure_learning_curve/{model}/{repeats}.tsv"
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        **FIT_TERMS,
        shares=config["learning_curve"]["shares"],
        state=in_run("results/learning_curve/{model}/fits"),
        library=model_library("measure_learning_curve"),
    script:
        "../../scripts/measure_learning_curve.py"


rule collect_learning_curve:
    input:
        predictions=curve_predictions,
        tune_examples="results/split/tune/examples.parquet",
        dataset="results/dataset/dataset.json",
    output:
        curve=report(
            "results/learning_curve/curve.tsv",
            caption="../report/learning_curve.rst",
            category="Controls",
        ),
        summary="results/learning_curve/summary.json",
    log:
        "logs/collect_learning_curve.log",
    benchmark:
        "benchmarks/collect_learning_curve.tsv"
    conda:
        TRAIN_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        kinds=curve_kinds,
        objective=config["tuning"]["objective"],
        minimum_gain=config["evaluation"]["minimum_gain"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
        library=library("collect_learning_curve"),
    script:
        "../../scripts/collect_learning_curve.py"
