"""The report as one self-contained HTML page."""

import json
import re
from pathlib import Path

import jinja2
import yaml
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from deeprules.report import tables
from deeprules.report.confidence import confidence_sentences
from deeprules.report.controls import pipeline_sentence
from deeprules.report.cost import cost_sentence
from deeprules.report.determinism import determinism_sentences
from deeprules.report.giveaways import giveaway_sentences
from deeprules.report.ladder import homolog_sentences
from deeprules.report.probes import probe_sentences
from deeprules.report.result_figures import all_figures, figure_data, pca_columns
from deeprules.report.result_tables import all_tables
from deeprules.report.results import Results
from deeprules.report.scorecard import scorecard
from deeprules.report.style import shown
from deeprules.report.tips import UNTRACKED_LEDGER
from deeprules.report.transfer import (
    leak_notices,
    origin_facts,
    transfer_records,
    transfer_warnings,
)
from deeprules.report.verdict_box import verdict_box
from deeprules.statistics.random_slices import RANDOM_SLICES

SECTIONS = {
    "verdict": "Verdict",
    "scorecard": "Scorecard",
    "study": "Study",
    "data": "Data and provenance",
    "audit": "Audit",
    "split": "Split",
    "batch": "Batch effects",
    "checks": "Checks before the search",
    "tuning": "Tuning",
    "curves": "Learning curves",
    "controls": "Shuffled labels",
    "ladder": "Leakage ladder",
    "probes": "Nuisance probes",
    "sizes": "Training-set size",
    "test": "Test results",
    "slices": "Where it fails",
    "confidence": "Confidence",
    "transfer": "Transfer",
    "cost": "Time and energy",
    "ledger": "Ledger",
    "run": "Run record",
    "files": "Files",
}
"""Sections of the page, by id."""

LARGE_SHARE = 0.6
"""Share of the largest class above which the weighing of classes is worth a note."""
UNWEIGHTED = ("support_vector_machine", "nearest_neighbours")
"""Models whose probabilities refer to the classes as they are in train."""


def render_report(results: Results, template: str | Path) -> str:
    """The HTML of the report.

    Parameters
    ----------
    results : the results of a run
    template : the page's template; what it includes lies beside it
    """
    template = Path(template)
    figures = all_figures(results)
    sections = page_sections(results)
    pca = pca_columns(results.pca)
    page = _environment(template.parent).get_template(template.name)
    return page.render(
        results=results,
        sections=sections,
        number={name: place for place, name in enumerate(sections, start=1)},
        scorecard=scorecard(results),
        pipeline_sentence=pipeline_sentence,
        homolog_sentences=homolog_sentences(results),
        determinism_sentences=determinism_sentences(results),
        probe_sentences=probe_sentences(results),
        giveaway_sentences=giveaway_sentences(results),
        cost_sentence=cost_sentence(results),
        transfer_records=transfer_records(results),
        transfer_warnings=transfer_warnings(results),
        leaks=leak_notices(results),
        random_slices=RANDOM_SLICES,
        confidence_sentences=confidence_sentences(results),
        box=verdict_box(results),
        untracked_ledger=None if results.ledger_tracked else UNTRACKED_LEDGER,
        probability_note=probability_note(results),
        tables=all_tables(results),
        figures=figures,
        figure_data=_script_json(figure_data(figures, pca)),
        pca=pca,
        plotly=Markup(get_plotlyjs()),
        config_text=yaml.safe_dump(results.config, sort_keys=False, allow_unicode=True),
        fit_settings={
            model: yaml.safe_dump(settings, sort_keys=False)
            for model, settings in results.fit_settings.items()
        },
    )


def _environment(folder: Path) -> jinja2.Environment:
    """Templates in a folder, with what they need to write values."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "shown": shown,
        "number": tables.number,
        "text": tables.text,
        "code_spans": code_spans,
        "moment": tables.moment,
        "association": association_text,
        "origin": origin_facts,
    }
    return environment


def page_sections(results: Results) -> dict[str, str]:
    """{id: title} of the page's sections, in order; some stand only where a run has them."""
    return {
        name: title
        for name, title in SECTIONS.items()
        if (name != "sizes" or results.curve is not None)
        and (name != "controls" or results.controls)
        and (name != "ladder" or results.ladder)
        and (name != "checks" or results.suitability)
        and (name != "probes" or results.probes is not None)
        and (name != "transfer" or results.pretrained)
    }


def probability_note(results: Results) -> str:
    """What weighing the classes equally does to probabilities; empty if no class is that large."""
    if results.largest_share <= LARGE_SHARE:
        return ""
    unweighted = [name for name in UNWEIGHTED if name in results.kinds]
    decisions = "at .5" if results.dataset["task"] == "binary" else "for the most probable class"
    note = (
        f"The largest class holds {results.largest_share:.0%} of the examples, but most models "
        "weigh the classes equally, so their probabilities refer to classes of equal size. That "
        "shows in calibration, Brier score and log loss."
    )
    if unweighted:
        names = " and ".join(f"`{name}`" for name in unweighted)
        note += (
            f" The probabilities of {names} refer to the shares in these data, so decisions "
            f"{decisions} (MCC, F1, accuracy, balanced accuracy) are not comparable with those of "
            "the other models."
        )
    return note


def code_spans(text: str) -> Markup:
    """Text with `names in backticks` set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def association_text(facts: dict) -> str:
    """The association of batch and label (`audit.json`) in words."""
    measure = "Cramer's V" if "cramers_v" in facts else "eta squared"
    value = facts["cramers_v"] if "cramers_v" in facts else facts["eta_squared"]
    return f"{measure} {tables.number(value)} (p = {facts['p_value']:.2g})"


def _script_json(content) -> Markup:
    """JSON that can stand in a script element."""
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))
