"""Open the test partition once, for all finalists together.

INPUTS   results/frozen.json, results/sealed/test/; results/split/train/ and results/split/tune/, for
         trying every model, slices and confidence; results/split/split.json; config: evaluation;
         records/ledger/; folder and contract of the pretrained models that finalists start from;
         results/tools/<model>.json
OUTPUTS  results/evaluation/, and an entry in records/ledger/
"""


rule evaluate_test:
    input:
        **development(),
        frozen="results/frozen.json",
        models=FINALISTS["models"],
        test_examples="results/sealed/test/examples.parquet",
        test_features="results/sealed/test/features.npy",
        dataset="results/dataset/dataset.json",
        split="results/split/split.json",
        study="results/study.json",
        pretrained=[pretrained_folder(name) for name in PRETRAINED_USED],
        contracts=[pretrained_contract(name) for name in PRETRAINED_USED],
        tools=[tool_description(name) for name in TOOLS],
    output:
        **transfer_outputs(),
        **subgroup_outputs(),
        **label_outputs(),
        scores=report(
            "results/evaluation/scores.tsv",
            caption="../report/scores.rst",
            category="Test",
        ),
        predictions="results/evaluation/predictions.parquet",
        per_class=report(
            "results/evaluation/per_class.tsv",
            caption="../report/per_class.rst",
            category="Test",
        ),
        pr_curve="results/evaluation/pr_curve.tsv",
        roc_curve="results/evaluation/roc_curve.tsv",
        calibration=report(
            "results/evaluation/calibration.tsv",
            caption="../report/calibration.rst",
            category="Test",
        ),
        confusion=report(
            "results/evaluation/confusion.tsv",
            caption="../report/confusion.rst",
            category="Test",
        ),
        tests=report(
            "results/evaluation/tests.tsv",
            caption="../report/tests.rst",
            category="Test",
        ),
        comparison=report(
            "results/evaluation/comparison.tsv",
            caption="../report/comparison.rst",
            category="Test",
        ),
        slices=report(
            "results/evaluation/slices.tsv",
            caption="../report/slices.rst",
            category="Test",
        ),
        slice_summary="results/evaluation/slices.json",
        confidence=report(
            "results/evaluation/confidence.tsv",
            caption="../report/confidence.rst",
            category="Test",
        ),
        risk_coverage="results/evaluation/risk_coverage.tsv",
        example_confidence="results/evaluation/example_confidence.parquet",
        verdict="results/evaluation/verdict.json",
        opening="results/evaluation/opening.json",
    log:
        "logs/evaluate_test.log",
    conda:
        TRAIN_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        evaluation=config["evaluation"],
        objective=config["tuning"]["objective"],
        seed=config["seed"],
        arithmetic=ARITHMETIC,
        ledger=in_run("records/ledger"),
        transfer=TRANSFER,
        entries=MODELS,
        prefixes={name: source["id_prefix"] for name, source in config["data"]["sources"].items()},
        library=library("evaluate_test", *MODEL_PLUGINS.values()),
    script:
        "../../scripts/evaluate_test.py"
