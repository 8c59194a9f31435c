"""Git, asked about the folder that is meant and no other; only what Python brings is imported."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ACCESS = (
    *("GIT_SSH", "GIT_ASKPASS", "GIT_SSL_", "GIT_HTTP_", "GIT_PROXY_", "GIT_ALLOW_PROTOCOL"),
    *("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"),
    *("GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH", "GIT_TEMPLATE_DIR", "GIT_TERMINAL_PROMPT"),
)
"""Starts of variables that say how git reaches a server and who commits, not where it works."""


def has_git() -> bool:
    """Whether git is installed."""
    return shutil.which("git") is not None


def run_git(
    folder: str | Path | None, *arguments: str, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess:
    """The outcome of a git command in a folder, in plain English.

    Variables such as GIT_DIR and GIT_WORK_TREE, which a hook or a shell sets and which put another
    repository in the place of that folder's, are left out.

    Parameters
    ----------
    folder : where it runs; None for a command that names its folders itself
    settings : further environment variables
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(ACCESS)
    }
    place = [] if folder is None else ["-C", str(folder)]
    return subprocess.run(
        ["git", *place, *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        env={**environment, "LC_ALL": "C", **(settings or {})},
    )
