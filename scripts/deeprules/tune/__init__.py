"""The search for hyperparameters, the same for networks and baselines, by one or more workers."""
