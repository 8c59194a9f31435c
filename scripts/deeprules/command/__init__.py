"""A user's own tool as a baseline: its commands, its files, its description."""
