"""Record the run and write the report.

INPUTS   the tables and summaries of every stage above, records/ledger/, logs/
OUTPUTS  results/config.yaml, results/study.json, results/ethics.json, results/run/run.json,
         results/report/report.html
"""

from deeprules_workflow.source_settings import shown_config

REPORT_SECTIONS = sorted(
    f"report.sections.{module.stem}"
    for module in (FOLDER / "scripts" / "deeprules" / "report" / "sections").glob("*.py")
)
"""Modules that the report finds by name."""


rule write_config:
    output:
        config="results/config.yaml",
    log:
        "logs/write_config.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        config=shown_config(config),
        library=library("write_config"),
    script:
        "../../scripts/write_config.py"


rule write_study:
    output:
        study="results/study.json",
    log:
        "logs/write_study.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        study={"study": STUDY, "sha256": study_sha256(STUDY)},
        library=library("write_study"),
    script:
        "../../scripts/write_study.py"


rule write_ethics:
    output:
        ethics="results/ethics.json",
    log:
        "logs/write_ethics.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        ethics=ETHICS,
        library=library("write_ethics"),
    script:
        "../../scripts/write_ethics.py"


rule record_run:
    input:
        opening="results/evaluation/opening.json",
    output:
        run="results/run/run.json",
    log:
        "logs/record_run.log",
    conda:
        TRAIN_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        config=shown_config(config),
        workflow_folder=str(FOLDER),
        library=library("record_run"),
    script:
        "../../scripts/record_run.py"


rule write_report:
    input:
        **reported_files(),
        template=FOLDER / "workflow" / "report" / "report.html.j2",
        template_parts=sorted((FOLDER / "workflow" / "report").rglob("*.[!r]*")),
    output:
        html=report(
            "results/report/report.html",
            caption="../report/report.rst",
            category="Report",
        ),
    log:
        "logs/write_report.log",
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        ledger=in_run("records/ledger"),
        logs=in_run("logs"),
        library=library("write_report", *REPORT_SECTIONS),
    script:
        "../../scripts/write_report.py"
