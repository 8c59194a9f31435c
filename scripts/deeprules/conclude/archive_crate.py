"""The archive of a run as a Workflow Run RO-Crate, version 0.5.

Profile: https://w3id.org/ro/wfrun/workflow/0.5 (Leo et al. 2024, PLoS ONE,
doi:10.1371/journal.pone.0309210), which builds on Process Run Crate and Workflow RO-Crate.
"""

import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import Path

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from deeprules.conclude.archive import address
from deeprules.files import read_json, read_table

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
TERMS = "https://w3id.org/ro/terms/workflow-run/context"
BIOSCHEMAS = "https://bioschemas.org/profiles"
MAIN = "Snakefile"
INPUTS = {"configuration": "config/config.yaml", "study": "config/study.yaml"}
OUTPUTS = {
    "report": "results/report/report.html",
    "scores": "results/evaluation/scores.tsv",
    "verdict": "results/conclusion/verdict.json",
    "trials": "results/tune/trials.tsv",
    "ledger": "records/ledger/openings.jsonl",
}
LICENCE = (
    "The code of the workflow is under the MIT licence (LICENSE). The data have licences of their "
    "own, stated at each. For the results, ask those who made the run."
)


def write_crate(
    path: str | Path, folder: str | Path, files: Mapping[str, Mapping], sources: Iterable[Mapping]
) -> None:
    """Pack a folder as an RO-Crate, with what is known of the run.

    Parameters
    ----------
    path : zip file to write
    folder : what `archive.lay_out` made, and a README.md
    files : {path in the folder: {sha256, bytes}}
    sources : provenance records of the data, which are referred to and not included
    """
    folder = Path(folder)
    run = read_json(folder / "results/run/run.json")
    study = read_json(folder / "results/study.json")["study"]
    verdict = read_json(folder / "results/conclusion/verdict.json")
    crate = ROCrate()
    crate.metadata.extra_contexts.append(TERMS)
    crate.name = study["title"]
    crate.description = f"{study['question']} {verdict['sentence']}"
    crate.license = LICENCE
    crate.datePublished = run["recorded"]
    crate.root_dataset["conformsTo"] = [
        _context(crate, uri, "CreativeWork", name=name, version=version)
        for uri, (name, version) in PROFILES.items()
    ]
    workflow = _workflow(crate, folder, run)
    entities = {MAIN: workflow} | {
        name: _file(crate, folder, name, facts) for name, facts in files.items() if name != MAIN
    }
    inputs = {name: entities[place] for name, place in INPUTS.items()}
    inputs |= {f"source {one['source']}": _source(crate, one) for one in sources}
    outputs = {name: entities[place] for name, place in OUTPUTS.items() if place in entities}
    outputs |= _metrics(crate, folder, verdict)
    workflow["input"] = [_parameter(crate, *item) for item in inputs.items()]
    workflow["output"] = [_parameter(crate, *item) for item in outputs.items()]
    action = _context(
        crate,
        "#run",
        "CreateAction",
        name=f"Run of deeprules: {study['title']}",
        description=verdict["sentence"],
        endTime=run["recorded"],
        instrument=workflow,
        object=list(inputs.values()),
        result=list(outputs.values()),
        actionStatus="http://schema.org/CompletedActionStatus",
    )
    crate.root_dataset["mentions"] = action
    crate.write_zip(path)


def _context(crate: ROCrate, identifier: str, kind: str, **properties):
    return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **properties}))


def _workflow(crate: ROCrate, folder: Path, run: Mapping):
    """The main entity: the Snakefile, the commit it is of, and the packages it ran with."""
    workflow = crate.add_workflow(
        folder / MAIN,
        MAIN,
        main=True,
        lang="snakemake",
        lang_version=run["packages"].get("snakemake"),
    )
    git = run["git"]
    state = {True: " with uncommitted changes", False: "", None: ""}[git["dirty"]]
    workflow["name"] = "deeprules"
    workflow["version"] = f"{git['commit'] or 'no commit: ' + git['note']}{state}"
    workflow["license"] = "MIT"
    workflow["encodingFormat"] = "text/plain"
    workflow["conformsTo"] = _context(
        crate,
        f"{BIOSCHEMAS}/ComputationalWorkflow/1.0-RELEASE",
        "CreativeWork",
        name="ComputationalWorkflow",
        version="1.0-RELEASE",
    )
    packages = {"python": run["python"], **run["packages"]}
    workflow["softwareRequirements"] = [
        _context(crate, f"#{name}", "SoftwareApplication", name=name, version=version)
        for name, version in packages.items()
    ]
    return workflow


def _file(crate: ROCrate, folder: Path, name: str, facts: Mapping):
    """A file of the archive, with its size and checksum."""
    kind = "text/markdown" if name.endswith(".md") else mimetypes.guess_type(name)[0]
    properties = {"contentSize": str(facts["bytes"]), "sha256": facts["sha256"]}
    properties["encodingFormat"] = kind or "text/plain"
    if name == "README.md":
        properties["about"] = {"@id": "./"}
    return crate.add_file(folder / name, name, properties=properties)


def _source(crate: ROCrate, source: Mapping):
    """A reference to data: a file elsewhere, or what is known of one that has no address."""
    about = {
        "name": source["source"],
        "version": source["version"],
        "license": source["licence"],
        "citation": source["citation"],
        "sha256": source["sha256"],
    }
    url = address(source)
    if url is None:
        value = f"sha256:{source['sha256']}"
        name = f"#source-{source['source']}"
        return _context(crate, name, "PropertyValue", **about, value=value)
    about |= {"contentSize": str(source["bytes"]), "sdDatePublished": source["downloaded"]}
    about["encodingFormat"] = mimetypes.guess_type(url)[0] or "application/octet-stream"
    return crate.add_file(url, fetch_remote=False, properties=about)


def _metrics(crate: ROCrate, folder: Path, verdict: Mapping) -> dict:
    """The score of each chosen model on test, by its name."""
    scores = read_table(folder / "results/evaluation/scores.tsv", dtype={"seed": str})
    metric, found = verdict["metric"], {}
    for kind in ("network", "baseline", "nuisance"):
        model = verdict.get(kind)
        rows = scores.query("model == @model and metric == @metric and seed == 'ensemble'")
        for row in rows.itertuples():
            name = f"{metric} of {model}"
            found[name] = _context(
                crate,
                f"#{metric}-{model}",
                "PropertyValue",
                name=name,
                value=float(row.value),
                minValue=float(row.lower),
                maxValue=float(row.upper),
                description=f"Ensemble of the seeds on test, chosen {kind}, with its 95% interval.",
            )
    return found


def _parameter(crate: ROCrate, name: str, example):
    """What a file or value of this run is an example of: an input or output of the workflow."""
    kinds = example["@type"] if isinstance(example["@type"], list) else [example["@type"]]
    parameter = _context(
        crate,
        f"#parameter-{name.replace(' ', '-')}",
        "FormalParameter",
        name=name,
        additionalType="File" if "File" in kinds else "PropertyValue",
        conformsTo=_context(
            crate,
            f"{BIOSCHEMAS}/FormalParameter/1.0-RELEASE",
            "CreativeWork",
            name="FormalParameter",
            version="1.0-RELEASE",
        ),
        workExample=example,
    )
    example["exampleOfWork"] = parameter
    return parameter
