"""Write config/config.yaml of a new project from the files that were named.

Usage: python -m deeprules.guess FOLDER FILE...   (paths of files are from FOLDER)
"""

import sys
from pathlib import Path

from deeprules.files import write_text
from deeprules.guess.drafting import draft_of
from deeprules.guess.seen import look_at
from deeprules.guess.text import configuration

CONFIG = Path("config", "config.yaml")


def main(folder: str, *files: str) -> None:
    """Look at the files and write the configuration; tell what each was taken for."""
    paths = [Path(folder, file).expanduser().resolve() for file in files]
    seen = [look_at(path) for path in paths]
    for one in seen:
        print(f"{one.path}: {one.facts.get('why', one.kind)}")
    write_text(CONFIG, configuration(draft_of(seen)))
    print(f"{CONFIG} says so; look at the lines marked `edit`, then `make check`.")


if __name__ == "__main__":
    main(*sys.argv[1:])
