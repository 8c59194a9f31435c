"""What the report says of slices and of confidence."""

import numpy as np
import pytest
from report_fixture import ReportFixture, but, words_of

from deeprules.report.results import Results
from deeprules.report.sections import confidence, slices


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    return ReportFixture(tmp_path_factory.mktemp("run")).load()


def found(results: Results, tip: int) -> list:
    """What the section on slices finds on a tip."""
    return [one for one in slices.section(results).findings if one.tip == tip]


def with_bad_batch(results: Results) -> Results:
    """Batch 1 of test is worse for the network."""
    table = results.slices.copy()
    rows = table.eval("partition == 'test' and model == 'cnn' and slice == '1'")
    table.loc[rows, "adjusted"] = 0.001
    said = {"n_worse": 1, "worst": ["`cnn` is worse in batch 1."], "lowest": None}
    first, *others = results.slice_summary["models"]
    models = [first | said | {"fails_far": True}, *others]
    return but(results, slices=table, slice_summary=results.slice_summary | {"models": models})


def test_a_bad_slice_is_named_on_the_page_and_in_the_scorecard(results):
    bad = with_bad_batch(results)
    (check,) = found(bad, 9)
    assert check.status == "warn" and "worse in batch 1" in check.sentence
    assert [row[2] for row in slices.section(bad).tables["worst_slices"].rows] == ["1"]
    page = words_of(bad)
    assert "<code>cnn</code> is worse in batch 1." in page
    assert found(bad, 7)[0].status == "warn"


def test_without_a_bad_slice_both_tips_pass(results):
    (check,) = found(results, 9)
    assert check.status == "pass" and "`cnn` and `logistic_regression`" in check.sentence
    assert [one.status for one in found(results, 7)] == ["pass"]
    assert slices.section(results).tables["worst_slices"].rows == []


def test_slices_that_nobody_could_test_are_no_pass(results):
    summary = results.slice_summary | {"tested": {"tune": 0, "test": 0}}
    (check,) = found(but(results, slice_summary=summary), 9)
    assert check.status == "warn" and "large enough" in check.sentence


def test_examples_equally_similar_to_train_are_told(results):
    models = [one | {"similarity": None} for one in results.slice_summary["models"]]
    summary = results.slice_summary | {"models": models}
    (check,) = found(but(results, slice_summary=summary), 7)
    assert check.status == "warn" and "equally similar" in check.sentence


def test_examples_far_from_train_that_are_too_few_are_no_pass(results):
    models = [one | {"far_is_tested": False} for one in results.slice_summary["models"]]
    summary = results.slice_summary | {"models": models}
    (check,) = found(but(results, slice_summary=summary), 7)
    assert check.status == "warn" and "too few to test" in check.sentence


def test_each_column_of_slices_can_be_chosen(results):
    figures = slices.section(results).figures
    assert set(figures["slices"].choices) == set(results.slices["column"])
    assert list(figures["similarity"].choices) == [""]
    drawn = figures["slices"].drawn["batch"]
    assert list(drawn.layout.yaxis.ticktext) == ["1", "2"]
    assert [trace.name for trace in drawn.data if "outside" not in trace.name] == [
        "cnn", "logistic regression"
    ]  # fmt: skip


def test_confidence_that_ranks_errors_passes_and_another_warns(results):
    checks = confidence.section(results).findings
    assert [check.status for check in checks] == ["pass", "pass"]
    assert "of the surest 80%, .060 by largest probability and .060 by" in checks[0].sentence
    assert "from .040 to .040" in checks[0].sentence
    gains = results.confidence["metric"] == "gain"
    blind = results.confidence.assign(lower=results.confidence["lower"].mask(gains, -0.01))
    checks = confidence.section(but(results, confidence=blind)).findings
    assert [check.status for check in checks] == ["warn", "warn"]


def test_confidence_table_has_a_row_for_each_measure(results):
    rows = confidence.section(results).tables["confidence"].rows
    assert [(row[0], row[2]) for row in rows] == [
        ("cnn", "largest probability"),
        ("cnn", "calibrated probability"),
        ("cnn", "neighbours in train"),
        ("logistic regression", "largest probability"),
        ("logistic regression", "calibrated probability"),
    ]
    curve = confidence.section(results).figures["confidence"].drawn[""].data[0]
    assert np.allclose(np.asarray(curve.y), 1 - 0.12 * np.asarray(curve.x), atol=1e-6)


def test_a_regression_has_slices_and_says_why_it_has_no_confidence(tmp_path):
    results = ReportFixture(tmp_path, task="regression", modality="tabular").load()
    assert confidence.section(results).findings == []
    assert confidence.section(results).figures == {}
    page = words_of(results)
    assert "confidence is measured for one label of classes" in page
