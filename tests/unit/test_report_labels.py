"""The section on several labels reads well with few of them and with many."""

import pytest
from report_fixture import ReportFixture

from deeprules.report.sections import labels, verdict


@pytest.mark.parametrize(("n", "is_long"), [(3, False), (50, True)])
def test_labels_are_counted_by_verdict_and_shown_in_one_heat_map(tmp_path, n, is_long):
    results = ReportFixture(tmp_path, labels=n).load()
    section = labels.section(results)
    assert section.said["is_long"] == is_long
    counts = [int(one.split(": ")[1].split(" of ")[0]) for one in section.said["counts"]]
    assert sum(counts) == n
    assert f"{labels.NOT_HELD}: 1 of {n} labels." in section.said["counts"]
    (heat_map,) = section.figures["label_scores"].drawn["AUPRC"].data
    assert len(heat_map.y) == n and next(iter(heat_map.x)) == "cnn"
    assert len(section.tables["verdicts"].rows) == n
    assert "Joint training helps" in section.said["joint"][0]
    assert "same budget" in section.said["joint"][-1]
    (gains, *_) = section.figures["joint"].drawn["cnn"].data
    assert len(gains.y) == n


def test_labels_for_which_a_network_is_better_and_worse_are_a_warning(tmp_path):
    section = labels.section(ReportFixture(tmp_path, labels=3).load())
    assert [one.status for one in section.findings] == ["pass", "warn"]
    assert "better for some labels and worse for others" in section.findings[1].sentence


def test_values_are_neither_present_nor_absent(tmp_path):
    results = ReportFixture(tmp_path, labels=3).load()
    for label in results.label_verdicts["labels"]:
        label["test"]["present"] = None
    results.label_scores["present"] = None
    tables = labels.section(results).tables
    place = tables["verdicts"].header.index("present")
    assert {row[place] for row in tables["verdicts"].rows} == {"-"}
    assert len(tables["scores"].rows)


def test_the_first_screen_says_whether_joint_training_helps(tmp_path):
    said = verdict.section(ReportFixture(tmp_path, labels=3).load()).said
    assert said["answers"][-1] == (verdict.JOINT, "yes", "yes")
    assert said["reasons"][-1].startswith("Joint training helps")
    alone = verdict.section(ReportFixture(tmp_path / "alone").load()).said
    assert verdict.JOINT not in [question for question, *_ in alone["answers"]]


def test_a_study_of_one_label_has_no_such_section(tmp_path):
    assert labels.section(ReportFixture(tmp_path).load()) is None
