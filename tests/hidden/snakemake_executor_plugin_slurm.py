"""Stands before Snakemake's plugin of this name, whose import is a quarter of each start.

Snakemake takes packages for plugins, and no modules.
"""
