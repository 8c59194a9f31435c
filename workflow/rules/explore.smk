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
        association=report(
            "results/explore/association.tsv",
            caption="../report/association.rst",
            category="Batch effects",
        ),
        batch_prediction=report(
            "results/explore/batch_prediction.tsv",
            caption="../report/batch_prediction.rst",
            category="Batch effects",
        ),
        batch_correction="results/explore/batch_correction.tsv",
        summary="results/explore/explore.json",
        scree_svg=report(
            "results/explore/scree.svg",
            caption="../report/scree.rst",
            category="Batch effects",
        ),
        scree_png="results/explore/scree.png",
        figures=report(
            directory("results/explore/figures"),
            patterns=["{figure}.svg"],
            caption="../report/components.rst",
            category="Batch effects",
        ),
    log:
        "logs/explore_batches.log",
    conda:
        "../../envs/explore.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        explore=config["explore"],
        seed=config["seed"],
        library=library("explore_batches"),
    script:
        "../../scripts/explore_batches.py"
