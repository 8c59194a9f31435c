"""The paper kit on made-up results: what it says, what it cites, what it leaves to the author."""

import re
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest
from report_fixture import SEEDS, ReportFixture, but

from deeprules.controls import __path__ as control_folders
from deeprules.errors import InputError
from deeprules.paper import paste
from deeprules.paper.checklists import ANSWER, CHECKLISTS, as_markdown, filled
from deeprules.paper.kit import write_tables
from deeprules.paper.methods import SECTIONS, methods
from deeprules.paper.paragraphs import AUTHOR, paragraphs
from deeprules.paper.references import cited, latex, references
from deeprules.report.results import Results

ROOT = Path(__file__).parents[2]
PAPER = ROOT / "workflow" / "paper"
PARTS, LIBRARY = PAPER / "parts", PAPER / "references.bib"
TEMPLATES = {path.name.removesuffix(".md.j2") for path in PARTS.iterdir()}
RUNS = {
    "whole": {"transfer": True, "tool": True},
    "regression": {"task": "regression"},
    "classes of rows": {"task": "multiclass", "modality": "tabular"},
    "no groups, no batches": {"has_batch": False, "has_group": False},
    "no network": {"without": "network"},
    "no baseline": {"without": "baseline"},
    "no nuisance baseline": {"without": "nuisance"},
}

BROKEN = r"\bNone\b(?! was)|\bnan\b|\{\{|%\}|\(\)| [,.](?: |$)|\.\.|(?:^|\s)0 (?!of)[a-z]"
"""Traces of a value that is missing, of a template, and of numbers where a word belongs."""


class Asked(Results):
    """Results that remember which of their names were asked for."""

    asked: ClassVar[set[str]] = set()

    def __contains__(self, name):
        self.asked.add(name)
        return super().__contains__(name)

    def __getattr__(self, name):
        self.asked.add(name)
        return super().__getattr__(name)


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Results]:
    folder = tmp_path_factory.mktemp("runs")
    return {name: ReportFixture(folder / name, **facts).load() for name, facts in RUNS.items()}


@pytest.fixture(scope="module")
def said(runs) -> dict[str, dict[str, str]]:
    return {name: paragraphs(results, PARTS) for name, results in runs.items()}


def section(said, name="whole"):
    return methods(said[name], "A study")


@pytest.mark.parametrize("run", RUNS)
def test_a_paragraph_is_made_of_sentences(said, run):
    for name, text in said[run].items():
        made_up = name == "verdict" and run == "no network"
        assert made_up or not re.search(BROKEN, text), (name, text)
        for block in text.split("\n\n"):
            assert not block or block[-1] in ".?", (name, block)


@pytest.mark.parametrize("run", RUNS)
def test_the_references_are_exactly_those_that_are_cited(runs, said, run):
    text = section(said, run)
    entries = re.findall(r"^@\w+\{([\w-]+),", references(text, LIBRARY, runs[run].provenance), re.M)
    assert entries == cited(text)
    assert {"lee2022", "molder2021", "omalley2019", "data-promoters"} <= set(entries)
    assert ("steinegger2017" in entries) == (runs[run].dataset["modality"] == "sequence")
    assert ("chollet2015" in entries) == (run != "no network")


def test_a_reference_that_stands_nowhere_is_an_error(runs):
    with pytest.raises(InputError, match="no entry nobody1900"):
        references("As is known [@nobody1900].", LIBRARY, runs["whole"].provenance)


def test_every_number_of_the_run_is_in_the_methods(runs, said):
    text, results = section(said), runs["whole"]
    record = results.provenance[0]
    for fact in ("2024-03", "CC BY 4.0", "5 January 2026", record["sha256"], record["url"]):
        assert fact in text
    assert "1,200 examples" in text and "14 left out" in text and "11 examples repeated" in text
    for part in results.split["sizes"].values():
        assert f"{part['n']:,} examples" in text
    assert f"under {len(SEEDS)} seeds" in text and "2,000 replicates" in text
    for name, version in results.run["packages"].items():
        assert f"{name} {version}" in text
    assert results.run["git"]["commit"] in text and "Example CPU with 2 cores" in text
    assert f"{results.costs['watt_hours'].sum():.3g} Wh" in text
    assert results.verdict["sentence"] in text
    assert results.opening["models_sha256"] in text and "opened once" in text


def test_the_methods_fit_the_run(said):
    assert "No network was entered" in section(said, "no network")
    assert "continuous value" in section(said, "regression")
    assert "row of 300 features" in section(said, "classes of rows")
    assert "No batches were declared" in section(said, "no groups, no batches")
    assert "The pretrained model motifs" in section(said)
    assert "runs the command `scan" in section(said)


def test_a_test_set_that_was_opened_before_is_said_to_be(tmp_path):
    run = ReportFixture(tmp_path)
    request = replace(run.request, models_sha256="e" * 64, reason="A bug in the labels.")
    run.open_test_set(request)
    text = methods(paragraphs(run.load(), PARTS), "")
    assert "not for the first time" in text and "A bug in the labels." in text
    assert "opened once" not in text


def test_a_withheld_verdict_is_the_result(runs):
    sentence = "No verdict: the chosen models do no better than on shuffled labels."
    changed = runs["whole"].verdict | {"verdict": "withheld", "sentence": sentence}
    said = paragraphs(but(runs["whole"], verdict=changed), PARTS)
    assert said["verdict"] == sentence and "change" not in said["limits"]


