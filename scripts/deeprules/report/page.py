"""The report as one self-contained HTML page."""

import json
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import jinja2
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from deeprules import wording
from deeprules.report.against import N_SHOWN, against
from deeprules.report.figures import Figure, figure_data
from deeprules.report.results import Results
from deeprules.report.scorecard import scorecard
from deeprules.report.section import Missing, Section
from deeprules.report.sections.verdict import WITHHELD
from deeprules.report.tables import shown

SECTIONS = (
    "verdict",
    "test",
    "labels",
    "slices",
    "subgroups",
    "confidence",
    "transfer",
    "shuffled_labels",
    "giveaways",
    "split_stringency",
    "nuisance_probes",
    "interpretation",
    "panel",
    "learning_curve",
    "study",
    "ethics",
    "data",
    "negatives",
    "audit",
    "split",
    "batch",
    "checks",
    "tuning",
    "training",
    "cost",
    "privacy",
    "ledger",
    "run",
)
"""Sections of the page in the order of the argument: a module here, and a template in
`workflow/report/sections`."""
PARTS = {
    "verdict": "The answer",
    "test": "How well it predicts",
    "shuffled_labels": "Whether that holds",
    "interpretation": "What was learnt",
    "study": "What it rests on",
    "checks": "How models were made",
    "privacy": "What may be given away",
    "ledger": "The record",
}
"""Parts of the argument, by the section of `SECTIONS` that each begins with."""


def render_report(results: Results, template: str | Path) -> str:
    """The HTML of the report.

    Parameters
    ----------
    results : the results of a run
    template : the page's template; those of the sections lie in `sections` beside it
    """
    template = Path(template)
    sections = page_sections(results)
    return (
        environment(template.parent)
        .get_template(template.name)
        .render(
            results=results,
            sections=sections,
            parts=page_parts(sections),
            figure_data=_script_json(figure_data(page_figures(sections))),
            plotly=Markup(get_plotlyjs()),
        )
    )


def page_sections(results: Results) -> dict[str, Section]:
    """The sections that a run has, by name, with the scorecard and the list of files."""
    sections: dict[str, Section] = {}
    absent: list[Missing] = []
    for name in SECTIONS:
        module = import_module(f"deeprules.report.sections.{name}")
        made = module.section(results)
        if made is None:
            absent += getattr(module, "WITHOUT", ())
        else:
            sections[name] = made
    card = Section(
        "Scorecard",
        "Ten quick tips for deep learning in biology (Lee et al. 2022), each judged from the "
        "results of this run alone.",
        said={"tips": scorecard(sections, absent)},
    )
    files = Section(
        "Files",
        "Every figure draws a table, so that it can be drawn again. Paths are relative to the "
        "working folder.",
        said={"figures": page_figures(sections)},
    )
    weighs = against(sections, f"{results.verdict['sentence']} {WITHHELD}")
    (first, answer), *others = sections.items()
    answer.said |= {"tips": card.said["tips"], "against": weighs, "n_shown": N_SHOWN}
    return dict([(first, answer), ("scorecard", card), *others, ("files", files)])


def page_parts(sections: Mapping[str, Section]) -> dict[str, list[str]]:
    """Names of the sections that a page has, by the part of the argument that they belong to."""
    parts, part = {}, ""
    for name in SECTIONS:
        part = PARTS.get(name, part)
        if name in sections:
            parts.setdefault(part, []).append(name)
    members = list(parts.values())
    members[0].append("scorecard")
    members[-1].append("files")
    return parts


def page_figures(sections: dict[str, Section]) -> dict[str, Figure]:
    """Every figure of the page, by name."""
    return {name: one for section in sections.values() for name, one in section.figures.items()}


def environment(folder: Path) -> jinja2.Environment:
    """Templates in a folder, with what they need to write values and the macros of all sections."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "shown": shown,
        "number": wording.format_count,
        "text": wording.format_cell,
        "code_spans": code_spans,
        "moment": wording.format_moment,
    }
    macros = made.get_template("macros.html.j2").module
    made.globals |= {
        name: value for name, value in vars(macros).items() if not name.startswith("_")
    }
    return made


def code_spans(text: str) -> Markup:
    """Text with `names in backticks` set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _script_json(content) -> Markup:
    """JSON that can stand in a script element."""
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))
