"""Describe the user's own tools that stand among the baselines.

INPUTS   config: models.<name>.command, files, environment; results/dataset/feature_names.txt
OUTPUTS  results/tools/<model>.json; results/tools/<model>.prefix (where its conda environment is)
"""

from snakemake.settings.types import DeploymentMethod
from deeprules_workflow.tool_settings import environment_file, tool_contents, tool_files


# It runs in the user's environment, which may hold no Python: one line of shell instead of a script.
rule locate_tool:
    input:
        environment=environment_file(config, FOLDER),
    output:
        prefix="results/tools/{model}.prefix",
    log:
        "logs/locate_tool/{model}.log",
    wildcard_constraints:
        model=one_of(TOOLS),
    # Where there is no tool, any plain file: --containerize refuses a function.
    conda:
        environment_file(config, FOLDER) if TOOLS else "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        # Without --use-conda the variable, if set at all, names an environment of someone else's.
        is_active=DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method,
    shell:
        "if [ {params.is_active} = True ]; then printenv CONDA_PREFIX; fi"
        " > {output.prefix} 2> {log}"


rule describe_tool:
    input:
        unpack(tool_files(config, FOLDER)),
        feature_names="results/dataset/feature_names.txt",
    output:
        tool=tool_description("{model}"),
    log:
        "logs/describe_tool/{model}.log",
    wildcard_constraints:
        model=one_of(TOOLS),
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        name="{model}",
        settings=lookup(dpath="{model}", within=TOOLS),
        contents=tool_contents(config, FOLDER),
        modality=config["data"]["modality"],
        hidden=HIDDEN,
        library=library("describe_tool"),
    script:
        "../../scripts/describe_tool.py"
