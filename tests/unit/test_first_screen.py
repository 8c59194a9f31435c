"""The first screen: verdict, figure, ten marks, and the five gravest things against it."""

import re

import pandas as pd
import pytest
from report_fixture import ReportFixture, but, part, words_of

from deeprules.cautions import Caution, as_records
from deeprules.report.against import Against, against
from deeprules.report.answer import answer_figure, answer_rows, draw_answer, worth
from deeprules.report.page import PARTS, SECTIONS, page_parts, page_sections
from deeprules.report.results import Results
from deeprules.report.section import Check, Section

MANY = [
    Caution("Few trials", "Fewer than 10 trials: `cnn` (4). Raise it.", 6),
    Caution("Training was cut short", "In 2 of 2 fits of `cnn`. Raise it.", 3),
    Caution("Repeats without a declared group", "12 ids look alike. Declare it.", 9),
    Caution("Test is unlike tune", "Median .4 against .6. It may not hold.", 7),
    Caution("A single feature tells the label", "`a` with .999. Take it out.", 4),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    return ReportFixture(tmp_path_factory.mktemp("run")).load()


def with_verdict(results: Results, **changes) -> Results:
    return but(results, verdict=results.verdict | changes)


def screen(results: Results) -> str:
    """What is seen of the verdict before anything is unfolded."""
    return re.sub(r"<details.*?</details>", "", part(words_of(results), "verdict"), flags=re.DOTALL)


# The figure


def test_the_figure_has_a_point_with_its_interval_for_each_side(results):
    drawn = answer_figure(results).drawn[""]
    points = [trace for trace in drawn.data if trace.mode == "markers"]
    assert [one.name for one in points] == [
        "network: cnn",
        "baseline: logistic regression",
        "nuisance floor: composition",
    ]
    rows = answer_rows(results).set_index("kind")
    for one, kind in zip(points, rows.index, strict=True):
        assert one.x[0] + one.error_x.array[0] == pytest.approx(rows.loc[kind, "upper"])


def test_the_band_is_the_smallest_gain_from_the_baseline(results):
    (band,) = [one for one in answer_figure(results).drawn[""].data if one.fill == "toself"]
    base = answer_rows(results).set_index("kind").loc["baseline", "value"]
    assert [min(band.x), max(band.x)] == pytest.approx([base, base + 0.02])


def test_the_band_lies_on_the_side_that_is_better(tmp_path):
    results = ReportFixture(tmp_path, task="regression", modality="tabular").load()
    base, least = worth(with_verdict(results, metric="mae"))
    assert least == pytest.approx(base - 0.02)
    assert "lies left of it" in answer_figure(with_verdict(results, metric="mae")).caption


def test_scores_below_zero_and_without_an_interval_are_drawn():
    rows = pd.DataFrame(
        [("mlp", "network", 0.4, 0.3, 0.5), ("mean", "nuisance", -0.6, None, None)],
        columns=["model", "kind", "value", "lower", "upper"],
    ).astype({"lower": float, "upper": float})
    drawn = draw_answer(rows, "r2", None, 0.02)
    low, high = drawn.layout.xaxis.range
    assert low < -0.6 and high > 0.5
    assert [name.split("<br>")[-1] for name in drawn.layout.yaxis.ticktext] == [
        "<b>.400 [.300, .500]</b>",
        "<b>-.600</b>",
    ]
    assert all(trace.fill is None for trace in drawn.data)


@pytest.mark.parametrize(
    ("without", "words"),
    [("nuisance", "nuisance floor"), ("network", "network"), ("baseline", "baseline")],
)
def test_what_was_not_entered_is_said(tmp_path, without, words):
    results = ReportFixture(tmp_path, without=without).load()
    figure = answer_figure(results)
    assert f"No {words} is shown" in figure.caption
    assert len(answer_rows(results)) == 2
    assert ("The band" in figure.caption) == (without != "baseline")


def test_without_any_score_there_is_no_figure(results):
    assert answer_figure(but(results, scores=results.scores.iloc[:0])).is_empty


def test_a_long_name_is_broken_for_narrow_screens(results):
    rows = answer_rows(results).assign(model="a_model_with_a_name_that_is_rather_long_of_itself")
    names = draw_answer(rows, "auprc", None, None).layout.yaxis.ticktext
    assert max(len(line) for line in names[0].split("<br>")) <= 24
    assert "rather long" in names[0]


# What weighs against it


def check(sections: dict[str, list[Check]], told: str = "") -> list[Against]:
    return against(
        {name: Section(name.title(), findings=one) for name, one in sections.items()}, told
    )


def test_the_gravest_stands_first():
    found = check(
        {
            "verdict": [Check(6, "warn", "Four trials.", "Few trials")],
            "run": [Check(3, "warn", "Not committed.")],
            "data": [Check(10, "warn", "No licence."), Check(4, "warn", "No batch.")],
            "test": [Check(7, "fail", "No interval."), Check(1, "pass", "Fine.")],
        }
    )
    said = [one.sentence for one in found]
    assert said == ["No interval.", "Four trials.", "No batch.", "Not committed.", "No licence."]


def test_what_two_sections_say_stands_once_and_leads_to_the_one_that_found_it():
    (one,) = check(
        {
            "verdict": [Check(4, "warn", "`a` tells it alone, with .999.", "A giveaway")],
            "giveaways": [Check(4, "fail", "A giveaway.", "A giveaway")],
        }
    )
    assert one == Against(
        "A giveaway", "`a` tells it alone, with .999.", "fail", "giveaways", "Giveaways"
    )


def test_what_the_verdict_gives_as_its_reason_is_not_said_again():
    assert (
        check({"verdict": [Check(4, "fail", "A leaks.", "A leak")]}, "No verdict: A leaks.") == []
    )


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("AUPRC is .9 [.8, .95]. Raise it.", "AUPRC is .9 [.8, .95]."),
        ("`cnn` (4). A longer search helps. More.", "`cnn` (4)."),
        ("One sentence", "One sentence"),
        ("At most 0.0 hours for 4 trials. More.", "At most 0.0 hours for 4 trials."),
    ],
)
def test_a_line_is_the_first_sentence(sentence, first):
    assert Against("", sentence, "warn", "data", "Data").short == first


