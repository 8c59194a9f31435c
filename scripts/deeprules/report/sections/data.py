"""The data: where they came from, and what they are."""

from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.tables import Table, table
from deeprules.wording import format_bytes, format_cell, format_count, format_moment


def section(results: Results) -> Section:
    """Sources, size and shape of the data."""
    return Section(
        "Data and provenance",
        findings=[*_unstated(results), *_representation(results)],
        tables={"sources": _source_table(results)},
        said={"facts": _facts(results.dataset).items()},
    )


def _source_table(results: Results) -> Table:
    """Where each file came from, and what identifies it."""
    rows = [
        {"url": record.get("given_url", record.get("url"))} | record
        for record in results.provenance
    ]
    return table(
        "Sources",
        "results/provenance/<source>.json",
        rows,
        "source url version licence citation downloaded bytes sha256",
        {"url": "address", "downloaded": "date (UTC)"},
        downloaded=format_moment,
        bytes=format_bytes,
    )


def _facts(dataset: dict) -> dict[str, str]:
    """Names and values of what the data are."""
    is_table = dataset["modality"] == "tabular"
    facts = {
        "Modality": dataset["modality"],
        "Task": dataset["task"],
        **_classes(dataset),
        "Examples": format_count(dataset["n_examples"]),
        "Features" if is_table else "Bases an example": format_count(dataset["n_features"]),
        "Batch": "declared" if dataset["has_batch"] else "not declared",
        "Group": "declared" if dataset["has_group"] else "not declared",
        "Covariates": format_cell(dataset["covariates"]),
        "Transformation": dataset["transform"],
    }
    if dataset["modality"] == "sequence":
        length = dataset["length"]
        ends = dict.fromkeys(format_count(length[name]) for name in ("shortest", "longest"))
        letters = [dataset["letters"][name] for name in ("lower_case", "uracil", "ambiguous")]
        one = "a sequence and its reverse complement are one"
        facts |= {
            "Strand": one if dataset["strand"] == "both" else "as given; the other one is no data",
            "Length": f"{' to '.join(ends)} bases; policy: {length['policy']}",
            "Cropped, padded": format_cell([length["cropped"], length["padded"]]),
            "Lower case, uracil, ambiguous": f"{format_cell(letters)} sequences",
        }
    return facts


def _classes(dataset: dict) -> dict[str, str]:
    """Names of the classes, or of several labels."""
    if not dataset.get("labels"):
        return {"Classes": format_cell(dataset["classes"])}
    return {"Labels": format_cell(dataset["labels"])}


def _unstated(results: Results) -> list[Check]:
    """Sources without a licence or a version."""
    bare = {
        key: [one["source"] for one in results.provenance if one.get(key) in (None, "not stated")]
        for key in ("licence", "version")
    }
    return [
        Check(4, "warn", f"No {key} is stated for {', '.join(names)}.")
        for key, names in bare.items()
        if names
    ]


def _representation(results: Results) -> list:
    """A network for this kind of data, and nothing lost on the way into it."""
    dataset = results.dataset
    networks = [name for name, kind in results.kinds.items() if kind == "network"]
    names = ", ".join(f"`{name}`" for name in networks)
    if not networks:
        return [Check(5, "fail", "No network was fitted.")]
    if dataset["modality"] == "tabular":
        text = f"{dataset['n_features']:,} features a row; networks: {names}."
        return [Check(5, "pass", text)]
    if dataset["length"]["cropped"]:
        text = f"{dataset['length']['cropped']} of {dataset['n_examples']} sequences were cropped."
        return [Check(5, "warn", text)]
    text = f"Whole sequences, {dataset['n_features']} bases wide; networks: {names}."
    return [Check(5, "pass", text)]
