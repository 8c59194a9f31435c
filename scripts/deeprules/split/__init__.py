"""Train, tune and a sealed test set, with what belongs together kept together."""
