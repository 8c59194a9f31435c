"""Baselines: one file each, found by name.

A module holds `MODALITIES` and `TASKS` (what it can be used for), `KIND` (`baseline` or
`nuisance`), and `build(hp, train)`, which returns an unfitted scikit-learn estimator. `hp` is a
`keras_tuner.HyperParameters`, and `train` the training `Partition`. `INPUTS` says what the
estimator is given (see `deeprules.fit.inputs`; left out, the features), `FLOOR = True` that it
always runs, `USES_CLASS_WEIGHTS = False` that its probabilities refer to the classes as they are in
train. A module that runs a user's tool says `NEEDS = "tool"`; the tool is then a third argument of
`build`. Wherever the estimator has a `random_state`, the seed is set afterwards, and the job's
threads wherever it says `n_jobs=-1`.
"""
