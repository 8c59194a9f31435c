"""What an author needs of a finished run: methods, references, checklists, figures and tables.

INPUTS   the files of the report, and the report itself
OUTPUTS  results/paper/; only made when it is asked for, by the target `paper`
"""


rule paper:
    input:
        "results/paper",


rule write_paper:
    input:
        unpack(one_label),
        **reported_files(),
        report="results/report/report.html",
        references=FOLDER / "workflow" / "paper" / "references.bib",
        parts=sorted((FOLDER / "workflow" / "paper" / "parts").glob("*.j2")),
    output:
        kit=directory("results/paper"),
    log:
        "logs/write_paper.log",
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        ledger=in_run("records/ledger"),
        logs=in_run("logs"),
        library=library("write_paper", *REPORT_SECTIONS),
    script:
        "../../scripts/write_paper.py"
