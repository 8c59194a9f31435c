"""What the report says of a user's tool among the baselines, and nothing without one."""

import pytest
from report_fixture import TEMPLATE, ReportFixture

from deeprules.report.page import render_report
from deeprules.report.scorecard import scorecard
from deeprules.report.tools import tool_findings, tool_table


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return ReportFixture(tmp_path_factory.mktemp("run"), tool=True).load()


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    return ReportFixture(tmp_path_factory.mktemp("without")).load()


def test_the_table_names_commands_version_environment_and_files(results):
    shown = tool_table(results)
    (row,) = [dict(zip(shown.header, row, strict=True)) for row in shown.rows]
    assert row["scoring command"] == "scan {script} {examples} {scores}"
    assert row["training command"] == "none: it is not trained"
    assert (row["version"], row["environment"]) == ("scan 2.1", "scan.yaml")
    assert row["files and their SHA-256"].startswith("script 3f0a9c")


def test_tip_2_names_the_tool(results):
    reason = scorecard(results)[1]["reason"]
    assert "`motif_scanner` (scan 2.1)" in reason


def test_the_section_on_tuning_shows_the_commands(results):
    section = render_report(results, TEMPLATE).split('<section id="tuning"')[1]
    section = section.split("</section>")[0]
    assert "Tools of your own" in section and "scan {script} {examples} {scores}" in section


def test_without_a_tool_nothing_is_said_and_nothing_missing(without):
    assert tool_findings(without) == [] and not tool_table(without).rows
    assert "Tools of your own" not in render_report(without, TEMPLATE)
    assert not any("tool" in part for part in scorecard(without)[1]["missing"])
