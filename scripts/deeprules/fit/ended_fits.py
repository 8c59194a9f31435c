"""Final fits of one model under several seeds in one process; a killed job goes on after them."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deeprules.data import Development
from deeprules.files import make_folder, whole_file, whole_folder
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.fitted_files import files_of_fit
from deeprules.fit.fitting import write_fit
from deeprules.fit.models import FILE_NAMES


class EndedFits:
    """Fits that have ended, each kept in a folder of its own until all have.

    Parameters
    ----------
    folder : where to keep them
    code : what stands for the code and the arithmetic behind a fit
    """

    def __init__(self, chosen: ChosenModel, development: Development, folder: Path, code: str):
        self.chosen, self.development = chosen, development
        self.folder = folder / chosen.fingerprint(code, development)
        self.ended: list[Path] = []

    def fit(self, seed: int, report_epoch: Callable[[int, dict], None] | None = None) -> None:
        """Fit under a seed, unless that has been done."""
        path = self.folder / f"seed{seed}"
        self.ended.append(path)
        if path.exists():
            return
        fitted = self.chosen.fit(self.development, seed, report_epoch)
        make_folder(self.folder)
        with whole_folder(path) as unfinished:
            write_fit(fitted, self.chosen.best, self.development, self._files(unfinished))

    def hand_over(self, places: Mapping[str, str | Sequence[str]]) -> None:
        """Copy the files of all fits to their places, and keep none.

        Parameters
        ----------
        places : for each kind of file, as `write_fit` calls it, where that of every fit goes
        """
        for name, paths in places.items():
            paths = [paths] if isinstance(paths, str) else paths
            for ended, path in zip(self.ended, paths, strict=True):
                with whole_file(path) as unfinished:
                    shutil.copyfile(getattr(self._files(ended), name), unfinished)
        shutil.rmtree(self.folder.parent)

    def _files(self, folder):
        return files_of_fit(folder, FILE_NAMES[self.chosen.best["kind"]])
