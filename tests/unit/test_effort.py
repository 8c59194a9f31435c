"""Cautions for searches of few trials, and for networks that were still training."""

import pandas as pd
import pytest

from deeprules.conclude.effort import effort_cautions, few_trials, still_training, trial_budget

KINDS = {"cnn": "network", "forest": "baseline", "gc": "nuisance"}


def trials(constant=(), **counts) -> pd.DataFrame:
    """So many trials of each model, over values of two hyperparameters; or always the same."""
    rows = []
    for model, n in counts.items():
        for trial in range(n):
            value = 1 if model in constant else trial
            text = f'{{"C": {value}, "D": {value}, "tuner/round": {trial}}}'
            rows.append((model, KINDS[model], text))
    return pd.DataFrame(rows, columns=["model", "kind", "hyperparameters"])


@pytest.mark.parametrize(
    ("counts", "wanted", "named"),
    [
        ({"cnn": 12, "forest": 12, "gc": 1}, 12, ""),
        ({"cnn": 4, "forest": 12}, 12, "`cnn` (4)."),
        ({"cnn": 12, "forest": 4}, 12, "`forest` (4)."),
        ({"cnn": 2, "forest": 2}, 2, "`cnn` (2), `forest` (2)."),
        ({"cnn": 1, "forest": 1}, 1, "`cnn` (1), `forest` (1)."),
    ],
)
def test_few_trials_of_a_network_or_a_baseline_are_told(counts, wanted, named):
    found = few_trials(trials(**counts), wanted)
    assert (f"trials: {named}" in found[0].sentence) if named else found == []


def test_a_model_with_few_settings_to_try_is_excused():
    table = trials(["forest"], cnn=12, forest=5)
    assert few_trials(table, 12) == []
    assert (trial_budget(table, 12).short, trial_budget(table, 12).cut) == (["forest"], [])


def test_the_largest_search_of_hyperband_stands_for_its_budget():
    assert trial_budget(trials(cnn=30, forest=20), None).wanted == 30


def history(epochs: int) -> pd.DataFrame:
    return pd.DataFrame({"epoch": range(1, epochs + 1), "val_loss": 0.5})


def test_a_network_that_was_still_training_is_told_and_others_are_not():
    settings = [{"model": name, "settings": {"max_epochs": 40}} for name in ("cnn", "cnn", "mlp")]
    settings.append({"model": "forest", "settings": {}})
    histories = [history(40), history(22), history(30), pd.DataFrame()]
    (caution,) = still_training(settings, histories)
    assert "`cnn` was still training in 1 of 2 fits" in caution.sentence
    assert "mlp" not in caution.sentence and caution.tip == 3
    assert still_training(settings[1:], histories[1:]) == []


def test_a_private_network_takes_all_epochs_and_is_not_told():
    one = {"model": "cnn", "settings": {"max_epochs": 10, "privacy": {"epsilon": 3.0}}}
    assert still_training([one], [history(10)]) == []


def test_both_weigh_against_a_verdict():
    settings = [{"model": "cnn", "settings": {"max_epochs": 4}}]
    tuning = {"strategy": "random", "trials": 2}
    found = effort_cautions(trials(cnn=2, forest=2), tuning, settings, [history(4)])
    assert [one.title for one in found] == ["Few trials", "Training was cut short"]
    assert not any(one.withholds for one in found)
