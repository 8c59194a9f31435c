"""What a fit may use."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """What a fit may use.

    Attributes
    ----------
    max_epochs, patience : epochs of training, and epochs without a lower loss on tune
    threads : threads of the job
    in_memory_mb : features up to this size are read into memory, larger ones streamed
    """

    max_epochs: int
    patience: int
    threads: int = 1
    in_memory_mb: int = 4000
