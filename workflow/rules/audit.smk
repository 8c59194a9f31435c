"""Look for what would make the results wrong: duplicates, conflicts, confounding, small classes.

INPUTS   results/dataset/; config: data.duplicates, data.conflicts
OUTPUTS  results/audit/: tables, audit.json, and keep.parquet (which examples go on)
"""


rule audit_dataset:
    input:
        examples="results/dataset/examples.parquet",
        features="results/dataset/features.npy",
        dataset="results/dataset/dataset.json",
    output:
        problems="results/audit/problems.tsv",
        duplicates="results/audit/duplicates.tsv",
        keep="results/audit/keep.parquet",
        classes="results/audit/classes.tsv",
        groups="results/audit/groups.tsv",
        batches="results/audit/batches.tsv",
        summary="results/audit/audit.json",
    log:
        "logs/audit_dataset.log",
    benchmark:
        "benchmarks/audit_dataset.tsv"
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=config["compute"]["mem_mb"],
        runtime=config["compute"]["runtime"],
    params:
        duplicates=config["data"]["duplicates"],
        conflicts=config["data"]["conflicts"],
        library=library("audit_dataset"),
    script:
        "../../scripts/audit_dataset.py"
