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
        problems=report(
            "results/audit/problems.tsv",
            caption="../report/problems.rst",
            category="Data",
        ),
        duplicates=report(
            "results/audit/duplicates.tsv",
            caption="../report/duplicates.rst",
            category="Data",
        ),
        keep="results/audit/keep.parquet",
        left_out=report(
            "results/audit/left_out.tsv",
            caption="../report/left_out.rst",
            category="Data",
        ),
        classes=report(
            "results/audit/classes.tsv",
            caption="../report/classes.rst",
            category="Data",
        ),
        labels="results/audit/labels.tsv",
        groups="results/audit/groups.tsv",
        batches=report(
            "results/audit/batches.tsv",
            caption="../report/batches.rst",
            category="Data",
        ),
        proposed_groups="results/audit/proposed_groups.tsv",
        summary="results/audit/audit.json",
    log:
        "logs/audit_dataset.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        duplicates=config["data"]["duplicates"],
        conflicts=config["data"]["conflicts"],
        strategy=config["split"]["strategy"],
        library=library("audit_dataset"),
    script:
        "../../scripts/audit_dataset.py"
