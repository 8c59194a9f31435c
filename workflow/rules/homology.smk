"""Cluster similar sequences, and count those that a split has separated.

INPUTS   results/dataset/, results/audit/keep.parquet, results/split/assignment.parquet (ids and
         partitions, no labels); config: homology
OUTPUTS  results/homology/: clusters.parquet (id, cluster), clusters.json, partitions.tsv
"""


rule cluster_homologs:
    input:
        examples="results/dataset/examples.parquet",
        features="results/dataset/features.npy",
        dataset="results/dataset/dataset.json",
        keep="results/audit/keep.parquet",
    output:
        clusters="results/homology/clusters.parquet",
        summary="results/homology/clusters.json",
    log:
        "logs/cluster_homologs.log",
    # It takes all cores: what needs fewer goes first.
    priority: -1
    conda:
        "../../envs/homology.yaml"
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        identity=config["homology"]["identity"],
        coverage=config["homology"]["coverage"],
        library=library("cluster_homologs"),
    script:
        "../../scripts/cluster_homologs.py"


rule count_homologs:
    input:
        assignment="results/split/assignment.parquet",
        clusters="results/homology/clusters.parquet",
    output:
        counts="results/homology/partitions.tsv",
    log:
        "logs/count_homologs.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        library=library("count_homologs"),
    script:
        "../../scripts/count_homologs.py"
