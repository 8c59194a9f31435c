"""The plan of the controls: as often as configured, or as often as the budget allows."""

import numpy as np
import pandas as pd
import pytest

from deeprules.controls.plan import Wanted
from deeprules.controls.plan import plan_controls as plan_with_jobs

CONTROLS = {"budget": 1.0, "shuffles": 3, "left_out_batches": 5, "ladder": True}
CONTROLS["determinism"] = True
SHARES = [0.2, 0.5, 1.0]
RUNGS = [0.8, 1.0]
FIXED = {"cnn": 0.86 + 1 + 1, "boosting": 0.86 + 1}
"""Fits of the ladder's two rungs, and of the certificate of determinism."""
A_REPEAT = {"shuffles": 2, "learning_curve": 0.44 + 0.65, "left_out_batches": 2}
"""Fits of a repeat: both ways to shuffle, both shares below 1, the batch and its twin."""


def frozen(objective="auprc", **chosen):
    models = {name: {"seeds": [1, 2, 3]} for name in ("cnn", "boosting", "composition")}
    chosen = {"network": "cnn", "baseline": "boosting", "nuisance": "composition"} | chosen
    return {"objective": objective, "models": models, "chosen": chosen}


def trials(cnn=2.0, boosting=5.0, others=10):
    """Trials of which the best, one each, took so long; the others took a second."""
    rows = [(name, 0.5, 1.0) for name in ("cnn", "boosting") for _ in range(others)]
    rows += [("cnn", 0.9, cnn), ("boosting", 0.8, boosting), ("composition", 0.6, 1.0)]
    rows += [("boosting", np.nan, np.nan)]
    return pd.DataFrame(rows, columns=["model", "score", "seconds"])


def wanted(named=None, batches=3, rungs=RUNGS, shares=SHARES, **controls):
    curve = {"shares": shares, "seeds": 3}
    return Wanted(CONTROLS | controls, curve, named, batches, rungs)


def plan_controls(trials, frozen, wanted, jobs=()):
    """A plan where jobs start at once, unless there are `jobs`: pairs of model and seconds."""
    return plan_with_jobs(trials, pd.DataFrame(jobs, columns=["wildcard", "s"]), frozen, wanted)


def repeats(plan):
    return {(one["model"], one["control"]): one["repeats"] for one in plan["controls"]}


def expected_seconds(plan, **seconds):
    """What the planned repeats take, counted anew."""
    made = repeats(plan)
    return sum(
        seconds[model] * (FIXED[model] + sum(made[model, name] * n for name, n in A_REPEAT.items()))
        for model in ("cnn", "boosting")
    )


def test_what_fits_the_budget_is_repeated_as_asked_for():
    plan = plan_controls(trials(others=200), frozen(), wanted())
    assert {one["repeats"] for one in plan["controls"]} == {3}
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
    lowered = {"shuffles": 2, "learning_curve": 3, "left_out_batches": 2}
    assert {name: made["boosting", name] for name in A_REPEAT} == lowered
    said = "`boosting`: 2 of 3 permutations of the labels, 2 of 3 batches left out."
    assert said in plan["sentence"]
    assert "cnn" not in plan["sentence"]


def test_one_repeat_stays_whatever_it_costs():
    plan = plan_controls(trials(cnn=50, boosting=100), frozen(), wanted(budget=0.01))
    assert set(repeats(plan).values()) == {1}
    assert plan["expected"] > plan["seconds"]
    assert "1 of 3" in plan["sentence"]


def test_without_a_budget_nothing_is_lowered():
    plan = plan_controls(trials(cnn=50, boosting=100), frozen(), wanted(budget=None))
    assert set(repeats(plan).values()) == {3}
    assert plan["expected"] > plan["seconds"]
    assert "whatever they cost" in plan["sentence"]


def test_jobs_that_start_slowly_count_on_both_sides():
    """The search and three fits of each model start in 5 s each, as jobs of the controls do."""
    at_once = plan_controls(trials(), frozen(), wanted(budget=None))
    fits = {"cnn": 12 + 3 * 2, "boosting": 15 + 3 * 5, "composition": 1 + 3 * 1}
    jobs = [(model, seconds / 4 + 5) for model, seconds in fits.items() for _ in range(4)]
    plan = plan_controls(trials(), frozen(), wanted(budget=None), jobs)
    assert plan["seconds"] == pytest.approx(at_once["seconds"] + 12 * 5)
    # Of both models the three repeated controls and the ladder, and the certificate.
    assert plan["expected"] == pytest.approx(at_once["expected"] + (2 * 4 + 1) * 5)


def test_an_interrupted_job_counts_by_its_fits():
    at_once = plan_controls(trials(), frozen(), wanted())
    assert plan_controls(trials(), frozen(), wanted(), [("cnn", 0.1)]) == at_once


def test_the_best_trial_of_an_error_is_the_lowest():
    table = trials(others=200)
    table["score"] = -table["score"]
    assert plan_controls(table, frozen("mae"), wanted()) == plan_controls(
        trials(others=200), frozen(), wanted()
    )


def test_without_batches_labels_are_shuffled_one_way_and_none_is_left_out():
    plan = plan_controls(trials(others=200), frozen(), wanted(batches=None))
    one = {row["control"]: row for row in plan["controls"] if row["model"] == "cnn"}
    assert set(one) == {"shuffles", "learning_curve"}
    assert one["shuffles"]["seconds"] == 2


def test_where_no_batch_can_be_left_out_one_repeat_without_a_fit_says_so():
    plan = plan_controls(trials(others=200), frozen(), wanted(batches=0))
    rows = [one for one in plan["controls"] if one["control"] == "left_out_batches"]
    assert [(one["repeats"], one["seconds"]) for one in rows] == [(1, 0), (1, 0)]


def test_curves_asked_for_by_name_are_counted_and_never_lowered():
    asked = plan_controls(trials(others=200), frozen(), wanted(named=["cnn", "boosting"]))
    chosen = plan_controls(trials(others=200), frozen(), wanted())
    assert asked["expected"] == pytest.approx(chosen["expected"])
    named = wanted(named=["composition", "boosting"], budget=0.01)
    made = repeats(plan_controls(trials(), frozen(), named))
    curves = {model: n for (model, control), n in made.items() if control == "learning_curve"}
    assert curves == {"boosting": 3, "composition": 3}
    assert {n for (_, control), n in made.items() if control != "learning_curve"} == {1}


def test_what_costs_nothing_is_not_lowered():
    plan = plan_controls(trials(), frozen(), wanted(shares=[1.0], budget=0.01))
    assert {n for (_, control), n in repeats(plan).items() if control == "learning_curve"} == {3}


def test_fits_on_all_of_train_beyond_the_final_ones_are_counted():
    def curve_of_cnn(models):
        rows = plan_controls(trials(), models, wanted(budget=None))["controls"]
        (row,) = [
            one for one in rows if (one["model"], one["control"]) == ("cnn", "learning_curve")
        ]
        return row["repeats"] * row["seconds"]

    once = frozen()
    once["models"]["cnn"]["seeds"] = [1]
    assert curve_of_cnn(once) - curve_of_cnn(frozen()) == pytest.approx(2 * 2.0)


def test_without_a_network_and_a_baseline_nothing_is_repeated():
    plan = plan_controls(trials(), frozen(network=None, baseline=None), wanted(rungs=[]))
    assert plan["controls"] == []
    assert plan["expected"] == 1.0
