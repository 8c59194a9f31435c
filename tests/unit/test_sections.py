"""A section of the report is one module and one template, and one name in an ordered list."""

import shutil
from importlib import import_module
from pathlib import Path

import pytest
from report_fixture import TEMPLATE, ReportFixture, part

from deeprules.interpret.findings import Q_LEVEL
from deeprules.report import page
from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.wording import as_given

FOLDER = Path(page.__file__).parent / "sections"
MODULES = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
NEW_MODULE = """
from deeprules.report.section import Check, Section
from deeprules.report.tables import table


def section(results):
    rows = [{"model": model, "vowels": sum(map(model.count, "aeiou"))} for model in results.kinds]
    vowels = table("Vowels by model", "results/vowels.tsv", rows)
    return Section(
        "Vowels",
        "Names have vowels.",
        findings=[Check(10, "warn", "A name has few vowels.")],
        tables={"vowels": vowels},
    )
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return ReportFixture(tmp_path_factory.mktemp("run"), transfer=True, tool=True, labels=3).load()


@pytest.fixture(scope="module")
def sections(results) -> dict[str, Section]:
    return {name: section_of(name)(results) for name in page.SECTIONS}


def section_of(name):
    return import_module(f"deeprules.report.sections.{name}").section


def test_every_module_has_a_template_and_a_place_in_the_list():
    templates = {path.name for path in (TEMPLATE.parent / "sections").iterdir()}
    assert templates == {f"{name}.html.j2" for name in MODULES}
    assert set(page.SECTIONS) == MODULES and len(page.SECTIONS) == len(MODULES)


def test_a_whole_run_has_every_section_under_a_title_of_its_own(sections):
    titles = [section.title for section in sections.values()]
    assert len(set(titles)) == len(titles) == len(MODULES)
    assert not {"Scorecard", "Files"} & set(titles)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_section_says_what_it_is_made_of(sections, name):
    section = sections[name]
    for finding in section.findings:
        assert finding.tip in range(1, 11)
        assert isinstance(finding, Missing) or finding.status in ("pass", "warn", "fail")
    for table in section.tables.values():
        assert table.caption and table.file
        assert all(len(row) == len(table.header) == len(table.numeric) for row in table.rows)
    for figure in section.figures.values():
        assert figure.title and figure.caption and figure.file
        assert figure.finding, "its `finding` says what is seen in it, for those who do not see it"
    text = (TEMPLATE.parent / "sections" / f"{name}.html.j2").read_text()
    for kind in ("tables", "figures"):
        for shown in getattr(section, kind):
            assert f"{kind}.{shown}" in text or f'{kind}, "{shown}"' in text


@pytest.mark.parametrize(
    ("name", "gone", "tips"),
    [
        ("checks", ["suitability"], [1, 3]),
        ("giveaways", ["giveaways"], [4]),
        ("shuffled_labels", ["shuffled_labels"], [7]),
        ("split_stringency", ["split_stringency"], [7]),
        ("learning_curve", ["learning_curve"], [1]),
        ("transfer", ["contracts"], [5]),
    ],
)
def test_without_its_files_a_section_is_not_there_and_missed(results, name, gone, tips):
    less = Results({key: path for key, path in results.inputs.items() if key not in gone}, "", "")
    assert section_of(name)(less) is None
    module = import_module(f"deeprules.report.sections.{name}")
    assert [one.tip for one in module.WITHOUT] == tips


def test_a_new_section_is_a_module_a_template_and_a_name(results, tmp_path, monkeypatch):
    folder, templates = tmp_path / "sections", tmp_path / "report"
    folder.mkdir()
    (folder / "vowels.py").write_text(NEW_MODULE)
    shutil.copytree(TEMPLATE.parent, templates)
    (templates / "sections/vowels.html.j2").write_text("{{ data_table(tables.vowels) }}")
    package = import_module("deeprules.report.sections")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    monkeypatch.setattr(page, "SECTIONS", ("verdict", "study", "vowels"))
    html = page.render_report(results, templates / TEMPLATE.name)
    assert "Names have vowels." in part(html, "vowels")
    assert "Vowels by model" in part(html, "vowels")
    card = part(html, "scorecard")
    assert "A name has few vowels." in card and '<a href="#vowels">Vowels</a>' in card
    assert '<li><a href="#vowels">Vowels</a></li>' in html
    assert isinstance(section_of("vowels")(results).findings[0], Check)


@pytest.mark.parametrize(("complete", "warns"), [(0.94, True), (0.96, False), (None, False)])
def test_attributions_that_do_not_add_up_are_a_warning(tmp_path, complete, warns):
    run = ReportFixture(tmp_path)
    run.edit("interpretation", complete=complete)
    findings = section_of("interpretation")(run.load()).findings
    assert any("add up" in one.sentence and one.status == "warn" for one in findings) == warns


def test_attempts_that_failed_are_said_to_count_as_they_do(sections):
    assert "failed or were interrupted count" in sections["cost"].tables["costs"].note


def test_too_few_sequences_for_motifs_are_not_called_all_positives(tmp_path):
    run = ReportFixture(tmp_path)
    run.edit("interpretation", sequences=20, is_enough=False, sentences=[], motifs=0)
    (sentence,) = section_of("interpretation")(run.load()).said["sentences"]
    assert "20 sequences of the development data were explained, and 50 are needed" in sentence


def test_known_motifs_are_named_at_the_level_that_is_told(tmp_path):
    run = ReportFixture(tmp_path)
    run.edit("interpretation", null_known=1, known={"name": "JASPAR"})
    found = section_of("interpretation")(run.load())
    level = as_given(Q_LEVEL)
    assert f"one of which looks like a known motif (q below {level})" in found.said["null"]
    assert f"below {level}," in found.tables["matches"].note


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"chosen": {}}, "There is no network in this run"),
        ({"config": {"interpret": False}}, "switched off"),
        ({"dataset": {"modality": "tabular"}}, "tools are not asked"),
        ({}, "`cnn` reads the activations of a pretrained model"),
    ],
)
def test_a_run_that_is_not_interpreted_says_why(facts, reason):
    class Run(dict):
        chosen, config, dataset = {"network": "cnn"}, {}, {"modality": "sequence"}

    run = Run()
    vars(run).update(facts)
    found = section_of("interpretation")(run)
    assert reason in found.lead and not found.tables
    assert isinstance(found.findings[0], Missing) and found.findings[0].tip == 8
