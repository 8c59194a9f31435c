"""Share the examples out between train, tune and the sealed test partition.

INPUTS   results/dataset/, results/audit/keep.parquet; with strategy homology also
         results/homology/clusters.parquet; config: split, seed
OUTPUTS  results/split/train/, results/split/tune/, assignment.parquet, split.json;
         results/sealed/test/, which evaluate_test alone reads
"""


rule split_dataset:
    input:
        unpack(clusters_to_split),
        examples="results/dataset/examples.parquet",
        features="results/dataset/features.npy",
        dataset="results/dataset/dataset.json",
        keep="results/audit/keep.parquet",
    output:
        train_examples="results/split/train/examples.parquet",
        train_features="results/split/train/features.npy",
        tune_examples="results/split/tune/examples.parquet",
        tune_features="results/split/tune/features.npy",
        test_examples="results/sealed/test/examples.parquet",
        test_features="results/sealed/test/features.npy",
        assignment="results/split/assignment.parquet",
        summary="results/split/split.json",
    log:
        "logs/split_dataset.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        split=config["split"],
        seed=config["seed"],
        library=library("split_dataset"),
    script:
        "../../scripts/split_dataset.py"
