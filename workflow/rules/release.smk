"""Release a model of a finished run: a folder that another person can use without the run.

INPUTS   the files of the report, and the report itself; results/fit/, results/split/ and records/,
         of which the model is packed; config: release
OUTPUTS  results/card/ (model card, choice), results/release/; only made when it is asked for, by
         the target `release`
"""


rule release:
    input:
        "results/release",


rule write_card:
    input:
        unpack(one_label),
        **reported_files(),
        report="results/report/report.html",
        parts=sorted((FOLDER / "workflow" / "paper" / "parts").glob("*.j2")),
    output:
        card="results/card/README.md",
        choice="results/card/choice.json",
    log:
        "logs/write_card.log",
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        release=config["release"],
        ledger=in_run("records/ledger"),
        logs=in_run("logs"),
        workflow_folder=folder_of_code,
        library=library("write_card"),
    script:
        "../../scripts/write_card.py"


rule build_release:
    input:
        card="results/card/README.md",
        choice="results/card/choice.json",
        verdict="results/conclusion/verdict.json",
    output:
        folder=temp(directory("results/card/folder")),
    log:
        "logs/build_release.log",
    conda:
        TRAIN_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        run=RUN,
        readers=readers_of_release(),
        code=released_code(),
        workflow_folder=folder_of_code,
        library=library("build_release", *code_of_release()),
    script:
        "../../scripts/build_release.py"


rule write_release:
    input:
        folder="results/card/folder",
        run="results/run/run.json",
        provenance=[source_provenance(source) for source in SOURCES],
    output:
        release=directory("results/release"),
    log:
        "logs/write_release.log",
    conda:
        "../../envs/archive.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        licence=config["release"]["licence"],
        library=library("write_release"),
    script:
        "../../scripts/write_release.py"
