"""Baselines: one file each, found by name.

A module holds `MODALITIES` and `TASKS` (what it can be used for), `KIND` (`baseline` or
`nuisance`), and `build(hp, train)`, which returns an unfitted scikit-learn estimator. `hp` is a
`keras_tuner.HyperParameters`, and `train` the training `Partition`. A module whose estimator
takes the table of batch and covariates instead of the features says `INPUTS = "metadata"`, one
that runs a user's tool `NEEDS = "tool"`; the tool is then a third argument of `build`.
Wherever the estimator has a `random_state`, the seed is set afterwards, and the job's threads
wherever it says `n_jobs=-1`.
"""
