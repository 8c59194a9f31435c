"""The released folder as an RO-Crate, version 1.1: what it is, of what, and under which licence."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from deeprules.files import file_sha256

NAMED = {
    "README.md": "Model card",
    "predict.py": "Program that predicts",
    "requirements.txt": "Packages that it needs",
    "model/model.json": "Description of the model",
    "example/expected.tsv": "Predictions of the example",
}


def write_crate(
    folder: Path, facts: Mapping, run: Mapping, licence: str, sources: Iterable[Mapping]
) -> None:
    """Write `ro-crate-metadata.json` into a released folder.

    Parameters
    ----------
    facts : description of the packed model
    run : content of `run.json`
    licence : of the model
    sources : provenance records of the data, which are named and not included
    """
    crate = ROCrate()
    name = facts["recommended"]["model"]
    crate.name = f"{facts['study']['study']['title']}: {name}"
    crate.description = f"{facts['study']['study']['question']} {facts['verdict']['sentence']}"
    crate.license = licence
    crate.datePublished = run["recorded"]
    data = [_source(crate, one) for one in sources]
    files = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        place = path.relative_to(folder).as_posix()
        facts_of_file = {"sha256": file_sha256(path), "contentSize": str(path.stat().st_size)}
        files.append(
            crate.add_file(
                path, place, properties={"name": NAMED.get(place, place), **facts_of_file}
            )
        )
    model = ContextEntity(
        crate,
        "#model",
        properties={
            "@type": "SoftwareApplication",
            "name": name,
            "description": f"Taken because {facts['recommended']['why']}.",
            "version": run["git"]["commit"],
            "license": licence,
            "isBasedOn": data,
        },
    )
    crate.root_dataset["mainEntity"] = crate.add(model)
    crate.root_dataset["about"] = data
    crate.metadata.write(folder)


def _source(crate: ROCrate, source: Mapping):
    """A source of the data: what is known of it, without the data."""
    about = {
        "@type": "Dataset",
        "name": source["source"],
        "version": source["version"],
        "license": source["licence"],
        "citation": source["citation"],
        "identifier": f"sha256:{source['sha256']}",
    }
    return crate.add(ContextEntity(crate, f"#source-{source['source']}", properties=about))
