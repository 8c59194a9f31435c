"""What is checked before a search: data and budget, networks, the pipeline, GPUs."""
