"""Ways to share examples out: a file in this folder is a split strategy, `split: strategy`.

Its docstring says in a line what it keeps together, for config/README.md. It has a function
`units(examples, block_size)`, the unit of each example as text (N,): examples of one unit stay in
one partition; None, where each example is one by itself. `examples` has id, label, canonical_hash
and, as far as they exist, group, batch, chromosome, start, end and what the file names in
`COLUMNS`. Instead of `units` it may have `given(examples)`, the partition of each example (N,),
drawn by somebody else, and `warnings`.

Further, where they hold, of which the workflow reads the constants without importing the file:
`MODALITIES`, data that it is for; `NEEDS`, the setting of `data` that it is no use without
(`group`, `batch`); `USES_CLUSTERS = True`, the examples have the `cluster` of similar sequences;
`READS_COLUMN = True`, they have the `partition` that `split: column` names; `HAS_BLOCKS = True`,
`split: block_size` is for it; `UNITS_HAVE_NAMES = True`, `split: test` and `tune` can name its
units, which `names(examples)` tells and `key(name)` makes comparable; `AT_RANDOM = True`, it has no
units of its own; `KEEPS`, the column whose values it never divides; `TUNE_WITHIN = True`, where
test is named and few units are left, tune is drawn from within them; `ties(examples, block_size)`,
columns whose equal values tie units together; `warnings(examples, partition)`, sentences;
`IN_WORDS`, how it divides the examples, to go on after "the examples were divided".
"""

from deeprules.folders import modules_in

STRATEGIES = modules_in(__name__)


def says(strategy: str, fact: str) -> object:
    """What the file of a strategy says of itself; None where it says nothing."""
    return getattr(STRATEGIES[strategy], fact, None)
