"""Turn every source, whatever its format, into one table of examples and one array of features.

INPUTS   resources/downloads/<source>/<file>, resources/records/<source>/<file>.json; config: data
OUTPUTS  results/dataset/: examples.parquet, features.npy, dataset.json, feature_names.txt,
         negatives.tsv;
         records/checksums/<source>.json of what is read for the first time
"""

from deeprules_workflow.source_settings import build_settings


rule build_dataset:
    input:
        sources=[source_file(source) for source in SOURCES],
        records=[source_record(source) for source in DOWNLOADED],
    output:
        examples="results/dataset/examples.parquet",
        features="results/dataset/features.npy",
        dataset="results/dataset/dataset.json",
        feature_names="results/dataset/feature_names.txt",
        negatives="results/dataset/negatives.tsv",
    log:
        "logs/build_dataset.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        names=list(SOURCES),
        downloaded=DOWNLOADED,
        pins=in_run("records/checksums"),
        data=build_settings(config["data"]),
        partition_column=PARTITION_COLUMN,
        library=library(
            "build_dataset",
            *(
                {f"datasets.{entry['format']}" for entry in SOURCES.values()}
                - {"datasets.genome", "datasets.list"}
            ),
        ),
    script:
        "../../scripts/build_dataset.py"
