"""What the report says of homologs, split stringency and batches left out."""

import re

import pytest
from report_fixture import ReportFixture, part, words_of

from deeprules.report.page import page_sections
from deeprules.report.section import Check, Missing
from deeprules.report.sections import split_stringency


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return ReportFixture(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def results(run):
    return run.load()


@pytest.fixture(scope="module")
def page(results):
    return words_of(results)


def found_by(results):
    """What the sections on the split, on batches and on stringency find on tip 7."""
    sections = page_sections(results)
    names = [name for name in ("split", "split_stringency", "batch") if name in sections]
    found = [one for name in names for one in sections[name].findings if one.tip == 7]
    return found + [one for one in split_stringency.WITHOUT if "split_stringency" not in sections]


def with_drop(folder):
    """A run whose test set has homologs in train, and whose models fall with stricter splits."""
    run = ReportFixture(folder)
    run.edit_table("homologs", lambda table: table.assign(with_homologs=36, share=0.2))
    entries = run.load().split_stringency["entries"]
    for one in entries:
        if one["split"] == "homology":
            said = f"`{one['model']}`: a random split makes it look better by .100."
            one |= {"score": 0.74, "drop": 0.1, "is_below": True, "sentence": said}
    run.edit("split_stringency", entries=entries)
    models = run.load().left_out_batches["models"]
    run.edit("left_out_batches", models=[one | {"drop": 0.2, "lower": 0.1} for one in models])
    return run.load()


def test_a_run_without_leaks_passes(results):
    found = found_by(results)
    assert {one.status for one in found} == {"pass"}
    assert "No test example is in a cluster" in found[0].sentence
    assert "(group, batch, homology)" in found[1].sentence


def test_homologs_drops_and_lost_batches_are_warned_of(tmp_path):
    found = found_by(with_drop(tmp_path))
    assert {one.status for one in found} == {"warn"}
    text = " ".join(one.sentence for one in found)
    assert "36 of the 180 examples in test (20%)" in text
    assert text.count("look better by .100") == 2 and text.count("on a batch never seen") == 2


def test_what_a_run_has_not_got_is_missing(tmp_path):
    run = ReportFixture(tmp_path)
    for name in ("split_stringency", "left_out_batches"):
        run.inputs.pop(name)
        run.inputs.pop(f"{name}_table")
    found = run.load()
    kinds = [type(one) for one in found_by(found)]
    assert kinds == [Check, Missing, Missing]
    page = words_of(found)
    assert 'id="split_stringency"' not in page and "left out" not in part(page, "batch")


def test_without_units_for_a_stricter_split_the_section_says_so(tmp_path):
    run = ReportFixture(tmp_path, modality="tabular", has_batch=False, has_group=False)
    found = run.load()
    assert [type(one) for one in found_by(found)] == [Missing]
    assert "homologs" not in page_sections(found)["split"].tables
    words_of(found)


def test_the_section_has_its_table_figure_and_reasons(results, page):
    text = part(page, "split_stringency")
    assert "similar sequences kept together" in text and 'data-figure="split_stringency"' in text
    assert "chromosome: The units of strategy chromosome are too few." in text
    assert "by identity to the most similar training example" in text
    made = split_stringency.section(results)
    assert len(made.tables["identity"].rows) == 2 * 3
    assert len(made.figures["split_stringency"].drawn[""].data) == 2


def test_the_drop_on_unseen_batches_opens_the_section_on_batches(page):
    text = re.sub(r"<[^>]*>", " ", part(page, "batch").split("</h2>")[1])
    assert ".011" in text.split()[:3]
    assert "Undefined: no promoter in it." in text


def test_homologs_stand_with_the_split(page):
    text = part(page, "split")
    assert "similar to train" in text and "results/homology/partitions.tsv" in text
