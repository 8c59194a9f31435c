"""What the report says of slices and of confidence."""

from dataclasses import replace

import numpy as np
import pytest
from report_fixture import TEMPLATE, ReportFixture

from deeprules.report.confidence import confidence_findings, confidence_tables
from deeprules.report.page import render_report
from deeprules.report.result_figures import all_figures
from deeprules.report.results import Results
from deeprules.report.slices import similarity_findings, slice_findings, slice_tables


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    return ReportFixture(tmp_path_factory.mktemp("run")).load()


def with_bad_batch(results: Results) -> Results:
    """Batch 1 of test is worse for the network."""
    slices = results.slices.copy()
    rows = slices.eval("partition == 'test' and model == 'cnn' and slice == '1'")
    slices.loc[rows, "adjusted"] = 0.001
    said = {"n_worse": 1, "worst": ["`cnn` is worse in batch 1."], "lowest": None}
    first, *others = results.slice_summary["models"]
    models = [first | said | {"fails_far": True}, *others]
    return replace(results, slices=slices, slice_summary=results.slice_summary | {"models": models})


def test_a_bad_slice_is_named_on_the_page_and_in_the_scorecard(results):
    bad = with_bad_batch(results)
    (check,) = slice_findings(bad)
    assert check.status == "warn" and "worse in batch 1" in check.sentence
    assert [row[2] for row in slice_tables(bad)["worst_slices"].rows] == ["1"]
    page = render_report(bad, TEMPLATE)
    assert "<code>cnn</code> is worse in batch 1." in page
    assert similarity_findings(bad)[0].status == "warn"


def test_without_a_bad_slice_both_tips_pass(results):
    (check,) = slice_findings(results)
    assert check.status == "pass" and "`cnn` and `logistic_regression`" in check.sentence
    assert [one.status for one in similarity_findings(results)] == ["pass"]
    assert slice_tables(results)["worst_slices"].rows == []


def test_slices_that_nobody_could_test_are_no_pass(results):
    summary = results.slice_summary | {"tested": {"tune": 0, "test": 0}}
    (check,) = slice_findings(replace(results, slice_summary=summary))
    assert check.status == "warn" and "large enough" in check.sentence


def test_examples_equally_similar_to_train_are_told(results):
    models = [one | {"similarity": None} for one in results.slice_summary["models"]]
    summary = results.slice_summary | {"models": models}
    (check,) = similarity_findings(replace(results, slice_summary=summary))
    assert check.status == "warn" and "equally similar" in check.sentence


def test_examples_far_from_train_that_are_too_few_are_no_pass(results):
    models = [one | {"far_is_tested": False} for one in results.slice_summary["models"]]
    summary = results.slice_summary | {"models": models}
    (check,) = similarity_findings(replace(results, slice_summary=summary))
    assert check.status == "warn" and "too few to test" in check.sentence


def test_each_column_of_slices_can_be_chosen(results):
    figures = all_figures(results)
    assert set(figures["slices"].choices) == set(results.slices["column"])
    assert list(figures["similarity"].choices) == [""]
    drawn = figures["slices"].choices["batch"]
    assert list(drawn.layout.yaxis.ticktext) == ["1", "2"]
    assert [trace.name for trace in drawn.data if "outside" not in trace.name] == [
        "cnn", "logistic regression"
    ]  # fmt: skip


def test_confidence_that_ranks_errors_passes_and_another_warns(results):
    checks = confidence_findings(results)
    assert [check.status for check in checks] == ["pass", "pass"]
    assert "of the surest 80%, .060 by largest probability and .060 by" in checks[0].sentence
    assert "from .040 to .040" in checks[0].sentence
    gains = results.confidence["metric"] == "gain"
    blind = results.confidence.assign(lower=results.confidence["lower"].mask(gains, -0.01))
    checks = confidence_findings(replace(results, confidence=blind))
    assert [check.status for check in checks] == ["warn", "warn"]


def test_confidence_table_has_a_row_for_each_measure(results):
    rows = confidence_tables(results)["confidence"].rows
    assert [(row[0], row[2]) for row in rows] == [
        ("cnn", "largest probability"),
        ("cnn", "calibrated probability"),
        ("cnn", "neighbours in train"),
        ("logistic regression", "largest probability"),
        ("logistic regression", "calibrated probability"),
    ]
    curve = all_figures(results)["confidence"].choices[""].data[0]
    assert np.allclose(np.asarray(curve.y), 1 - 0.12 * np.asarray(curve.x), atol=1e-6)


def test_a_regression_has_slices_and_says_why_it_has_no_confidence(tmp_path):
    results = ReportFixture(tmp_path, task="regression", modality="tabular").load()
    assert confidence_findings(results) == []
    assert "confidence" not in all_figures(results)
    page = render_report(results, TEMPLATE)
    assert "confidence is measured for classes only" in page
