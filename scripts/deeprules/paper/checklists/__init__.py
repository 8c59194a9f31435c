"""Checklists of reporting: a file in this folder is a checklist.

It has `TITLE`, `SOURCE`, `ITEMS`, and `applies(study)`: whether a study is one that it is for. What
answers an item is a paragraph of the methods (workflow/paper/parts), so that a checklist and a
methods section never differ; what no file of a run knows is a question to the author.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from deeprules.folders import modules_in

ANSWER = "The author must answer:"
"""What an item begins with that a run cannot answer."""


@dataclass(frozen=True)
class Item:
    """One item of a checklist.

    Attributes
    ----------
    key : its number or name in the checklist
    module : the part of the checklist that it stands in
    text : what it asks for
    parts : names of the paragraphs that answer it, with spaces between; empty if a run can't
    question : what the author is asked where these say nothing, or beside what they say
    beside : whether the question is asked even where the run answers its part
    """

    key: str
    module: str
    text: str
    parts: str = ""
    question: str = ""
    beside: bool = False

    def answer(self, said: Mapping[str, str]) -> str:
        """What stands in the checklist, by the paragraphs of a run."""
        known = " ".join(said[name] for name in self.parts.split() if said[name])
        known = " ".join(known.split())
        question = self.question or f"{self.text[:1].lower()}{self.text[1:]}"
        asked = f"{ANSWER} {question.rstrip('.')}."
        if not known:
            return asked
        return f"{known} {asked}" if self.beside else known


CHECKLISTS = modules_in(__name__)


def filled(name: str, said: Mapping[str, str]) -> pd.DataFrame:
    """A checklist with its answers: item, part, asked, answer."""
    rows = [
        (item.key, item.module, item.text, item.answer(said)) for item in CHECKLISTS[name].ITEMS
    ]
    return pd.DataFrame(rows, columns=["item", "part", "asked for", "answer"])


def as_markdown(name: str, table: pd.DataFrame) -> str:
    """A filled checklist to read."""
    checklist, parts = CHECKLISTS[name], []
    for part, rows in table.groupby("part", sort=False):
        parts.append(f"## {part}")
        for row in rows.itertuples(index=False):
            parts += [f"**{row[0]}. {row[2]}**", row[3]]
    head = f"# {checklist.TITLE}\n\nThe items are those of {checklist.SOURCE}."
    n = table["answer"].str.contains(ANSWER, regex=False).sum()
    head += f" Of {len(table)} items, {n} {'has' if n == 1 else 'have'} something for the author."
    return "\n\n".join([head, *parts]) + "\n"
