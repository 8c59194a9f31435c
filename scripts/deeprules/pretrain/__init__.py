"""Networks that are pretrained within the workflow: on labels of other data, or on masked bases."""
