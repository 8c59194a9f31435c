"""Networks: one file each, found by name.

A module holds `MODALITIES` and `TASKS` (what it can be used for) and `build(hp, train)`, which
returns an uncompiled `keras.Model` from one example's features to the outputs of
`deeprules.fit.blocks.output_layer`. `hp` is a `keras_tuner.HyperParameters`, and `train` the
training `Partition`. Optimizer, learning rate and batch size belong to `deeprules.fit.training`.
"""
