"""Foreign programs, run where neither the data set nor the sealed test set can be seen.

A user's command or the code of a model could read the labels of the test set from the files of a
run, and be called the best. Linux can hide folders from one process: bubblewrap does it
(https://github.com/containers/bubblewrap), and else the programs `unshare` and `setpriv` of
util-linux. Whether one of them works is found out by trying. Where none does, nothing is hidden,
and that is said.

What is hidden are files of this machine. A program still has the network, reads all else that
the user may read, and may have been given a copy of the data before.
"""

from __future__ import annotations  # an old framework may come with an old Python

import functools
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprules.cautions import Caution

BUBBLEWRAP, NAMESPACES = "bubblewrap", "namespaces"


@dataclass(frozen=True)
class Confinement:
    """What a program may not see, and what of that it may nevertheless.

    Attributes
    ----------
    hidden : folders and files, relative ones from where the job runs
    shown : files and folders within them that it needs, to read
    writable : folders that it writes to; everything else is read-only under bubblewrap
    """

    hidden: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()

    def __post_init__(self):
        for path in self.writable:
            if any(_is_within(one, path) for one in self.hidden):
                raise ValueError(f"{path} would show what is hidden")

    def command(self, words: Sequence[str], means: str | None) -> list[str]:
        """The words of a command that runs others confined; as they are without means."""
        if means is None or not self.hidden:
            return list(words)
        return [*(self._bubblewrap() if means == BUBBLEWRAP else self._namespaces()), *words]

    def _bubblewrap(self) -> list[str]:
        words = ["bwrap", "--die-with-parent", "--unshare-user", "--unshare-pid"]
        words += ["--cap-drop", "ALL"]  # else root could undo it
        words += ["--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev"]
        words += ["--proc", "/proc"]
        for path in self._to_hide():
            words += ["--tmpfs", path] if os.path.isdir(path) else ["--ro-bind", os.devnull, path]
        for path in self._existing(self.shown):
            words += ["--ro-bind", path, path]
        for path in self._existing(self.writable):
            words += ["--bind", path, path]
        return [*words, "--"]

    def _namespaces(self) -> list[str]:
        """A shell that hides, shows what it kept aside, and gives up the right to undo it."""
        aside = "/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir()
        kept = [*self._existing(self.shown), *self._existing(self.writable)]
        lines = ["set -e", f"mount -t tmpfs none {aside}"]
        for number, path in enumerate(kept):
            place = f"{aside}/{number}"
            lines += [f"{_make(path)} {place}", f"mount --bind {shlex.quote(path)} {place}"]
        for path in self._to_hide():
            kind = "-t tmpfs none" if os.path.isdir(path) else f"--bind {os.devnull}"
            lines += [f"mount {kind} {shlex.quote(path)}"]
        for number, path in enumerate(kept):
            quoted = shlex.quote(path)
            parent = shlex.quote(os.path.dirname(path))
            lines += [f"mkdir -p {parent}", f"[ -e {quoted} ] || {_make(path)} {quoted}"]
            lines += [f"mount --bind {aside}/{number} {quoted}"]
        lines += ['exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"']
        shell = ["sh", "-c", "\n".join(lines), "sh"]
        return ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", *shell]

    def _to_hide(self) -> list[str]:
        """Folders and files to hide, without those that another one hides already."""
        paths = self._existing(self.hidden)
        return [path for path in paths if not any(str(one) in paths for one in Path(path).parents)]

    def _existing(self, paths: Sequence[str]) -> list[str]:
        """Paths that are there, their links followed, outer ones first."""
        return sorted({os.path.realpath(path) for path in paths if os.path.exists(path)})


@functools.lru_cache(maxsize=1)
def find_means() -> str | None:
    """The program that hides files here: `bubblewrap`, `namespaces` or None, by trying."""
    for means, program in ((BUBBLEWRAP, "bwrap"), (NAMESPACES, "unshare")):
        if shutil.which(program) and _hides(means):
            return means
    return None


def _hides(means: str) -> bool:
    """Whether a hidden file cannot be read, and one that is shown can."""
    with tempfile.TemporaryDirectory(prefix="deeprules-") as name:
        folder = Path(os.path.realpath(name))
        (folder / "hidden" / "shown").mkdir(parents=True)
        for path in (folder / "hidden" / "file", folder / "hidden" / "shown" / "file"):
            path.write_text("x")
        tried = Confinement((str(folder / "hidden"),), (str(folder / "hidden" / "shown"),))
        test = '[ ! -e "$1/file" ] && [ -e "$1/shown/file" ] && echo hidden'
        words = tried.command(["sh", "-c", test, "sh", str(folder / "hidden")], means)
        try:
            done = subprocess.run(words, capture_output=True, timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.stdout == b"hidden\n"


def not_confined(what: str, is_within: bool = False) -> Caution:
    """What is said of foreign code that could have seen everything.

    `is_within` is for code that runs in a process of the workflow, where nothing can hide a file.
    """
    reason = (
        "as it is part of the networks that are trained. Use a model without code of its own"
        if is_within
        else "as nothing on this machine hides files from a program. Install bubblewrap, or allow "
        "user namespaces, and run it again"
    )
    return Caution(
        title="Foreign code could see the labels",
        sentence=f"{what} ran where it could read the data set with all labels and the sealed test "
        f"set, {reason}. Whether it did is not known.",
        tip=7,
    )


def _is_within(path: str, folder: str) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _make(path: str) -> str:
    """Shell words that make a place to mount a file or a folder on."""
    return "mkdir -p" if os.path.isdir(path) else "touch"
