"""The search for hyperparameters, the same for networks and baselines, in one job or in many."""