def test_at_most_five_lines_and_the_number_of_the_others(results):
    seen = screen(with_verdict(results, cautions=as_records(MANY)))
    lines = re.findall(r'<li class="(?:warn|fail)">', seen)
    n = len(
        page_sections(with_verdict(results, cautions=as_records(MANY)))["verdict"].said["against"]
    )
    assert len(lines) == 5 < n
    assert f'<a href="#against">and {n - 5} more</a>' in seen
    assert (
        "<strong>A single feature tells the label:</strong>" in seen and "Take it out" not in seen
    )


def test_a_good_run_has_nothing_against_it(results):
    sections = page_sections(results)
    for section in sections.values():
        section.findings = [one for one in section.findings if getattr(one, "status", "") == "pass"]
    assert against(sections, "") == []


# The page


def test_ten_marks_lead_to_the_findings_and_say_their_status_in_words(results):
    page = words_of(results)
    marks = re.findall(r'<li><a class="[a-z-]+" href="#tip-(\d+)" title="[^"]+: ([a-z ]+)">', page)
    assert [int(tip) for tip, _ in marks] == list(range(1, 11))
    card = part(page, "scorecard")
    for tip, status in marks:
        row = card.split(f'<li id="tip-{tip}">')[1].split("</li>")[0]
        assert f'">{status}</span>' in row


def test_the_label_is_not_said_twice(results):
    changes = {"verdict": "withheld", "sentence": "No verdict: the test set is too small."}
    seen = screen(with_verdict(results, **changes))
    assert seen.count("No verdict") == 1 and "The test set is too small." in seen


def test_every_section_but_the_verdict_is_folded(results):
    page = words_of(results)
    for name in page_sections(results):
        folded = '<details class="section">' in part(page, name)
        assert folded == (name != "verdict")


def test_parts_hold_every_section_once_in_the_order_of_the_argument(results):
    sections = page_sections(results)
    parts = page_parts(sections)
    names = [name for members in parts.values() for name in members]
    assert sorted(names) == sorted(sections) and names[:2] == ["verdict", "scorecard"]
    assert set(PARTS) <= set(SECTIONS) and names[-1] == "files"


def test_a_part_stays_without_the_section_that_it_begins_with(results):
    sections = page_sections(results)
    del sections["shuffled_labels"]
    assert page_parts(sections)["Whether that holds"][0] == "giveaways"


def test_the_report_says_what_can_be_made_of_it(results):
    config = results.config | {"predict": {"other_lab": {}}, "variants": {}}
    page = part(words_of(but(results, config=config)), "verdict")
    for words in ("make paper", "results/paper/", "snakemake predict", "<code>other_lab</code>"):
        assert words in page
    assert '<a href="#interpretation">' in page
    assert "make paper" in part(words_of(results), "scorecard")
