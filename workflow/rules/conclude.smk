"""Weigh the verdict of the test set by the controls, and say what the run cost.

INPUTS   results/evaluation/verdict.json, results/study.json, the summaries of all stages that may
         hold cautions, results/tune/trials.tsv, settings and losses of every final fit, every
         control and check, whose jobs are part of the cost; logs/
         (what each job used)
OUTPUTS  results/conclusion/verdict.json and costs.tsv
"""


rule conclude_run:
    input:
        **optional_stages(),
        audit="results/audit/audit.json",
        split="results/split/split.json",
        stages=stages_with_cautions(),
        verdict="results/evaluation/verdict.json",
        frozen="results/frozen.json",
        plan="results/controls/plan.json",
        trials="results/tune/trials.tsv",
        settings=FINALISTS["settings"],
        histories=FINALISTS["histories"],
        study="results/study.json",
    output:
        verdict="results/conclusion/verdict.json",
        costs=report(
            "results/conclusion/costs.tsv",
            caption="../report/costs.rst",
            category="Report",
        ),
    log:
        "logs/conclude_run.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        logs=in_run("logs"),
        core_watts=config["compute"]["core_watts"],
        gpu_watts=config["compute"]["gpu_watts"],
        gpus=config["compute"]["gpu"],
        tuning=config["tuning"],
        library=library("conclude_run"),
    script:
        "../../scripts/conclude_run.py"
