"""Simulated data whose truth is known, and the study that counts verdicts on them."""
