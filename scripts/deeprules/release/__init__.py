"""A released folder: one model of a finished run that another person can use without the run.

`refusals` say what stands against it, `card` describes it, `folder` packs it, and `apply` is what
runs in it.
"""
