"""Settle what will be tested, by hash, before the test partition is opened.

INPUTS   results/fit/<model>/real/seed<k>/, results/study.json
OUTPUTS  results/frozen.json
"""


rule freeze_models:
    input:
        models=FINALISTS["models"],
        scores=FINALISTS["scores"],
        study="results/study.json",
    output:
        frozen="results/frozen.json",
    log:
        "logs/freeze_models.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        entries=FINALISTS["entries"],
        objective=config["tuning"]["objective"],
        library=library("freeze_models"),
    script:
        "../../scripts/freeze_models.py"
