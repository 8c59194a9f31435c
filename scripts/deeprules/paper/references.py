"""References in BibTeX: those that a text cites, and no others."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from deeprules.errors import InputError

SPECIAL = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
"""Characters that mean something to LaTeX, and how they are written."""


def cited(text: str) -> list[str]:
    """Keys of `[@key]` and `[@one; @another]` in a text, in order of their first use."""
    brackets = re.findall(r"\[(@[^\]]+)\]", text)
    return list(dict.fromkeys(key for one in brackets for key in re.findall(r"@([\w-]+)", one)))


def references(text: str, library: str | Path, sources: Iterable[Mapping]) -> str:
    """A BibTeX file with exactly what a text cites.

    Parameters
    ----------
    text : with `[@key]` for what it cites
    library : BibTeX file of what is not a source of data, an empty line between entries
    sources : provenance records of the data sources

    Raises
    ------
    InputError
        If a key stands nowhere.
    """
    entries = {
        re.match(r"@\w+\{([\w-]+),", entry)[1]: entry
        for entry in Path(library).read_text(encoding="utf-8").strip().split("\n\n")
    }
    entries |= {source_key(one): _source_entry(one) for one in sources}
    if unknown := [key for key in cited(text) if key not in entries]:
        raise InputError(
            f"{library}: there is no entry {unknown[0]}, which the text cites. Add it."
        )
    return "\n\n".join(entries[key] for key in cited(text)) + "\n"


def source_key(record: Mapping) -> str:
    """The key of a data source, by its provenance record."""
    return f"data-{record['source']}"


def latex(text) -> str:
    """Text as LaTeX sets it."""
    return "".join(SPECIAL.get(character, character) for character in str(text))


def _source_entry(record: Mapping) -> str:
    """A data source, with all that was stated of it."""
    url = record.get("given_url") or record.get("url")
    stated = [
        f"{name} {record[name]}" if name != "citation" else record[name]
        for name in ("citation", "version", "licence")
        if record.get(name) not in (None, "", "not stated")
    ]
    note = "; ".join([*stated, f"SHA-256 {record['sha256']}"])
    address = f"  url = {{{url}}},\n" if "://" in url else ""
    return (
        f"@misc{{{source_key(record)},\n"
        f"  title = {{Data set {latex(record['source'])}}},\n{address}"
        f"  urldate = {{{record['downloaded'][:10]}}},\n"
        f"  note = {{{latex(note)}}}\n}}"
    )
