"""What a run cost in time and energy, from what every job says it used.

Energy is an estimate: core time by the power of a core, memory by its size, GPUs by their power
for as long as the job ran, without cooling and the rest of the machine. Source: Lannelongue,
Grealey and Inouye 2021, Advanced Science 8:2100707.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deeprules.files import read_table
from deeprules.usage import SUFFIX

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
    "controls": "controls",
}
"""Part of a run that a rule belongs to, by the first of these words in its name."""
JOB_COLUMNS = ["rule", "part", "model", "attempts", "seconds", "core_seconds", "memory_mb"]
COLUMNS = ["part", "model", "jobs", "hours", "core_hours", "watt_hours"]


@dataclass(frozen=True)
class Power:
    """Watts of a busy core and of a busy GPU, and the GPUs of a job that trains a network."""

    core_watts: float
    gpu_watts: float
    gpus: int


def read_usage(folder: str | Path, plan: Mapping) -> pd.DataFrame:
    """What every job used, a row for each: rule, part (of `PARTS`), model, attempts and usage.

    The columns `seconds` and `core_seconds` are summed over the attempts that it took, and
    `memory_mb` is the largest. `model` is what a job is named by first (a model, where it has one;
    empty without any). Controls of models that `plan` (content of `plan.json`) does not hold are of
    an earlier run, and left out.

    Parameters
    ----------
    folder : the logs of a run, with a file beside each that tells what the job used
    """
    planned = {one["model"] for one in plan["controls"]}
    rows = []
    for path in sorted(Path(folder).rglob(f"*{SUFFIX}")):
        rule, *names = path.relative_to(folder).as_posix().removesuffix(SUFFIX).split("/")
        part = part_of(rule)
        if rule == "run_controls" and names[0] not in planned:
            continue
        attempts = read_table(path)
        rows.append(
            {
                "rule": rule,
                "part": part,
                "model": names[0] if names else "",
                "attempts": len(attempts),
                "seconds": attempts["seconds"].sum(),
                "core_seconds": attempts["core_seconds"].sum(),
                "memory_mb": attempts["memory_mb"].max(),
            }
        )
    return pd.DataFrame(rows, columns=JOB_COLUMNS)


def part_of(rule: str) -> str:
    """The part of a run that a rule belongs to."""
    parts = [PART_OF[word] for word in rule.split("_") if word in PART_OF]
    return parts[0] if parts else "everything else"


def cost_table(jobs: pd.DataFrame, kinds: Mapping[str, str], power: Power) -> pd.DataFrame:
    """Time and energy of each part of a run, and of each model in search and final fits.

    Parameters
    ----------
    jobs : content of `read_usage`
    kinds : {model: `network`, `baseline` or `nuisance`} of all models; search and final fits of
        others are of an earlier run, and left out

    Returns
    -------
    One row a part (of `PARTS`) and model (empty where a part is not split): jobs, hours (of all
    jobs, one after the other), core_hours, watt_hours.
    """
    is_earlier = jobs["part"].isin(SEARCH_AND_FITS) & ~jobs["model"].isin(["", *kinds])
    jobs = jobs[~is_earlier].copy()
    hours = jobs["seconds"] / 3600
    jobs["core_hours"] = jobs["core_seconds"] / 3600
    memory = MEMORY_WATTS * jobs["memory_mb"] / 1000
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
