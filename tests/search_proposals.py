"""What a search proposes, for tests in this process and in one without Keras."""

import json

from deeprules.fit.budget import Budget
from deeprules.tune.keras_tuner_alone import keras_tuner
from deeprules.tune.oracles import ORACLES, rounds
from deeprules.tune.search import Search, preset_space


def proposals() -> dict[str, list]:
    """By strategy, the trials that it proposes when it is told made-up scores."""
    return {strategy: _proposed(strategy) for strategy in ORACLES}


def _proposed(strategy):
    preset = preset_space({"C": [0.1, 1, 10], "kernel": ["linear", "rbf"], "fixed": 3})
    preset.Float("rate", 1e-4, 1e-1, sampling="log")
    preset.Int("depth", 1, 9)
    preset.Boolean("fold")
    with preset.conditional_scope("kernel", ["rbf"]):
        preset.Float("gamma", 0.1, 1.0)
    oracle = Search(strategy, 6, "auprc", 3, Budget(4, 1)).oracle(preset)
    oracle.verbose, found = 0, []
    for trials in rounds(oracle, 1):
        for trial in trials:
            config = json.dumps(trial.hyperparameters.get_config())
            read = keras_tuner.HyperParameters.from_config(json.loads(config))
            trial.hyperparameters = read
            found.append([json.loads(config), read.values])
            oracle.update_trial(trial.trial_id, {"auprc": len(found) % 4 / 4})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
    return found
