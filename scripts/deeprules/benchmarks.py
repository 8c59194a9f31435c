"""What a run cost in time and energy, from the benchmark table of every job.

Energy is an estimate: core time by the power of a core, memory by its size, GPUs by their power
for as long as the job ran, without cooling and the rest of the machine. Source: Lannelongue,
Grealey and Inouye 2021, Advanced Science 8:2100707.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deeprules.files import read_table

MEMORY_WATTS = 0.3725
"""Power of a GB of memory."""

SEARCH_AND_FITS = ("search", "final fits")
PARTS = (*SEARCH_AND_FITS, "pretraining", "controls", "everything else")
PART_OF = {
    "tune": "search",
    "trials": "search",
    "fit": "final fits",
    "pretrain": "pretraining",
    "extract": "pretraining",
    "check": "controls",
    "draw": "controls",
    "control": "controls",
    "controls": "controls",
}
"""Part of a run that a rule belongs to, by the first of these words in its name."""
COLUMNS = ["part", "model", "jobs", "hours", "core_hours", "watt_hours"]


@dataclass(frozen=True)
class Power:
    """Watts of a busy core and of a busy GPU, and the GPUs of a job that trains a network."""

    core_watts: float
    gpu_watts: float
    gpus: int


def read_benchmarks(folder: str | Path, plan: Mapping) -> pd.DataFrame:
    """Every job's benchmark: rule, part (of `PARTS`), model, and Snakemake's columns.

    `model` is what a job is named by first (a model, where it has one; empty without any). A rule
    of controls is named with the control. Snakemake writes NA or - where a job was too short to be
    measured. Controls that are not those of `plan` (content of `plan.json`) are of an earlier run,
    and left out.
    """
    planned = {(one["control"], one["model"], str(one["repeats"])) for one in plan["controls"]}
    tables = []
    for path in sorted(Path(folder).rglob("*.tsv")):
        rule, *names = path.relative_to(folder).with_suffix("").parts
        part = part_of(rule)
        if rule == "run_control" and tuple(names) not in planned:
            continue
        if rule.endswith("_control"):
            rule = f"{rule} {names.pop(0)}"
        table = read_table(path, na_values=["NA", "-"])
        tables.append(table.assign(rule=rule, part=part, model=names[0] if names else ""))
    if not tables:
        return pd.DataFrame(columns=["rule", "part", "model", "s", "max_rss", "cpu_time"])
    return pd.concat(tables, ignore_index=True)


def part_of(rule: str) -> str:
    """The part of a run that a rule belongs to."""
    parts = [PART_OF[word] for word in rule.split("_") if word in PART_OF]
    return parts[0] if parts else "everything else"


def cost_table(jobs: pd.DataFrame, kinds: Mapping[str, str], power: Power) -> pd.DataFrame:
    """Time and energy of each part of a run, and of each model in search and final fits.

    Parameters
    ----------
    jobs : content of `read_benchmarks`; `s` and `cpu_time` in seconds, `max_rss` in MB
    kinds : {model: `network`, `baseline` or `nuisance`}

    Returns
    -------
    One row a part (of `PARTS`) and model (empty where a part is not split): jobs, hours (of all
    jobs, one after the other), core_hours, watt_hours.
    """
    jobs = jobs.copy()
    hours = jobs["s"].fillna(0) / 3600
    jobs["core_hours"] = jobs["cpu_time"].fillna(0) / 3600
    memory = MEMORY_WATTS * jobs["max_rss"].fillna(0) / 1000
    # What trains a network is named by it, or is a pretraining.
    on_gpu = jobs["model"].map(kinds).eq("network") | jobs["part"].eq("pretraining")
    gpu_watts = power.gpus * power.gpu_watts * on_gpu
    jobs["watt_hours"] = jobs["core_hours"] * power.core_watts + hours * (memory + gpu_watts)
    jobs["hours"] = hours
    jobs["model"] = jobs["model"].where(jobs["part"].isin(SEARCH_AND_FITS), "")
    summed = jobs.groupby(["part", "model"], sort=False)[["hours", "core_hours", "watt_hours"]]
    table = summed.sum().join(jobs.groupby(["part", "model"]).size().rename("jobs")).reset_index()
    order = table["part"].map(PARTS.index)
    return table.assign(order=order).sort_values(["order", "model"], kind="stable")[COLUMNS]


def control_ratio(costs: pd.DataFrame) -> float:
    """Core time of all controls as a share of that of search and final fits."""
    by_part = costs.groupby("part")["core_hours"].sum()
    spent = by_part.reindex(SEARCH_AND_FITS).sum()
    return float(by_part.get("controls", 0.0) / spent) if spent > 0 else float("nan")


def model_cost(costs: pd.DataFrame, model: str) -> dict[str, float]:
    """Hours, core hours and watt hours of one model's search and final fits."""
    rows = costs[costs["model"] == model]
    return rows[["hours", "core_hours", "watt_hours"]].sum().to_dict()
