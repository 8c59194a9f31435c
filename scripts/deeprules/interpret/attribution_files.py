"""Attributions on disk."""

import zipfile
from pathlib import Path

import numpy as np

from deeprules.files import refusing_damage, whole_file


def write_attributions(path: str | Path, codes: np.ndarray, hypothetical: np.ndarray) -> None:
    """Write codes (N, L) and the scores of all networks (networks, N, L, 4), the null one last."""
    with whole_file(path) as unfinished, open(unfinished, "wb") as file:
        np.savez_compressed(file, codes=codes, hypothetical=hypothetical)


def read_attributions(path: str | Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes (N, L), scores of the fits (fits, N, L, 4) and of the null network (N, L, 4)."""
    with refusing_damage(path, zipfile.BadZipFile), np.load(path) as content:
        hypothetical = content["hypothetical"]
        return content["codes"], hypothetical[:-1], hypothetical[-1]
