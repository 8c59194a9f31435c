"""Time and energy by part of the run and by model."""

import math
import re
from pathlib import Path

import pandas as pd
import pytest

from deeprules.costs import (
    MEMORY_WATTS,
    PART_OF,
    Power,
    control_ratio,
    cost_table,
    model_cost,
    part_of,
    read_usage,
)
from deeprules.files import write_table
from deeprules.usage import COLUMNS, SUFFIX

KINDS = {"cnn": "network", "forest": "baseline"}
POWER = Power(core_watts=10, gpu_watts=100, gpus=0)
PLAN = {"controls": [{"control": "shuffled_labels", "model": "cnn", "repeats": 2}]}


def jobs_that_used(folder, **jobs):
    """Usage of jobs: seconds, MB and core seconds by path, with / written as __."""
    for name, (seconds, memory, core_seconds) in jobs.items():
        row = dict(zip(COLUMNS, ("done", seconds, core_seconds, memory), strict=True))
        write_table(folder / f"{name.replace('__', '/')}{SUFFIX}", pd.DataFrame([row]))
    return read_usage(folder, PLAN)


@pytest.fixture
def jobs(tmp_path):
    return jobs_that_used(
        tmp_path,
        tune_model__cnn=(3600, 1000, 7200),
        fit_model__cnn__real=(1800, 1000, 1800),
        tune_model__forest=(360, 1000, 360),
        run_controls__cnn__1=(1800, 1000, 1800),
        build_dataset=(36, 0, 0),
    )


def test_hours_and_energy_add_up(jobs):
    costs = cost_table(jobs, KINDS, POWER)
    search = costs[(costs["part"] == "search") & (costs["model"] == "cnn")].iloc[0]
    assert search["hours"] == pytest.approx(1)
    assert search["core_hours"] == pytest.approx(2)
    assert search["watt_hours"] == pytest.approx(2 * 10 + MEMORY_WATTS)
    assert model_cost(costs, "cnn")["core_hours"] == pytest.approx(2.5)
    assert costs["jobs"].sum() == 5
    assert costs["hours"].sum() == pytest.approx((3600 + 1800 + 360 + 1800 + 36) / 3600)


def test_a_gpu_counts_for_networks_alone(jobs):
    with_gpu = cost_table(jobs, KINDS, Power(10, 100, gpus=2))
    without = cost_table(jobs, KINDS, POWER)
    for model, more in (("cnn", 200 * 1.5), ("forest", 0)):
        energy = [model_cost(costs, model)["watt_hours"] for costs in (with_gpu, without)]
        assert energy[0] - energy[1] == pytest.approx(more)


def test_controls_are_set_against_search_and_final_fits(jobs):
    assert control_ratio(cost_table(jobs, KINDS, POWER)) == pytest.approx(1800 / 9360)


def test_controls_of_models_that_are_not_planned_any_more_do_not_count(tmp_path):
    found = jobs_that_used(
        tmp_path,
        run_controls__cnn__1=(2, 1, 2),
        run_controls__forest__1=(4, 1, 4),
        summarise_controls=(1, 1, 1),
    )
    assert found["seconds"].tolist() == [2, 1]
    assert found["rule"].tolist() == ["run_controls", "summarise_controls"]


def test_models_that_are_not_entered_any_more_do_not_count(jobs, tmp_path):
    more = jobs_that_used(
        tmp_path, tune_model__gone=(9000, 1, 9000), fit_model__gone__real=(9, 1, 9)
    )
    assert {"tune_model", "fit_model"} <= set(more.loc[more["model"] == "gone", "rule"])
    costs = cost_table(more, KINDS, POWER)
    assert "gone" not in set(costs["model"])
    assert control_ratio(costs) == control_ratio(cost_table(jobs, KINDS, POWER))


def test_without_jobs_nothing_is_known(tmp_path):
    costs = cost_table(read_usage(tmp_path, PLAN), KINDS, POWER)
    assert costs.empty
    assert math.isnan(control_ratio(costs))
    assert model_cost(costs, "cnn")["hours"] == 0


def test_what_a_rule_is_called_says_which_part_of_a_run_it_is():
    parts = {"tune_model": "search", "fit_model": "final fits", "run_trials": "search"}
    parts |= {"check_network": "controls"}
    parts |= {
        "plan_controls": "controls",
        "summarise_controls": "controls",
        "run_controls": "controls",
    }
    parts |= {"pretrain_masked": "pretraining", "build_dataset": "everything else"}
    assert {rule: part_of(rule) for rule in parts} == parts
    files = Path(__file__).parents[2].glob("workflow/rules/*.smk")
    rules = re.findall(r"^(?:rule|checkpoint) (\w+):", "\n".join(map(Path.read_text, files)), re.M)
    assert set(PART_OF) <= {word for rule in rules for word in rule.split("_")}
