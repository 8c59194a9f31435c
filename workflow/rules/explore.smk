"""Principal components and batch effects of the development data.

INPUTS   results/split/train/, results/split/tune/; config: explore, seed
OUTPUTS  results/explore/: tables, figures, explore.json
"""


rule explore_batches:
    input:
        **development(),
        dataset="results/dataset/dataset.json",
    output:
        scores="results/explore/scores.parquet",
        scree="results/explore/scree.tsv",
        association="results/explore/association.tsv",
        batch_prediction="results/explore/batch_prediction.tsv",
        summary="results/explore/explore.json",
        scree_svg="results/explore/scree.svg",
        scree_png="results/explore/scree.png",
        figures=directory("results/explore/figures"),
    log:
        "logs/explore_batches.log",
    benchmark:
        "benchmarks/explore_batches.tsv"
    conda:
        "../../envs/explore.yaml"
    threads: 1
    resources:
        mem_mb=config["compute"]["mem_mb"],
        runtime=config["compute"]["runtime"],
    params:
        explore=config["explore"],
        seed=config["seed"],
        library=library("explore_batches"),
    script:
        "../../scripts/explore_batches.py"
