"""A project of one's own: the workflow with an empty study, without anyone's results or history.

Usage: PYTHONPATH=workflow python -m deeprules_workflow.new_project DIRECTORY [FILE...]

The files are those that a first configuration will be made for, by `deeprules.guess` in the new
project; here they have to exist. It needs the standard library alone.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from deeprules.git import has_git, run_git

FOLDER = Path(__file__).parents[2]
COPIED = (
    ".ci",
    ".github",
    ".gitignore",
    ".snakemake-workflow-catalog.yml",
    "CHANGELOG.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "Snakefile",
    "config",
    "docs",
    "envs",
    "pyproject.toml",
    "scripts",
    "tests",
    "workflow",
)
"""What the workflow consists of; anything else in its folder belongs to a run or a person."""

NEXT = """{folder} is ready. Next:
  1. put your data into {folder}/data, or name their addresses
  2. edit config/config.yaml (the lines marked `edit`) and config/study.yaml,
     and answer config/ethics.yaml
  3. make run"""


def make_project(folder: Path) -> None:
    """Copy the workflow into a new or empty folder, with the empty study in place of the demo.

    Raises
    ------
    FileExistsError
        If something lies there already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    ignored = shutil.ignore_patterns(".*_cache", *_ignored_anywhere())
    for name in COPIED:
        if (FOLDER / name).is_dir():
            shutil.copytree(FOLDER / name, folder / name, ignore=ignored)
        else:
            shutil.copy2(FOLDER / name, folder / name)
    for name in ("config.yaml", "study.yaml", "ethics.yaml"):
        shutil.copy2(folder / "config" / "new" / name, folder / "config" / name)
    (folder / "data").mkdir()


def start_history(folder: Path) -> None:
    """Put the project under version control, where git is installed.

    Raises
    ------
    ValueError
        If git leaves out a file of the workflow.
    """
    if not has_git():
        return
    origin = run_git(FOLDER, "rev-parse", "HEAD").stdout.strip() or "a copy without history"
    # What a person ignores everywhere, such as `build/`, may be the name of a part of the workflow.
    run_git(folder, "init", "--quiet", "--template=")
    run_git(folder, "-c", f"core.excludesFile={os.devnull}", "add", ".")
    tracked = set(run_git(folder, "ls-files", "-z").stdout.split("\0"))
    left_out = sorted(set(_workflow_files(folder)) - tracked)
    if left_out:
        raise ValueError(f"git in {folder} leaves out {', '.join(left_out[:5])}: see its settings.")
    # Without a name and an address for git, the first commit is left to the person.
    run_git(folder, "commit", "--quiet", "--message", f"Start from deeprules, {origin}")


def _ignored_anywhere() -> Iterator[str]:
    """What git ignores in any folder of the workflow, such as `results/` and `node_modules/`."""
    for line in (FOLDER / ".gitignore").read_text().splitlines():
        name = line.removesuffix("/")
        if name and "/" not in name:
            yield name


def _workflow_files(folder: Path) -> Iterator[str]:
    """Files that the workflow consists of, by their paths in a project."""
    for name in COPIED:
        paths = [folder / name] if (folder / name).is_file() else (folder / name).rglob("*")
        yield from (path.relative_to(folder).as_posix() for path in paths if path.is_file())


if __name__ == "__main__":
    if len(sys.argv) < 2 or not sys.argv[1]:
        sys.exit("Name the new folder: make new DIR=../my_study")
    absent = [file for file in sys.argv[2:] if not Path(file).expanduser().exists()]
    if absent:
        sys.exit(f"There is no {', '.join(absent)}: correct FROM. Nothing was made.")
    project = Path(sys.argv[1])
    try:
        make_project(project)
        start_history(project)
    except (FileExistsError, ValueError) as error:
        sys.exit(str(error))
    os.sync()  # a power cut now must not leave empty files
    print(NEXT.format(folder=project))
