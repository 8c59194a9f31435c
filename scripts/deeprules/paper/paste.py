"""Tables to paste: the scores of the test as TSV, Markdown and LaTeX, and supplementary tables."""

import json
from collections.abc import Mapping

import pandas as pd

from deeprules.paper.references import latex
from deeprules.report.results import Results
from deeprules.report.sections.test import score_table
from deeprules.report.tables import shown
from deeprules.wording import format_cell


def test_scores(results: Results) -> pd.DataFrame:
    """One row a model, one column a score: mean over seeds with the interval of a single fit."""
    made = score_table(results, results.kinds, "")
    rows = [[cell.replace("\n", " ") for cell in row] for row in made.rows]
    return pd.DataFrame(rows, columns=made.header)


def markdown_table(table: pd.DataFrame) -> str:
    """A table in Markdown."""
    rows = [list(table.columns), ["-"] * len(table.columns), *table.to_numpy().tolist()]
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)


def latex_table(table: pd.DataFrame, caption: str) -> str:
    """A table in LaTeX, for the package booktabs."""
    rows = [[latex(cell) for cell in row] for row in (table.columns, *table.to_numpy())]
    header, *body = [" & ".join(row) + r" \\" for row in rows]
    lines = [
        r"% \usepackage{booktabs}",
        r"\begin{table}",
        rf"\caption{{{latex(caption)}}}",
        rf"\begin{{tabular}}{{{'l' * len(table.columns)}}}",
        *(r"\toprule", header, r"\midrule", *body, r"\bottomrule"),
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def all_trials(results: Results) -> pd.DataFrame:
    """Every trial of every model, a column for each hyperparameter."""
    values = pd.DataFrame([json.loads(text) for text in results.trials["hyperparameters"]])
    return results.trials.drop(columns="hyperparameters").join(values)


def all_settings(results: Results) -> pd.DataFrame:
    """Every setting of every final fit: model, seed, setting, value."""
    rows = []
    for (model, seed), fit in zip(results.fit_names, results.settings, strict=True):
        settings = {"hyperparameters": fit["hyperparameters"], **fit["settings"]}
        rows += [(model, seed, name, format_cell(value)) for name, value in flat(settings)]
    return pd.DataFrame(rows, columns=["model", "fit", "setting", "value"])


def flat(settings: Mapping, prefix: str = "") -> list[tuple[str, object]]:
    """Settings within settings as `outer.inner`."""
    found = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found += flat(value, f"{prefix}{name}.")
        else:
            found.append((f"{prefix}{name}", value))
    return found


def caption(results: Results) -> str:
    """What stands over the scores."""
    n = results.split["sizes"]["test"]["n"]
    return (
        f"Scores on {n:,} test examples: mean over {results.run['seeds']['final_fits']} seeds with "
        f"the 95% bootstrap interval of a single fit. Models were chosen by "
        f"{shown(results.objective)} on tune."
    )
