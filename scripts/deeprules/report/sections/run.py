"""The run itself: code, machine, packages, time, and the same fit made twice."""

import yaml

from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.tables import Table, table
from deeprules.wording import format_bytes, format_cell, format_duration

TWICE = Missing(3, "the same model trained twice and compared bit by bit", essential=True)


def section(results: Results) -> Section:
    """What was recorded of the run."""
    run = results.run
    twice = results.determinism if "determinism" in results else None
    status = "pass" if twice and twice["is_identical"] else "warn"
    packages = [{"package": name, "version": one} for name, one in run["packages"].items()]
    return Section(
        "Run record",
        findings=[
            _traced(run["git"]),
            Check(3, status, twice["sentence"]) if twice else TWICE,
        ],
        tables={
            "rules": _rule_table(results),
            "packages": table("Packages", "results/run/run.json", packages),
        },
        said={
            "facts": _facts(run).items(),
            "twice": _twice(twice) if twice else "",
            "changes": "\n".join(run["git"]["changes"]),
            "config": yaml.safe_dump(results.config, sort_keys=False, allow_unicode=True),
        },
    )


def _traced(git: dict) -> Check:
    """Whether the code can be found again."""
    if git["commit"] is None:
        return Check(3, "warn", f"The code's commit is unknown ({git['note']}).")
    if git["dirty"] or git["dirty"] is None:
        return Check(3, "warn", "The code held changes that were not committed.")
    text = f"Code, packages, hardware and seeds are recorded (commit {git['commit'][:8]})."
    return Check(3, "pass", text)


def _facts(run: dict) -> dict[str, str]:
    git, hardware = run["git"], run["hardware"]
    return {
        "Commit": git["commit"] or git["note"],
        "Uncommitted changes": "not known" if git["dirty"] is None else format_cell(git["dirty"]),
        "Python": run["python"],
        "Platform": run["platform"],
        "Processor": f"{hardware['cpu']}, {hardware['cores']} cores",
        "Memory": f"{hardware['memory_gb']} GB",
        "GPUs": format_cell(hardware["gpus"]) if hardware["gpus"] else "none",
        "Seed of the run": run["seeds"]["run"],
        "Seeds of the final fits": run["seeds"]["final_fits"],
    }


def _twice(found: dict) -> str:
    """What came of the same fit made twice, and what it was made on."""
    device = "the CPU" if found["device"] == "CPU" else f"a GPU ({found['device']})"
    asked = ", asked for deterministic operations" if found["deterministic_operations"] else ""
    return (
        f"{found['sentence']} Both ran with {found['backend']} on {device}{asked}. Other hardware, "
        "other versions of the packages or another number of threads may give other numbers."
    )


def _rule_table(results: Results) -> Table:
    """Wall time, core time and peak memory of each rule."""
    titles = {
        "seconds": "wall time, all jobs",
        "longest": "longest job",
        "core_seconds": "core time, all jobs",
        "memory_mb": "peak memory",
    }
    return table(
        "Time and peak memory by rule",
        "logs/",
        results.rule_costs,
        "rule jobs seconds longest core_seconds memory_mb",
        titles,
        seconds=format_duration,
        longest=format_duration,
        core_seconds=format_duration,
        memory_mb=lambda value: format_bytes(value * 1e6),
    )
