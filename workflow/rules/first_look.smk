"""Tell what the files of a configuration are taken for, before a run: `snakemake check_data`.

INPUTS   resources/downloads/<source>/<file>; config: data, split.strategy, split.column
OUTPUTS  none: the data set is built in a folder that is removed again, and nothing is pinned
"""

from deeprules_workflow.source_settings import build_settings


rule check_data:
    input:
        sources=[source_file(source) for source in SOURCES],
        records=[source_record(source) for source in DOWNLOADED],
    log:
        "logs/check_data.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        names=list(SOURCES),
        downloaded=DOWNLOADED,
        data=build_settings(config["data"]),
        settings={
            **{key: config["data"][key] for key in ("duplicates", "conflicts")},
            "strategy": config["split"]["strategy"],
            "partition_column": PARTITION_COLUMN,
        },
        folder=in_run("resources/.unfinished-check"),
        library=library(
            "check_data",
            *(
                {f"datasets.{entry['format']}" for entry in SOURCES.values()}
                - {"datasets.genome", "datasets.list"}
            ),
        ),
    script:
        "../../scripts/check_data.py"
