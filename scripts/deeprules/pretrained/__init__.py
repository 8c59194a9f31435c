"""A pretrained model: fetched, checked, read, cut at a layer, and its activations."""
