"""Write a network as a folder in Kipoi format, from which others and other runs can use it.

INPUTS   results/fit/<model>/real/seed<k>/, results/split/train/, results/study.json;
         for a network on a pretrained model's activations, that model
OUTPUTS  results/export/<model>/: model.yaml, weights, layers, reader, examples, expected predictions

The fit with the best score on tune is exported. The test partition is not needed.
"""

from deeprules_workflow.source_settings import shown_config


rule export_kipoi:
    input:
        unpack(joined_pretrained),
        models=fits_of("model"),
        scores=fits_of("scores"),
        features="results/split/train/features.npy",
        examples="results/split/train/examples.parquet",
        dataset="results/dataset/dataset.json",
        feature_names="results/dataset/feature_names.txt",
        study="results/study.json",
    output:
        folder=directory("results/export/{model}"),
    log:
        "logs/export_kipoi/{model}.log",
    wildcard_constraints:
        model=one_of(NETWORKS),
    conda:
        TRAIN_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        model="{model}",
        config=shown_config(config),
        objective=config["tuning"]["objective"],
        seed=config["seed"],
        examples=8,
        arithmetic=ARITHMETIC,
        library=library(
            "export_kipoi",
            "export.sequence_dataloader",
            "export.table_dataloader",
            "export.covariates_dataloader",
        ),
    script:
        "../../scripts/export_kipoi.py"
