"""What a run cost in time and energy, from the benchmark table of every job.

Energy is an estimate: core time by the power of a core, memory by its size, GPUs by their power
for as long as the job ran, without cooling and the rest of the machine. Source: Lannelongue,
Grealey and Inouye 2021, Advanced Science 8:2100707.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deeprules.controls.plan import BATCHES, CURVE, SHUFFLES
from deeprules.files import read_table

MEMORY_WATTS = 0.3725
"""Power of a GB of memory."""

SEARCH_AND_FITS = {"run_trials": "search", "tune_model": "search", "fit_model": "final fits"}
PRETRAINING = ("pretrain_supervised", "pretrain_masked", "extract_activations")
CONTROLS = (
    "check_network",
    "check_pipeline",
    "fit_shuffled",
    "measure_learning_curve",
    "collect_learning_curve",
    "certify_determinism",
    "probe_hidden_layer",
    "draw_ladder",
    "climb_ladder",
    "leave_batches_out",
)
"""Rules whose jobs train or score models only to show what the results are worth."""
HOLDS_A_GPU = (
    "pretrain_supervised",
    "pretrain_masked",
    "extract_activations",
    "certify_determinism",
    "probe_hidden_layer",
)
"""Rules without a model in their names that hold a GPU as those that train a network do."""
REPEATED_RULES = {
    SHUFFLES: "fit_shuffled",
    CURVE: "measure_learning_curve",
    BATCHES: "leave_batches_out",
}
"""Rules whose jobs are named by model and number of repeats, by the control in the plan."""
PARTS = ("search", "final fits", "pretraining", "controls", "everything else")
COLUMNS = ["part", "model", "jobs", "hours", "core_hours", "watt_hours"]


@dataclass(frozen=True)
class Power:
    """Watts of a busy core and of a busy GPU, and the GPUs of a job that trains a network."""

    core_watts: float
    gpu_watts: float
    gpus: int


def read_benchmarks(folder: str | Path, plan: Mapping) -> pd.DataFrame:
    """Every job's benchmark: rule, first wildcard (empty without one), and Snakemake's columns.

    Snakemake writes NA or - where a job was too short to be measured. Repeats of controls that are
    not those of `plan` (content of `plan.json`) are of an earlier run, and left out.
    """
    planned = {
        (REPEATED_RULES[one["control"]], one["model"], str(one["repeats"]))
        for one in plan["controls"]
    }
    tables = []
    for path in sorted(Path(folder).rglob("*.tsv")):
        rule, *wildcards = path.relative_to(folder).with_suffix("").parts
        if rule in REPEATED_RULES.values() and (rule, *wildcards) not in planned:
            continue
        table = read_table(path, na_values=["NA", "-"])
        tables.append(table.assign(rule=rule, wildcard=wildcards[0] if wildcards else ""))
    if not tables:
        return pd.DataFrame(columns=["rule", "wildcard", "s", "max_rss", "cpu_time"])
    return pd.concat(tables, ignore_index=True)


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
    jobs["part"] = [_part(rule) for rule in jobs["rule"]]
    jobs["model"] = jobs["wildcard"].where(jobs["rule"].isin(SEARCH_AND_FITS), "")
    hours = jobs["s"].fillna(0) / 3600
    jobs["core_hours"] = jobs["cpu_time"].fillna(0) / 3600
    memory = MEMORY_WATTS * jobs["max_rss"].fillna(0) / 1000
    on_gpu = jobs["wildcard"].map(kinds).eq("network") | jobs["rule"].isin(HOLDS_A_GPU)
    gpu_watts = power.gpus * power.gpu_watts * on_gpu
    jobs["watt_hours"] = jobs["core_hours"] * power.core_watts + hours * (memory + gpu_watts)
    jobs["hours"] = hours
    summed = jobs.groupby(["part", "model"], sort=False)[["hours", "core_hours", "watt_hours"]]
    table = summed.sum().join(jobs.groupby(["part", "model"]).size().rename("jobs")).reset_index()
    order = table["part"].map(PARTS.index)
    return table.assign(order=order).sort_values(["order", "model"], kind="stable")[COLUMNS]


def control_ratio(costs: pd.DataFrame) -> float:
    """Core time of all controls as a share of that of search and final fits."""
    by_part = costs.groupby("part")["core_hours"].sum()
    spent = by_part.reindex([*dict.fromkeys(SEARCH_AND_FITS.values())]).sum()
    return float(by_part.get("controls", 0.0) / spent) if spent > 0 else float("nan")


def model_cost(costs: pd.DataFrame, model: str) -> dict[str, float]:
    """Hours, core hours and watt hours of one model's search and final fits."""
    rows = costs[costs["model"] == model]
    return rows[["hours", "core_hours", "watt_hours"]].sum().to_dict()


def _part(rule: str) -> str:
    """The part of a run that a rule belongs to."""
    if rule in SEARCH_AND_FITS:
        return SEARCH_AND_FITS[rule]
    if rule in PRETRAINING:
        return "pretraining"
    return "controls" if rule in CONTROLS else "everything else"
