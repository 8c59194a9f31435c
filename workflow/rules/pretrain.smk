"""Make pretrained models within the workflow.

INPUTS   config: pretrained.<name>.pretrain, and what it names: another configuration, or a FASTA
         file of unlabelled sequences
OUTPUTS  resources/pretrained/<name>/ and resources/records/pretrained/<name>.json, as a fetched
         model has them; resources/pretraining/<name>/ (sequences), results/pretraining/<name>/
         (the run of the other configuration, or windows of the sequences)
"""

import sys

from deeprules_workflow.pretrained_settings import (
    of_pretrained,
    other_config,
    other_content,
    unlabelled,
    unlabelled_file,
    unlabelled_content,
    unlabelled_record,
)

TRAINED = {name: entry for name, entry in config["pretrained"].items() if "pretrain" in entry}
SUPERVISED = [name for name, entry in TRAINED.items() if "config" in entry["pretrain"]]
MASKED = [name for name in TRAINED if name not in SUPERVISED]
ABOUT_TRAINING = ("pretrain", "version", "licence", "citation", "trust")


rule pretrain_supervised:
    input:
        **gpu_check(),
        config=ancient(other_config(config, FOLDER)),
    output:
        folder=directory("resources/pretrained/{pretrained}"),
        record="resources/records/pretrained/{pretrained}.json",
        contents="resources/pretraining/{pretrained}/contents.parquet",
    log:
        "logs/pretrain_supervised/{pretrained}.log",
    wildcard_constraints:
        pretrained=one_of(SUPERVISED),
    # Most of the run waits for it, and it is a chain of jobs: the other cores have other work.
    priority: 2
    conda:
        "../../envs/dataset.yaml"
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=config["compute"]["gpu"],
    params:
        name="{pretrained}",
        settings=of_pretrained(config, ABOUT_TRAINING),
        content=other_content(config, FOLDER),
        directory=in_run("results/pretraining/{pretrained}"),
        runner={
            "python": sys.executable,
            "snakefile": str(FOLDER / "Snakefile"),
            "deployment": sorted(
                method.item_to_choice()
                for method in workflow.deployment_settings.deployment_method
            ),
            "conda_prefix": workflow.deployment_settings.conda_prefix,
        },
        library=[
            library(script)
            for script in ("pretrain_supervised", "build_dataset", "split_dataset", "export_kipoi")
        ],
    script:
        "../../scripts/pretrain_supervised.py"


use rule download_source as download_unlabelled with:
    output:
        data="resources/pretraining/{pretrained}/{filename}",
        record="resources/records/pretraining/{pretrained}/{filename}.json",
    log:
        "logs/download_source/pretrained/{pretrained}/{filename}.log",
    wildcard_constraints:
        pretrained=one_of(MASKED),
    params:
        name="pretrained.{pretrained}",
        source=unlabelled(config),
        place="pretrained/{pretrained}/pretrain/sequences",
        content=unlabelled_content(config),
        mirrors=MARKED_MIRRORS,
        pin=in_run("records/checksums/pretrained_{pretrained}_sequences.json"),
        ledger=in_run("records/ledger"),
        library=library("download_source"),


rule cut_windows:
    input:
        sequences=unlabelled_file(config),
        record=unlabelled_record(config),
        dataset="results/dataset/dataset.json",
    output:
        windows="results/pretraining/{pretrained}/windows.npy",
    log:
        "logs/cut_windows/{pretrained}.log",
    wildcard_constraints:
        pretrained=one_of(MASKED),
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        length=lookup(dpath="{pretrained}/pretrain/length", within=TRAINED),
        pin=in_run("records/checksums/pretrained_{pretrained}_sequences.json"),
        library=library("cut_windows"),
    script:
        "../../scripts/cut_windows.py"


rule pretrain_masked:
    input:
        **gpu_check(),
        windows="results/pretraining/{pretrained}/windows.npy",
    output:
        folder=directory("resources/pretrained/{pretrained}"),
        record="resources/records/pretrained/{pretrained}.json",
    log:
        "logs/pretrain_masked/{pretrained}.log",
    wildcard_constraints:
        pretrained=one_of(MASKED),
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=config["compute"]["gpu"],
    params:
        name="{pretrained}",
        settings=of_pretrained(config, ABOUT_TRAINING),
        strand=config["data"]["strand"],
        seed=config["seed"],
        examples=8,
        arithmetic=ARITHMETIC,
        library=library("pretrain_masked", "export.sequence_dataloader"),
    script:
        "../../scripts/pretrain_masked.py"
