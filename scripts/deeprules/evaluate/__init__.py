"""The models that were frozen on the test set, opened once: scores, intervals, slices, verdict."""
