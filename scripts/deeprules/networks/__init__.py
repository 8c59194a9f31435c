"""Networks: one file each, found by name.

A module holds `MODALITIES` and `TASKS` (what it can be used for) and `build(hp, train)`, which
returns an uncompiled `keras.Model` from its inputs (`INPUTS`, see `deeprules.fit.inputs`; left out,
the features) to the outputs of `deeprules.fit.blocks.output_layer`. `hp` is a
`keras_tuner.HyperParameters`, and `train` the training `Partition`. Optimizer, learning rate and
batch size belong to `deeprules.fit.training`. One that starts from a pretrained model says
`NEEDS = "pretrained"`, and `build` is given that as a third argument; its `TWIN_OF` names the
module of the same network trained from scratch, its `WAY` what else it does. One for the models of
one kind of origin alone says which as `ORIGIN`; one with `RANDOM_WEIGHTS` is given the activations
of their architecture with weights drawn at random.
"""
