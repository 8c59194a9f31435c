"""Pack a finished run to move or publish it: all that is known of the data, but not the data.

INPUTS   the tables and summaries of every stage, the report, records/, the workflow's own files
OUTPUTS  results/archive/run.crate.zip, a Workflow Run RO-Crate; only made when it is asked for
"""


rule archive_run:
    input:
        **{name: path for name, path in REPORTED.items() if not path.endswith(".parquet")},
        **optional_stages(),
        **interpretation_files(),
        **subgroup_outputs(),
        **label_files(),
        report="results/report/report.html",
        provenance=[source_provenance(source) for source in SOURCES],
        settings=FINALISTS["settings"],
    output:
        crate="results/archive/run.crate.zip",
    log:
        "logs/archive_run.log",
    conda:
        "../../envs/archive.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        records=in_run("records"),
        workflow_folder=str(FOLDER),
        library=library("archive_run"),
    script:
        "../../scripts/archive_run.py"
