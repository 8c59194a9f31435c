"""Paragraphs on a run, a template each: methods and checklists are made of them."""

import re
from datetime import datetime
from functools import partial
from pathlib import Path

import jinja2

from deeprules import wording
from deeprules.paper import facts
from deeprules.paper.references import source_key
from deeprules.privacy.promise import promise_in_words, promises
from deeprules.report.results import Results
from deeprules.report.tables import shown

AUTHOR = "**The author must state:**"
"""What a line begins with that the run cannot write."""


def paragraphs(results: Results, folder: str | Path) -> dict[str, str]:
    """What can be said of a run, by the name of the template that says it.

    Parameters
    ----------
    results : the results of a run
    folder : templates, `<paragraph>.md.j2`

    Returns
    -------
    {paragraph: text in Markdown, with `[@key]` for what it cites}; the text is empty where a run
    has not the stage that it is about.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": wording.format_count,
        "score": wording.format_score,
        "setting": wording.format_setting,
        "shown": shown,
        "listed": partial(wording.listed, quoted=False),
        "names": lambda models: wording.listed([shown(model) for model in models], quoted=False),
        "counted": counted,
        "phrase": lambda text: str(text).strip().rstrip(".?!"),
        "date": day,
        "percent": "{:.0%}".format,
        "capital": lambda text: text[:1].upper() + text[1:],
        "small": lambda text: text[:1].lower() + text[1:],
        "hours": lambda hours: wording.format_duration(hours * 3600),
    }
    environment.globals |= {"facts": facts, "author": author, "source_key": source_key}
    environment.globals |= {"promises": promises, "promise_in_words": promise_in_words}
    names = sorted(path.name.removesuffix(".md.j2") for path in Path(folder).glob("*.md.j2"))
    return {
        name: tidy(environment.get_template(f"{name}.md.j2").render(run=results)) for name in names
    }


def author(question: str) -> str:
    """A line of its own that names what the author has to write."""
    return f"\n\n{AUTHOR} {question}\n\n"


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its noun: `no groups`, `1 group`, `1,204 groups`."""
    noun = one if number == 1 else several or f"{one}s"
    return f"{wording.format_count(number) if number else 'no'} {noun}"


def day(stamp: str) -> str:
    """An ISO 8601 time as `5 January 2026`."""
    moment = datetime.fromisoformat(stamp)
    return f"{moment.day} {moment:%B %Y}"


def tidy(text: str) -> str:
    """Paragraphs of one line each; the layout of a template leaves no trace."""
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text)]
    return "\n\n".join(block for block in blocks if block)