def test_slices_in_which_a_model_fails_are_told(runs):
    results = runs["whole"]
    models = [dict(one) for one in results.slice_summary["models"]]
    worst = "`cnn` is worse in batch 2 (90 examples): AUPRC .600, against .860 outside it."
    models[0] |= {"n_worse": 3, "worst": [worst], "lowest": None}
    changed = but(results, slice_summary=results.slice_summary | {"models": models})
    said = paragraphs(changed, PARTS)["slices"]
    assert worst in said and "`cnn` is worse in 2 more." in said


def test_what_more_data_would_not_change_is_not_said_to_change_the_verdict(runs):
    results = runs["whole"]
    of_curves = results.learning_curve["models"][0]["sentence"]
    changes = [*results.verdict["would_change"], of_curves]
    said = paragraphs(but(results, verdict=results.verdict | {"would_change": changes}), PARTS)
    assert "They would change with: " in said["limits"]
    for part in ("limits", "next_steps"):
        assert "More data" not in said[part]
    assert "More data" in said["learning_curve"]


def test_what_is_not_stated_is_left_to_the_author(runs):
    bare = [record | {"licence": "not stated"} for record in runs["whole"].provenance]
    said = paragraphs(but(runs["whole"], provenance=bare), PARTS)
    assert "under the licence" not in said["sources"]
    assert f"{AUTHOR} the licence of the data set promoters" in said["sources"]
    assert AUTHOR not in paragraphs(runs["whole"], PARTS)["sources"]


def test_every_paragraph_is_used_and_every_name_is_a_paragraph():
    used = {name for names in SECTIONS.values() for name in names.split()}
    for checklist in CHECKLISTS.values():
        used |= {name for item in checklist.ITEMS for name in item.parts.split()}
    assert used == TEMPLATES


def test_whatever_stage_has_a_summary_is_spoken_of(runs):
    """A new stage with a summary fails here until a paragraph, and so a checklist, knows it."""
    text = (ROOT / "workflow/rules/reported.smk").read_text()
    names = set(re.findall(r'"(\w+)": "results/[\w/]+\.json"', text))
    names |= set(re.findall(r'files\["(\w+)"\] = [^\n]*json', text))
    names |= {path.stem for folder in control_folders for path in Path(folder).glob("[a-z]*.py")}
    asked = Asked(runs["whole"].inputs, **runs["whole"].folders)
    paragraphs(asked, PARTS)
    unsaid = {name for name in names if not {name, f"{name}_table"} & asked.asked}
    assert len(names) > 20 and not unsaid


def test_the_checklists_have_all_their_items():
    counts = {name: len({item.key for item in one.ITEMS}) for name, one in CHECKLISTS.items()}
    assert counts == {"dome": 21, "reforms": 32, "tripod_ai": 52}


@pytest.mark.parametrize("name", CHECKLISTS)
def test_what_a_run_can_answer_is_answered(said, name):
    for item in CHECKLISTS[name].ITEMS:
        answer = item.answer(said["whole"])
        assert answer[-1] in ".?" and len(answer.split()) > 4, item.key
        if item.parts:
            assert not answer.startswith(ANSWER), f"{item.key}: {item.parts} said nothing"
        assert (ANSWER in answer) == (item.beside or not item.parts), item.key
        for part in item.parts.split():
            assert said["whole"][part] or part == "cautions", f"{item.key}: {part} said nothing"


@pytest.mark.parametrize("name", CHECKLISTS)
def test_without_its_stage_an_item_is_asked(said, name):
    for answer in filled(name, dict.fromkeys(said["whole"], ""))["answer"]:
        assert answer.startswith(ANSWER)


def test_a_checklist_counts_what_is_left_to_the_author(said):
    table = filled("dome", said["whole"])
    n = table["answer"].str.contains(ANSWER).sum()
    assert f"Of 21 items, {n} have something for the author" in as_markdown("dome", table)


def test_patients_call_for_tripod_ai():
    assert CHECKLISTS["tripod_ai"].applies({"patients": True})
    assert not CHECKLISTS["tripod_ai"].applies({"title": "Promoters"})


def test_the_scores_can_be_pasted(runs):
    table = paste.test_scores(runs["whole"])
    assert list(table["model"]) == [name.replace("_", " ") for name in runs["whole"].kinds]
    lines = paste.markdown_table(table).splitlines()
    assert len(lines) == len(table) + 2 and len({line.count("|") for line in lines}) == 1
    text = paste.latex_table(table, paste.caption(runs["whole"]))
    assert text.count(r"\\") == len(table) + 1 and "95\\% bootstrap" in text
    assert re.search(r"cnn & network & \.\d{3} \[\.\d{3}, \.\d{3}\]", text)


def test_latex_takes_names_as_they_are():
    assert latex("50% of A_1 & B\\C") == r"50\% of A\_1 \& B\textbackslash{}C"


def test_all_trials_and_settings_stand_in_the_supplement(runs, tmp_path):
    results = runs["whole"]
    write_tables(results, tmp_path)
    trials = pd.read_csv(tmp_path / "trials.tsv", sep="\t")
    assert len(trials) == len(results.trials) and {"filters", "C", "kmer"} <= set(trials)
    settings = pd.read_csv(tmp_path / "settings.tsv", sep="\t")
    assert set(settings["model"]) == set(results.kinds)
    assert {"hyperparameters.C", "seed"} <= set(settings["setting"])
    predictions = pd.read_csv(tmp_path / "predictions.tsv", sep="\t")
    assert len(predictions) == len(results.predictions)


def test_predictions_of_data_that_are_not_public_stay(runs, tmp_path):
    results = runs["whole"]
    config = results.config | {"data": results.config["data"] | {"sensitivity": "controlled"}}
    closed = but(results, config=config)
    write_tables(closed, tmp_path)
    assert not (tmp_path / "predictions.tsv").exists()
    assert "not given out" in paragraphs(closed, PARTS)["kit"]
