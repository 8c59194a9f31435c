"""The plan of the controls: as often as configured, or as often as the budget allows."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from deeprules.control import Cost, Terms
from deeprules.control_plan import Wanted
from deeprules.control_plan import plan_controls as plan_with_jobs

A_REPEAT = {"shuffled_labels": 2, "learning_curve": 1.09, "left_out_batches": 2}
"""Fits of a repeat of what is repeated."""
ONCE = {"split_stringency": 1.86, "determinism": 1, "nuisance_probes": 0}
"""Fits of what is made once: for both models, for the first one, for the network."""
FIXED = {"cnn": 1.86 + 1, "boosting": 1.86}
"""Fits of each model that no repeat changes."""


def frozen(objective="auprc", **chosen):
    kinds = {"cnn": "network", "boosting": "baseline", "composition": "nuisance"}
    models = {name: {"kind": kind, "seeds": [1, 2, 3]} for name, kind in kinds.items()}
    chosen = {"network": "cnn", "baseline": "boosting", "nuisance": "composition"} | chosen
    return {"objective": objective, "models": models, "chosen": chosen}


def trials(cnn=2.0, boosting=5.0, others=10):
    """Trials of which the best, one each, took so long; the others took a second."""
    rows = [(name, 0.5, 1.0) for name in ("cnn", "boosting") for _ in range(others)]
    rows += [("cnn", 0.9, cnn), ("boosting", 0.8, boosting), ("composition", 0.6, 1.0)]
    rows += [("boosting", np.nan, np.nan)]
    return pd.DataFrame(rows, columns=["model", "score", "seconds"])


def _made(cost, development, terms):
    return cost


def wanted(named=None, **fits):
    """Controls whose repeats take so many fits; the learning curve perhaps of `named` models."""
    found = {}
    for name, one in (A_REPEAT | ONCE | fits).items():
        needs = ("network",) if name == "nuisance_probes" else ()
        repeats, word = (1, "") if name in ONCE else (3, name.replace("_", " "))
        made = partial(_made, Cost(repeats, one))
        module = SimpleNamespace(REPEATED=word, NEEDS=needs, cost=made)
        if name == "determinism":
            module.MODELS = 1
        settings = {"models": named} if name == "learning_curve" else True
        found[name] = Wanted(module, Terms(settings, 1, "auprc", 0))
    return found


def plan_controls(trials, frozen, wanted, jobs=(), budget=1.0):
    """A plan where jobs start at once, unless there are `jobs`: model, seconds, perhaps part."""
    rows = [(*job, "search")[:3] for job in jobs]
    jobs = pd.DataFrame(rows, columns=["model", "seconds", "part"])
    return plan_with_jobs(trials, jobs, frozen, None, wanted, budget)


def repeats(plan):
    rows = [one for one in plan["controls"] if one["repeated"]]
    return {(one["model"], one["control"]): one["repeats"] for one in rows}


def expected_seconds(plan, **seconds):
    """What the planned repeats take, counted anew."""
    made = repeats(plan)
    return sum(
        seconds[model] * (FIXED[model] + sum(made[model, name] * n for name, n in A_REPEAT.items()))
        for model in ("cnn", "boosting")
    )


def test_what_fits_the_budget_is_repeated_as_asked_for():
    plan = plan_controls(trials(others=200), frozen(), wanted())
    assert set(repeats(plan).values()) == {3}
    assert plan["seconds"] == 400 + (2 + 5 + 1) * 4
    assert plan["expected"] == pytest.approx(expected_seconds(plan, cnn=2, boosting=5))
    assert "less often" not in plan["sentence"]


def test_a_costly_model_is_repeated_less_often_until_the_budget_is_met():
    plan = plan_controls(trials(cnn=1, boosting=20, others=135), frozen(), wanted())
    assert plan["expected"] == pytest.approx(expected_seconds(plan, cnn=1, boosting=20))
    # A fifth of 358 s is kept. At 20 s a fit, shuffles and batches take 120 s, the curve 65.
    assert plan["seconds"] == 358
    assert 286.4 - 2 * 20 < plan["expected"] <= 286.4
    made = repeats(plan)
    assert {made["cnn", name] for name in A_REPEAT} == {3}
    lowered = {"shuffled_labels": 2, "learning_curve": 3, "left_out_batches": 2}
    assert {name: made["boosting", name] for name in A_REPEAT} == lowered
    said = "`boosting`: 2 of 3 shuffled labels, 2 of 3 left out batches."
    assert said in plan["sentence"]
    assert "cnn" not in plan["sentence"]


def test_one_repeat_stays_whatever_it_costs():
    plan = plan_controls(trials(cnn=50, boosting=100), frozen(), wanted(), budget=0.01)
    assert set(repeats(plan).values()) == {1}
    assert plan["expected"] > plan["seconds"]
    assert "1 of 3" in plan["sentence"]


def test_without_a_budget_nothing_is_lowered():
    plan = plan_controls(trials(cnn=50, boosting=100), frozen(), wanted(), budget=None)
    assert set(repeats(plan).values()) == {3}
    assert plan["expected"] > plan["seconds"]
    assert "whatever they cost" in plan["sentence"]


def test_jobs_that_start_slowly_count_on_both_sides():
    """The search and three fits of each model start in 5 s each, as jobs of the controls do."""
    at_once = plan_controls(trials(), frozen(), wanted(), budget=None)
    fits = {"cnn": 12 + 3 * 2, "boosting": 15 + 3 * 5, "composition": 1 + 3 * 1}
    jobs = [(model, seconds / 4 + 5) for model, seconds in fits.items() for _ in range(4)]
    plan = plan_controls(trials(), frozen(), wanted(), jobs, budget=None)
    assert plan["seconds"] == pytest.approx(at_once["seconds"] + 12 * 5)
    # The controls of a model are one job.
    assert plan["expected"] == pytest.approx(at_once["expected"] + 2 * 5)


def test_a_final_fit_that_takes_longer_than_a_trial_counts():
    """An estimator whose scores are calibrated by its final fits alone; 4 s are start."""
    jobs = [("boosting", 4 + 3 * 20, "final fits"), ("composition", 4, "final fits")]
    jobs += [("cnn", 400, "final fits")]
    rows = plan_controls(trials(), frozen(), wanted(), jobs, budget=None)["controls"]
    once = {one["model"]: one["seconds"] for one in rows if one["control"] == "shuffled_labels"}
    assert once == {"cnn": 2 * 2, "boosting": 2 * 20}


def test_an_interrupted_job_counts_by_its_fits():
    at_once = plan_controls(trials(), frozen(), wanted())
    assert plan_controls(trials(), frozen(), wanted(), [("cnn", 0.1)]) == at_once


def test_the_best_trial_of_an_error_is_the_lowest():
    table = trials(others=200)
    table["score"] = -table["score"]
    assert plan_controls(table, frozen("mae"), wanted()) == plan_controls(
        trials(others=200), frozen(), wanted()
    )


def test_curves_asked_for_by_name_are_counted_and_never_lowered():
    asked = plan_controls(trials(others=200), frozen(), wanted(named=["cnn", "boosting"]))
    chosen = plan_controls(trials(others=200), frozen(), wanted())
    assert asked["expected"] == pytest.approx(chosen["expected"])
    named = wanted(named=["composition", "boosting"])
    made = repeats(plan_controls(trials(), frozen(), named, budget=0.01))
    curves = {model: n for (model, control), n in made.items() if control == "learning_curve"}
    assert curves == {"composition": 3, "boosting": 3}
    assert {n for (_, control), n in made.items() if control != "learning_curve"} == {1}


def test_what_costs_nothing_is_not_lowered():
    plan = plan_controls(trials(), frozen(), wanted(learning_curve=0), budget=0.01)
    assert {n for (_, control), n in repeats(plan).items() if control == "learning_curve"} == {3}


def test_what_is_made_once_has_its_models():
    rows = plan_controls(trials(), frozen(), wanted())["controls"]
    made = {name: [one["model"] for one in rows if one["control"] == name] for name in ONCE}
    assert made["split_stringency"] == ["cnn", "boosting"]
    assert made["determinism"] == made["nuisance_probes"] == ["cnn"]


def test_a_model_to_be_released_is_audited_beside_the_chosen_ones():
    also = ["composition", "cnn"]
    controls = {
        name: Wanted(one.module, one.terms, also if name == "split_stringency" else ())
        for name, one in wanted().items()
    }
    rows = plan_controls(trials(), frozen(), controls)["controls"]
    made = {name: [one["model"] for one in rows if one["control"] == name] for name in ONCE}
    assert made["split_stringency"] == ["cnn", "boosting", "composition"]
    assert made["determinism"] == ["cnn"]


def test_without_a_network_and_a_baseline_the_best_nuisance_model_stands_for_them():
    controls = wanted()
    del controls["nuisance_probes"]  # which a run without networks has not
    plan = plan_controls(trials(), frozen(network=None, baseline=None), controls)
    assert {one["model"] for one in plan["controls"]} == {"composition"}


def test_what_takes_long_is_shared_by_jobs_and_what_is_short_is_one():
    plan = plan_controls(trials(cnn=8, boosting=0.5), frozen(), wanted(), budget=None)
    table = pd.DataFrame(plan["controls"])
    loads = (table["repeats"] * table["seconds"]).groupby([table["model"], table["job"]]).sum()
    # The whole is 8 s x 18.13 fits, and the longest control 8 s x 6.
    assert loads["cnn"].tolist() == pytest.approx([8 * 9.27, 8 * 8.86])
    assert loads["boosting"].index.tolist() == [1]


def test_no_job_is_without_a_control_and_each_has_its_start():
    long = plan_controls(trials(cnn=100), frozen(), wanted(), budget=None)
    table = pd.DataFrame(long["controls"])
    jobs = table.groupby("model")["job"].agg(set)
    assert jobs["cnn"] == set(range(1, 7)) and jobs["boosting"] == {1}
    found = trials(cnn=100)
    spent = found["seconds"].sum() + 3 * (100 + 5 + 1)
    slow = plan_controls(found, frozen(), wanted(), [("cnn", spent + 70.0)], budget=None)
    assert slow["expected"] - long["expected"] == pytest.approx(7 * (slow["seconds"] - spent))
