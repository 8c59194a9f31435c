"""The packages that a released model needs, with the hashes of the lock, and no others."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata

ENTRY = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)")
VIA = re.compile(r"^    # (?:via )? *([A-Za-z0-9_.-]+)(?: \(.*\))?$")
TWINS = {"tensorflow-cpu": "tensorflow", "tensorflow": "tensorflow-cpu"}
"""One package on one kind of machine, another on others: the lock has both, each for its own."""
HEAD = "# What predict.py needs, and nothing else. It installs this by itself.\n"


def installed_packages(modules: Iterable[str]) -> dict[str, str]:
    """{distribution: version} of those that modules of these names belong to."""
    owners = metadata.packages_distributions()
    names = {owner for module in modules if module[0] != "_" for owner in owners.get(module, [])}
    return {plain(name): metadata.version(name) for name in sorted(names)}


def plain(name: str) -> str:
    """A distribution's name in its one spelling."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(locks: Iterable[str], packages: Mapping[str, str]) -> str:
    """Lines for `pip install --requirement`.

    Parameters
    ----------
    locks : texts of locks, with hashes and `# via` comments; each adds to those before it
    packages : {distribution: version} that are needed

    Returns
    -------
    The locks' entries of these and of all that they need. Where the run used other versions than
    the locks (an environment of conda), they are pinned to those of the run, without hashes.
    """
    entries = _entries(locks)
    same = all(
        name in entries and version in entries[name].versions for name, version in packages.items()
    )
    if not same:
        # A build such as 2.6.0+cpu is of one machine, and no index has it.
        pins = "".join(
            f"{name}=={version.partition('+')[0]}\n" for name, version in packages.items()
        )
        return f"{HEAD}# The run was not made with the lock of the workflow: no hashes.\n{pins}"
    needed, found = {*packages, *(TWINS[name] for name in TWINS if name in packages)}, set()
    while needed != found:
        found = set(needed)
        needed |= {name for name, entry in entries.items() if entry.via & needed}
    return HEAD + "".join(entry.text for name, entry in entries.items() if name in needed)


@dataclass
class _Entry:
    """A distribution in the lock, with one version or several for versions of Python.

    `via` are those that need it, `text` its lines without comments.
    """

    versions: set[str] = field(default_factory=set)
    via: set[str] = field(default_factory=set)
    text: str = ""


def _entries(locks: Iterable[str]) -> dict[str, _Entry]:
    """Entries by name. Of a package in several locks the first one's versions and text count."""
    found: dict[str, _Entry] = {}
    for lock in locks:
        earlier, entry = dict(found), _Entry()
        for line in lock.splitlines(keepends=True):
            if match := ENTRY.match(line):
                name = plain(match[1])
                if name in earlier:
                    entry = _Entry(via=earlier[name].via)
                else:
                    entry = found.setdefault(name, _Entry())
                entry.versions.add(match[2])
                entry.text += line
            elif line.startswith("    --hash"):
                entry.text += line
            elif match := VIA.match(line.rstrip()):
                entry.via.add(plain(match[1]))
    return found
