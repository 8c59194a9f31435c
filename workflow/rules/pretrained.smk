"""Fetch pretrained models, check that they fit the data, and look for examples they have seen.

INPUTS   config: pretrained, mirrors; records/checksums/pretrained_<name>*.json if they exist; local
         files that an entry names; results/dataset/, results/split/assignment.parquet
OUTPUTS  resources/pretrained/<name>/ (a folder in Kipoi format, or as Hugging Face has it),
         resources/records/pretrained/<name>.json (where it came from),
         results/pretrained/transformers.prefix (where the environment of Hugging Face's models is),
         results/pretrained/<name>/: contract.json, overlap.tsv, overlap.json
"""

from deeprules_workflow.pretrained_settings import (
    ABOUT_ORIGIN,
    ABOUT_USE,
    contents_seen,
    declared_content,
    declared_ids,
    fetched,
    original_contents,
    of_pretrained,
    without_interpreter,
)
from snakemake.settings.types import DeploymentMethod

WITHOUT_INTERPRETER = without_interpreter(config, PRETRAINED_USED)


rule fetch_pretrained:
    output:
        folder=directory("resources/pretrained/{pretrained}"),
        record="resources/records/pretrained/{pretrained}.json",
    log:
        "logs/fetch_pretrained/{pretrained}.log",
    wildcard_constraints:
        pretrained=one_of(fetched(config)),
    conda:
        KIPOI_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        name="{pretrained}",
        source=of_pretrained(config, ABOUT_ORIGIN),
        contents=original_contents(config),
        mirrors=MARKED_MIRRORS,
        pins=in_run("records/checksums"),
        ledger=in_run("records/ledger"),
        library=library("fetch_pretrained"),
    script:
        "../../scripts/fetch_pretrained.py"


# Its models run in it whichever job asks for their activations. A line of shell, as it holds no more
# than they need.
rule locate_transformers:
    output:
        prefix="results/pretrained/transformers.prefix",
    log:
        "logs/locate_transformers.log",
    # Where there is no such model, any plain file.
    conda:
        "../../envs/huggingface.yaml" if WITHOUT_INTERPRETER else "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        is_active=DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method,
    shell:
        "if [ {params.is_active} = True ]; then printenv CONDA_PREFIX; fi"
        " > {output.prefix} 2> {log}"


rule check_pretrained:
    input:
        prefix=transformers_prefix,
        folder="resources/pretrained/{pretrained}",
        record="resources/records/pretrained/{pretrained}.json",
        dataset="results/dataset/dataset.json",
    output:
        contract="results/pretrained/{pretrained}/contract.json",
    log:
        "logs/check_pretrained/{pretrained}.log",
    wildcard_constraints:
        pretrained=one_of(config["pretrained"]),
    conda:
        KIPOI_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        name="{pretrained}",
        settings=of_pretrained(config, ABOUT_USE),
        seed=config["seed"],
        hidden=HIDDEN,
        is_trained=trains_pretrained,
        pins=in_run("records/checksums"),
        library=library("check_pretrained"),
    script:
        "../../scripts/check_pretrained.py"


rule check_overlap:
    input:
        examples="results/dataset/examples.parquet",
        assignment="results/split/assignment.parquet",
        ids=ancient(declared_ids(config)),
        contents=contents_seen(config),
    output:
        table=report(
            "results/pretrained/{pretrained}/overlap.tsv",
            caption="../report/overlap.rst",
            category="Data",
        ),
        summary="results/pretrained/{pretrained}/overlap.json",
    log:
        "logs/check_overlap/{pretrained}.log",
    wildcard_constraints:
        pretrained=one_of(config["pretrained"]),
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        name="{pretrained}",
        content=declared_content(config),
        trained_on=lookup(dpath="pretrained/{pretrained}/trained_on", within=config),
        library=library("check_overlap"),
    script:
        "../../scripts/check_overlap.py"
