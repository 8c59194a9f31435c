"""The paper kit: a folder with methods, references, checklists, tables and figures of a run."""

from collections.abc import Iterator
from pathlib import Path

from deeprules.files import write_table, write_text
from deeprules.paper import paste
from deeprules.paper.checklists import CHECKLISTS, as_markdown, filled
from deeprules.paper.methods import methods
from deeprules.paper.paragraphs import paragraphs
from deeprules.paper.references import references
from deeprules.paper.vector_figures import WIDTHS, drawn_numbers, save_components, save_vector
from deeprules.report.figures import Figure
from deeprules.report.page import page_figures, page_sections
from deeprules.report.results import Results
from deeprules.report.tables import shown


def write_kit(results: Results, templates: str | Path, folder: str | Path) -> None:
    """Write methods.md, references.bib, checklists/, tables/ and figures/.

    Parameters
    ----------
    results : the results of a finished run
    templates : folder with `parts` and `references.bib`
    folder : where the kit is to lie
    """
    templates, folder = Path(templates), Path(folder)
    study, said = results.study["study"], paragraphs(results, templates / "parts")
    text = methods(said, study["title"])
    write_text(folder / "methods.md", text)
    sources = references(text, templates / "references.bib", results.provenance)
    write_text(folder / "references.bib", sources)
    for name, checklist in CHECKLISTS.items():
        if checklist.applies(study):
            table = filled(name, said)
            write_table(folder / f"checklists/{name}.tsv", table)
            write_text(folder / f"checklists/{name}.md", as_markdown(name, table))
    write_tables(results, folder / "tables")
    write_figures(results, folder / "figures")


def write_tables(results: Results, folder: Path) -> None:
    """Scores of the test to paste, trials, settings, and predictions where data are public."""
    scores = paste.test_scores(results)
    write_table(folder / "test_scores.tsv", scores)
    write_text(folder / "test_scores.md", paste.markdown_table(scores))
    write_text(folder / "test_scores.tex", paste.latex_table(scores, paste.caption(results)))
    write_table(folder / "comparison.tsv", results.comparison)
    write_table(folder / "trials.tsv", paste.all_trials(results))
    write_table(folder / "settings.tsv", paste.all_settings(results))
    if results.disclosure.shows_all:
        write_table(folder / "predictions.tsv", results.predictions)


def write_figures(results: Results, folder: Path) -> None:
    """Every figure of the report at each width, its numbers beside it, and all captions."""
    captions = ["# Figures"]
    for name, figure in page_figures(page_sections(results)).items():
        chosen = list(_drawn(results, name, figure, folder / name))
        files = "\n".join(
            f"- {choice or 'whole figure'}: `{name}/{stem}.tsv`" for choice, stem in chosen
        )
        captions += [f"## {figure.title}", figure.caption, files]
    write_text(folder / "figures.md", "\n\n".join(captions) + "\n")


def _drawn(results: Results, name: str, figure: Figure, folder: Path) -> Iterator[tuple[str, str]]:
    """Draw each choice of a figure; its name, and the name that its files begin with.

    Choices may be named after classes or columns of the data, so files are numbered.
    """
    if figure.columns:
        for number, covariate in enumerate(figure.columns["covariates"], start=1):
            table = results.pca
            write_table(folder / f"{name}_{number}.tsv", table)
            for width, paths in _paths(folder, f"{name}_{number}"):
                save_components(table, results.scree, covariate, width, *paths)
            yield shown(covariate), f"{name}_{number}"
    for number, (choice, drawn) in enumerate(figure.drawn.items(), start=1):
        stem = f"{name}_{number}" if len(figure.drawn) > 1 else name
        write_table(folder / f"{stem}.tsv", drawn_numbers(drawn))
        for width, paths in _paths(folder, stem):
            save_vector(drawn, width, *paths)
        yield choice, stem


def _paths(folder: Path, stem: str) -> Iterator[tuple[int, list[Path]]]:
    """Files of one figure, by width in mm."""
    for width in WIDTHS:
        yield width, [folder / f"{stem}_{width}mm.{suffix}" for suffix in ("svg", "pdf")]
