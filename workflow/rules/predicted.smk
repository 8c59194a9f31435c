"""Files and settings of what a finished run is applied to; no rules."""

from deeprules_workflow.fingerprint import library_files
from deeprules_workflow.predictions import (
    as_sources,
    config_of_variants,
    data_defaults,
    finished_contents,
    new_sources,
    packed_folder,
    place_of,
    predicted_names,
    reader_settings,
    require_something,
    with_helpers,
)

NEW = new_sources(config)
PREDICTED = predicted_names(config)
RUN = in_run("results").removesuffix("results") or "."
"""The working directory of the run, seen from where jobs are."""


def run_of(name):
    """Folder of the run that is applied to a source: that of the configuration, or another."""
    return NEW[name]["run"] or RUN


def run_of_name(wildcards):
    """`run_of` of the source of a job."""
    return run_of(wildcards.name)


def contents_of_run(wildcards):
    """Content of the finished run that is packed, for `params`."""
    name = wildcards.get("name")
    return finished_contents(run_of(name) if name else RUN)


def packed_model(wildcards):
    """The packed model that is applied to a source."""
    run = NEW[wildcards.name]["run"]
    if run is None:
        return "results/model"
    return packed_folder(run) or f"resources/models/{wildcards.name}"


def new_file(name):
    """Where a source lies, which is one of those that a run is applied to, or of the data."""
    return f"resources/new/{name}/{filename(NEW[name])}" if name in NEW else source_file(name)


def new_files(wildcards):
    """Files of a source and of those that it names."""
    return [new_file(name) for name in with_helpers(config, wildcards.name)]


def place_of_new(wildcards):
    """Where the address of a source stands in the configuration."""
    return place_of(config, wildcards.source)


def settings_of_new(wildcards):
    """Settings of a source and of those that it names, for `params`."""
    return with_helpers(config, wildcards.name)


def settings_of_variants(wildcards):
    """What the configuration says of a source of variants, without its address, for `params`."""
    return config_of_variants(config, wildcards.name)


def readers_of_new(wildcards):
    """Fingerprint of the library with the readers of a source."""
    formats = {entry["format"] for entry in settings_of_new(wildcards).values()} - {"genome"}
    return library("read_new_examples", *(f"datasets.{one}" for one in sorted(formats)))


def gpus_to_predict(wildcards):
    """GPUs of a job that applies a model: those of the configuration, as it may be a network."""
    return config["compute"]["gpu"] if NETWORKS else 0


def all_predictions(wildcards):
    """What `snakemake predict` makes."""
    with plain_words("reading the configuration"):
        require_something(config)
    return [
        *expand("results/predict/{name}/report.html", name=PREDICTED),
        *expand("results/variants/{name}/effects.vcf.gz", name=config["variants"]),
    ]


def folder_of_code(wildcards):
    """Folder of the workflow, whose commit a release needs, for `params`."""
    return str(FOLDER)


def readers_of_release():
    """How a released folder reads files of new examples, by their format."""
    formats = ("fasta", "table") if config["data"]["modality"] == "sequence" else ("matrix",)
    return {"formats": reader_settings(formats), "defaults": data_defaults()}


def code_of_release():
    """Modules that a released folder finds by name: readers and models."""
    readers = [f"datasets.{name}" for name in readers_of_release()["formats"]]
    return [*readers, *MODEL_PLUGINS.values()]


def released_code():
    """Files of the library that a released folder predicts with, as paths from `scripts`."""
    scripts = FOLDER / "scripts"
    with plain_words("reading the library behind a release"):
        files = library_files(scripts, "predict_examples", "release.apply", *code_of_release())
    packages = {folder / "__init__.py" for one in files for folder in one.parents}
    found = {*files, *(one for one in packages if one.is_file())}
    return sorted(one.relative_to(scripts).as_posix() for one in found)
