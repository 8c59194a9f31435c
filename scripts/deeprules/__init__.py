"""The library behind the workflow's scripts; plain Python, importable without Snakemake."""
