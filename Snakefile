"""deeprules: is deep learning worth it for these data, and what may be said about it?

A run is one road from the sources to the report; each stage reads files of earlier ones alone.
"""

from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/common.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/reported.smk"
include: "workflow/rules/predicted.smk"
include: "workflow/rules/download.smk"
include: "workflow/rules/build.smk"
include: "workflow/rules/first_look.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/homology.smk"
include: "workflow/rules/split.smk"
include: "workflow/rules/explore.smk"
include: "workflow/rules/pretrained.smk"
include: "workflow/rules/pretrain.smk"
include: "workflow/rules/activations.smk"
include: "workflow/rules/tools.smk"
include: "workflow/rules/checks.smk"
include: "workflow/rules/tune.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/controls.smk"
include: "workflow/rules/interpret.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/freeze.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/conclude.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/paper.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/release.smk"
include: "workflow/rules/simulation_study.smk"
include: "workflow/rules/archive.smk"


rule all:
    input:
        "results/report/report.html",
