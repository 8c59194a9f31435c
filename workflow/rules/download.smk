"""Fetch the sources, or make simulated ones, and record where they came from.

INPUTS   config: data.sources, mirrors; records/checksums/<source>.json if it exists; a local file
         that a url (or its mirror) names
OUTPUTS  resources/downloads/<source>/<file>, results/provenance/<source>/<file>.json,
         resources/records/<source>/<file>.json (where a download came from)
"""

from deeprules_workflow.source_settings import (
    hidden_files,
    local_content,
    marked_mirrors,
    of_source,
)

MARKED_MIRRORS = marked_mirrors(config)
"""The mirrors without what is secret of them, for `params`."""
HIDDEN = hidden_files(config, [in_run(folder) for folder in ("results", "resources", "records")])
"""What foreign code must not see: data, labels and the sealed test set."""


rule download_source:
    output:
        data="resources/downloads/{source}/{filename}",
        record="resources/records/{source}/{filename}.json",
    log:
        "logs/download_source/{source}/{filename}.log",
    wildcard_constraints:
        source=one_of(name for name in SOURCES if "url" in SOURCES[name]),
    conda:
        "../../envs/download.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        name="{source}",
        source=of_source(config, "url", "version", "sha256"),
        place="data/sources/{source}/url",
        content=local_content(config),
        mirrors=MARKED_MIRRORS,
        pin=in_run("records/checksums/{source}.json"),
        ledger=in_run("records/ledger"),
        library=library("download_source"),
    script:
        "../../scripts/download_source.py"


rule describe_source:
    input:
        record="resources/records/{source}/{filename}.json",
    output:
        provenance="results/provenance/{source}/{filename}.json",
    log:
        "logs/describe_source/{source}/{filename}.log",
    wildcard_constraints:
        source=one_of(name for name in SOURCES if "url" in SOURCES[name]),
    conda:
        "../../envs/download.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        stated=of_source(config, "format", "version", "licence", "citation"),
        library=library("describe_source"),
    script:
        "../../scripts/describe_source.py"


rule simulate_source:
    output:
        data="resources/downloads/{source}/{filename}",
        provenance="results/provenance/{source}/{filename}.json",
    log:
        "logs/simulate_source/{source}/{filename}.log",
    wildcard_constraints:
        source=one_of(name for name in SOURCES if "simulate" in SOURCES[name]),
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        name="{source}",
        source=lookup(dpath="data/sources/{source}", within=config),
        seed=config["seed"],
        library=library("simulate_source"),
    script:
        "../../scripts/simulate_source.py"
