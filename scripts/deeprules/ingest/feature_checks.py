"""What looks at the numbers of a matrix while they pass, chunk by chunk."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import pandas as pd

from deeprules.ingest.sources import Chunk, Source


class FeatureCheck(ABC):
    """Looks at all values of a source, then reports what it found.

    Parameters
    ----------
    source : where the values come from
    names : names of its features (P)
    """

    def __init__(self, source: Source, names: Sequence[str]):
        self._source = source
        self._names = pd.Index(names, dtype=object)

    @abstractmethod
    def take(self, chunk: Chunk, values: np.ndarray) -> None:
        """Look at the values (N, P) of the next samples, as they stand in the file."""

    @abstractmethod
    def report(self, transform: str) -> None:
        """Note or refuse what was found, once all samples have been seen.

        Parameters
        ----------
        transform : of the configuration, such as `log1p`
        """
