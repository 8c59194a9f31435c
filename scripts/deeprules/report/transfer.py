"""What the report says of pretrained models: tables, warnings and findings."""

from deeprules.report.findings import Check, Missing
from deeprules.report.results import Results
from deeprules.report.style import shown
from deeprules.report.tables import EMPTY, Table, moment, number, size, table, text
from deeprules.wording import format_number

STATUS = {"helps": "pass", "no gain shown": "pass", "hurts": "warn", "not compared": "warn"}
"""What each outcome of a comparison means for tip 5: that it was measured is what counts."""


def transfer_tables(results: Results) -> dict[str, Table]:
    """Tables of the section; empty if no model starts from a pretrained one."""
    if not results.pretrained:
        return {}
    return {
        "pretrained_files": table(_files(results)),
        "transfer": _comparison_table(results),
    }


def origin_facts(one: dict) -> list[tuple[str, str]]:
    """Where a pretrained model came from and what is used of it: names and values."""
    record, contract = one["record"], one["contract"]
    facts = {
        "Source": record.get("source"),
        "Address": record.get("given"),
        "Commit": record.get("commit"),
        "Version": record.get("version"),
        "Licence": record.get("licence"),
        "Citation": record.get("citation"),
        "Fetched (UTC)": moment(record.get("fetched") or EMPTY),
        "Framework": contract["framework"],
        "Converted from": record.get("converted_from"),
        "Layer": contract["layer"] or "its output",
        "Features": number(contract["n_outputs"]),
        "Its own code": "may run (trusted)" if contract["trust"] else "does not run",
        "SHA-256 of its folder": contract["folder_sha256"],
    }
    return [(name, text(value)) for name, value in facts.items() if value]


def _files(results: Results) -> list[dict]:
    """Every file that was fetched, and its checksum."""
    return [
        {
            "model": one["name"],
            "file": file["file"],
            "size": size(file["bytes"]),
            "SHA-256": file["sha256"],
        }
        for one in results.pretrained
        for file in one["record"].get("files", [])
    ]


def transfer_records(results: Results) -> list[dict]:
    """Comparisons of pretrained models with their twins."""
    return results.transfer["pretrained"] if results.transfer else []


def _comparison_table(results: Results) -> Table:
    objective = shown(results.frozen["objective"])
    columns = {"pretrained": "pretrained", "way": "used as", "model": "model", "scratch": "twin"}
    columns |= {"difference": f"gain in {objective}", "lower": "lower", "upper": "upper"}
    scores = dict.fromkeys(["difference", "lower", "upper"], _score)
    rows = [{**one, "scratch": shown(one["scratch"] or EMPTY)} for one in transfer_records(results)]
    return table(rows, columns | {"outcome": "outcome"}, model=shown, **scores)


def _score(value: float | None) -> str:
    return EMPTY if value is None or value != value else format_number(value)


def leak_notices(results: Results) -> list[tuple[str, str]]:
    """Pretrained models that have seen test examples: a title and a sentence each."""
    return [
        (f"The pretrained model {one['name']} has seen test examples", one["overlap"]["sentence"])
        for one in results.pretrained
        if one["overlap"]["n_test_seen"]
    ]


def transfer_warnings(results: Results) -> list[str]:
    """Sentences on models whose own code may run, and on those that may have seen the test set."""
    found = []
    for one in results.pretrained:
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


def compared_by_size(results: Results) -> dict[str, list[str]]:
    """{pretrained model: those that use it, their twins, other networks, the best baseline}."""
    families = {}
    for record in transfer_records(results):
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


def transfer_findings(results: Results) -> list:
    """Part of tip 5: transfer measured against a twin, with a model that has not seen the test."""
    if not results.pretrained:
        return [Missing("transfer from a trained model")]
    checks = [
        Check(STATUS[record["outcome"]], record["sentence"]) for record in transfer_records(results)
    ]
    if not checks:
        checks.append(Check("warn", "No pretrained model was compared with a twin from scratch."))
    checks += [Check("warn", sentence) for sentence in transfer_warnings(results)]
    return checks + [Check("fail", sentence) for _, sentence in leak_notices(results)]
