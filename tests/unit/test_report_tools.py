"""What the report says of a user's tool among the baselines, and nothing without one."""

import pytest
from report_fixture import ReportFixture, judge, part, words_of

from deeprules.report.sections import tuning


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return ReportFixture(tmp_path_factory.mktemp("run"), tool=True).load()


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    return ReportFixture(tmp_path_factory.mktemp("without")).load()


def test_the_table_names_commands_version_environment_and_files(results):
    shown = tuning.section(results).tables["tools"]
    (row,) = [dict(zip(shown.header, row, strict=True)) for row in shown.rows]
    assert row["scoring command"] == "scan {script} {examples} {scores}"
    assert row["training command"] == "none: it is not trained"
    assert (row["version"], row["environment"]) == ("scan 2.1", "scan.yaml")
    assert row["files and their SHA-256"].startswith("script 3f0a9c")


def test_tip_2_names_the_tool(results):
    reason = judge(results, 2)["reason"]
    assert "`motif_scanner` (scan 2.1)" in reason


def test_the_section_on_tuning_shows_the_commands(results):
    section = part(words_of(results), "tuning")
    assert "Tools of your own" in section and "scan {script} {examples} {scores}" in section


def test_without_a_tool_nothing_is_said_and_nothing_missing(without):
    assert not tuning.section(without).tables["tools"].rows
    assert "Tools of your own" not in words_of(without)
    assert "Tools of your own" not in judge(without, 2)["reason"]
    assert not any("tool" in one for one in judge(without, 2)["missing"])
