"""Pretrained models: where they came from, and whether they help."""

from functools import partial

from deeprules.report.figures import Figure
from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.sections.learning_curve import FILE, size_figure, size_table
from deeprules.report.tables import Table, shown, table
from deeprules.wording import EMPTY, format_bytes, format_cell, format_count, format_moment

STATUS = {"helps": "pass", "no gain shown": "pass", "hurts": "warn", "not compared": "warn"}
"""What each outcome of a comparison means for tip 5: that it was measured is what counts."""
WITHOUT = (Missing(5, "transfer from a trained model"),)


def section(results: Results) -> Section | None:
    """Comparisons with twins trained from scratch, origin and checks."""
    if not results.pretrained:
        return None
    records = results.transfer["pretrained"] if "transfer" in results else []
    warnings = transfer_warnings(results.pretrained)
    size_tables, size_figures = _by_size(results, records)
    return Section(
        "Transfer",
        "Pretrained models, and whether they help: each is compared on test with a twin of the "
        "same architecture without the pretrained weights, on the same examples.",
        findings=_findings(results, records, warnings),
        tables={
            "transfer": _comparison_table(results, records),
            "pretrained_files": _file_table(results),
            **size_tables,
        },
        figures=size_figures,
        said={
            "leaks": [leak for one in results.pretrained for leak in one["overlap"]["cautions"]],
            "warnings": warnings,
            "sentences": [record["sentence"] for record in records],
            "origins": {one["name"]: _origin(one).items() for one in results.pretrained},
        },
    )


def _findings(results: Results, records: list[dict], warnings: list[str]) -> list[Check]:
    """Transfer measured against a twin, with a model that has not seen the test."""
    checks = [Check(5, STATUS[record["outcome"]], record["sentence"]) for record in records]
    if not checks:
        text = "No pretrained model was compared with a twin from scratch."
        checks.append(Check(5, "warn", text))
    checks += [Check(5, "warn", sentence) for sentence in warnings]
    seen = [one["overlap"] for one in results.pretrained if one["overlap"]["n_test_seen"]]
    return checks + [Check(5, "fail", overlap["sentence"]) for overlap in seen]


def transfer_warnings(pretrained: list[dict]) -> list[str]:
    """Sentences on models whose own code may run, and on those that may have seen the test set."""
    found = []
    for one in pretrained:
        if one["contract"]["trust"]:
            found.append(
                f"The pretrained model `{one['name']}` is trusted (`trust: true`): Python code, "
                "pickles or Lambda layers that came with it may have run in this workflow."
            )
        if one["overlap"]["n_test_seen"] is None:
            found.append(one["overlap"]["sentence"])
        # Where it was trained here on another configuration's data, that one states their licences.
        is_own = "config_sha256" in one["record"].get("pretraining", {})
        if one["record"].get("licence") in (None, "not stated") and not is_own:
            found.append(f"No licence is stated for the pretrained model `{one['name']}`.")
    return found


def _comparison_table(results: Results, records: list[dict]) -> Table:
    titles = {"way": "used as", "scratch": "twin"}
    return table(
        "Pretrained models against their twins, with 95% intervals",
        "results/evaluation/transfer.json",
        [{**one, "scratch": one["scratch"] or EMPTY} for one in records],
        "pretrained way model scratch difference lower upper outcome",
        titles | {"difference": f"gain in {shown(results.objective)}"},
        note="A positive gain means that the pretrained model is better. It helps only if the "
        "whole interval lies above 0.",
        scores=("difference", "lower", "upper"),
    )


def _file_table(results: Results) -> Table:
    """Every file that was fetched, and its checksum."""
    rows = [
        {"pretrained": one["name"]} | file
        for one in results.pretrained
        for file in one["record"].get("files", [])
    ]
    return table(
        "Files of the pretrained models",
        "resources/records/pretrained/<name>.json",
        rows,
        "pretrained file bytes sha256",
        {"pretrained": "model"},
        bytes=format_bytes,
    )


def _origin(one: dict) -> dict[str, str]:
    """Where a pretrained model came from and what is used of it: names and values."""
    record, contract = one["record"], one["contract"]
    facts = {
        "Source": record.get("source"),
        "Address": record.get("given"),
        "Commit": record.get("commit"),
        "Version": record.get("version"),
        "Licence": record.get("licence"),
        "Licence on its card": record.get("card_licence"),
        "Citation": record.get("citation"),
        "Fetched (UTC)": format_moment(record.get("fetched") or EMPTY),
        "Framework": contract["framework"],
        "Converted from": record.get("converted_from"),
        "Layer": contract["layer"] or "its output",
        "Features": format_count(contract["n_outputs"]),
        "Its own code": "may run (trusted)" if contract["trust"] else "does not run",
        "SHA-256 of its folder": contract["folder_sha256"],
    }
    return {name: format_cell(value) for name, value in facts.items() if value}


def _by_size(results: Results, records: list[dict]) -> tuple[dict, dict]:
    """Table and figure of scores by the size of train, of the models around each pretrained one."""
    if "learning_curve" not in results or not records:
        return {}, {}
    curve, objective = results.learning_curve_table, results.objective
    families = compared_by_size(results, records)
    members = {name for names in families.values() for name in names}
    caption = (
        f"{shown(objective)} on tune by training-set size, of pretrained models, their twins, "
        "other networks and the best baseline"
    )
    figure = Figure(
        "Sample efficiency",
        FILE,
        f"{shown(objective)} on tune by training-set size: mean over seeds, with the band of the "
        "95% interval of a single fit.",
        {
            shown(name): partial(
                size_figure, curve[curve["model"].isin(names)], results.kinds, objective
            )
            for name, names in families.items()
            if set(names) & set(curve["model"])
        },
        "Pretrained model",
        finding=" ".join(
            one["sentence"] for one in results.learning_curve["models"] if one["model"] in members
        ),
    )
    sizes = size_table(results, curve[curve["model"].isin(members)], caption)
    return {"transfer_sizes": sizes}, {"transfer_sizes": figure}


def compared_by_size(results: Results, records: list[dict]) -> dict[str, list[str]]:
    """{pretrained model: those that use it, their twins, other networks, the best baseline}."""
    families: dict[str, list[str]] = {}
    for record in records:
        members = families.setdefault(record["pretrained"], [])
        members += [
            name for name in (record["model"], record["scratch"]) if name and name not in members
        ]
    starting = {name for members in families.values() for name in members}
    others = [
        name for name, kind in results.kinds.items() if kind == "network" and name not in starting
    ]
    best = results.frozen["chosen"]["baseline"]
    return {name: members + others + [best] * bool(best) for name, members in families.items()}
