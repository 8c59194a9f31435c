"""Open the test partition once, for all finalists together.

INPUTS   results/frozen.json, results/sealed/test/; config: evaluation; records/ledger/; folder and
         contract of the pretrained models that finalists start from
OUTPUTS  results/evaluation/, and an entry in records/ledger/
"""


rule evaluate_test:
    input:
        frozen="results/frozen.json",
        models=FINALISTS["models"],
        test_examples="results/sealed/test/examples.parquet",
        test_features="results/sealed/test/features.npy",
        dataset="results/dataset/dataset.json",
        study="results/study.json",
        pretrained=[pretrained_folder(name) for name in PRETRAINED_USED],
        contracts=[pretrained_contract(name) for name in PRETRAINED_USED],
    output:
        **transfer_outputs(),
        scores="results/evaluation/scores.tsv",
        predictions="results/evaluation/predictions.parquet",
        per_class="results/evaluation/per_class.tsv",
        pr_curve="results/evaluation/pr_curve.tsv",
        roc_curve="results/evaluation/roc_curve.tsv",
        calibration="results/evaluation/calibration.tsv",
        confusion="results/evaluation/confusion.tsv",
        tests="results/evaluation/tests.tsv",
        comparison="results/evaluation/comparison.tsv",
        verdict="results/evaluation/verdict.json",
        opening="results/evaluation/opening.json",
    log:
        "logs/evaluate_test.log",
    benchmark:
        "benchmarks/evaluate_test.tsv"
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=config["compute"]["mem_mb"],
        runtime=config["compute"]["runtime"],
    params:
        evaluation=config["evaluation"],
        objective=config["tuning"]["objective"],
        seed=config["seed"],
        backend=config["compute"]["backend"],
        ledger="records/ledger",
        transfer=TRANSFER,
        library=library("evaluate_test", *MODEL_PLUGINS.values()),
    script:
        "../../scripts/evaluate_test.py"
