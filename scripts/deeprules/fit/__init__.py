"""Fitting: models, what they see of an example, and how networks compute and train."""
