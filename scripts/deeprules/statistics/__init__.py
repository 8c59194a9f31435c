"""Metrics, their intervals, and tests: numbers that know of no file, model or run."""
