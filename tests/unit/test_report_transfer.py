"""The report's sections on training-set size and transfer, and what tips 1 and 5 make of them."""

import numpy as np
import pytest
from report_fixture import ReportFixture, but, words_of
from report_fixture import judge as tip
from report_fixture import part as section

from deeprules.cautions import Caution, as_records
from deeprules.report.page import page_sections
from deeprules.report.results import Results
from deeprules.report.sections import learning_curve, test, transfer
from deeprules.report.sections.learning_curve import size_figure

LATER = (
    "transfer",
    "learning_curve",
    "learning_curve_table",
    "pretrained_records",
    "contracts",
    "overlaps",
)
LEAK = "The pretrained model motifs has seen 9 of the 180 test examples (5%)."
SEEN = {"n_test_seen": 9, "sentence": LEAK}
SEEN |= {"cautions": as_records([Caution("motifs has seen test examples", LEAK, 5)])}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> ReportFixture:
    return ReportFixture(tmp_path_factory.mktemp("run"), transfer=True)


@pytest.fixture(scope="module")
def results(run):
    return run.load()


@pytest.fixture(scope="module")
def page(results) -> str:
    return words_of(results)


@pytest.fixture(scope="module")
def bad_page(results) -> str:
    """A run whose pretrained model is trusted, undocumented and has seen the test set.

    Its curves have no intervals and no power law.
    """
    bad = with_overlap(with_contract(results, trust=True), **SEEN)
    records = [
        record | {"power_law": None, "doubling": None}
        for record in results.learning_curve["models"]
    ]
    bad = but(
        bad,
        pretrained=[bad.pretrained[0] | {"record": {"name": "motifs", "source": "pretrain"}}],
        learning_curve_table=results.learning_curve_table.assign(lower=np.nan, upper=np.nan),
        learning_curve=results.learning_curve | {"models": records},
    )
    return words_of(bad)


def with_overlap(results, **changes):
    (one,) = results.pretrained
    return but(results, pretrained=[one | {"overlap": one["overlap"] | changes}])


def with_contract(results, **changes):
    (one,) = results.pretrained
    return but(results, pretrained=[one | {"contract": one["contract"] | changes}])


# Runs with and without


def test_a_run_without_these_stages_has_neither_section(run):
    old = {name: path for name, path in run.inputs.items() if name not in LATER}
    results = Results(old, **run.params)
    assert results.pretrained == [] and "learning_curve" not in results
    assert {"learning_curve", "transfer"}.isdisjoint(page_sections(results))
    page = words_of(results)
    assert '<section id="transfer"' not in page and '<section id="learning_curve"' not in page
    assert "score against the size of train" in " ".join(tip(results, 1)["missing"])
    assert "transfer from a trained model" in " ".join(tip(results, 5)["missing"])


@pytest.mark.parametrize("missing", ["learning_curve", "pretrained"])
def test_either_stage_can_stand_alone(run, missing):
    gone = LATER[1:3] if missing == "learning_curve" else (LATER[0], *LATER[3:])
    inputs = {name: path for name, path in run.inputs.items() if name not in gone}
    page = words_of(Results(inputs, **run.params))
    assert ('<section id="learning_curve"' in page) == (missing != "learning_curve")
    assert ('<section id="transfer"' in page) == (missing != "pretrained")


# Training-set size


def test_what_the_chosen_models_show_is_said_and_the_rest_is_in_the_table(page, results):
    text = section(page, "learning_curve")
    assert "<code>cnn</code>: AUPRC on tune" in text
    assert "<code>random_forest</code>: AUPRC" not in text
    assert "overtakes <code>logistic_regression</code> at about 310" in text
    assert "raised to 84" in text
    rows = learning_curve.section(results).tables["power_laws"].rows
    assert [row[0] for row in rows][-1] == "nearest neighbours"
    assert "composition" not in {row[0] for row in rows}


def test_a_model_without_intervals_or_a_fitted_curve_is_shown(results, bad_page):
    text = section(bad_page, "learning_curve")
    assert ">-</td>" in text and "nan" not in text
    records = [
        record | {"power_law": None, "doubling": None}
        for record in results.learning_curve["models"]
    ]
    bare = but(results, learning_curve=results.learning_curve | {"models": records})
    assert learning_curve.section(bare).tables["power_laws"].rows[0][3:] == ["-"] * 4
    assert tip(bare, 1)["status"] == "warn"


def test_bands_are_the_intervals_and_the_axis_is_logarithmic(results):
    figure = size_figure(results.learning_curve_table, results.kinds, "auprc")
    rows = results.learning_curve_table.query("model == 'cnn' and metric == 'auprc'")
    band, line = (
        next(
            trace
            for trace in figure.data
            if trace.legendgroup == "cnn" and (trace.fill is None) == is_line
        )
        for is_line in (False, True)
    )
    assert list(band.y) == [*rows["upper"], *rows["lower"][::-1]]
    assert list(band.x) == [*rows["n"], *rows["n"][::-1]]
    assert list(line.y) == list(rows["score"])
    assert figure.layout.xaxis.type == "log"


def test_colours_of_networks_differ(results):
    figure = size_figure(results.learning_curve_table, results.kinds, "auprc")
    colours = [trace.line.color for trace in figure.data if trace.mode == "lines+markers"]
    assert len(set(colours)) == len(colours)


def with_record(results, model="cnn", **changes):
    records = [
        record | (changes if record["model"] == model else {})
        for record in results.learning_curve["models"]
    ]
    return but(results, learning_curve=results.learning_curve | {"models": records})


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"doubling": {"value": 0.01, "lower": -0.01, "upper": 0.03}}, "pass", "paired comparison"),
        ({"doubling": {"value": 0.03, "lower": 0.01, "upper": 0.05}}, "warn", "with 84 training"),
        (
            {"doubling": {"value": 0.03, "lower": 0.01, "upper": 0.05}, "minimum_gain": 0.04},
            "pass",
            "paired comparison",
        ),
        ({"rise": {"value": -0.1, "lower": -0.2, "upper": -0.05}}, "fail", "points to a fault"),
    ],
)
def test_tip_1_reads_the_curve_of_the_chosen_network(results, changes, status, words):
    row = tip(with_record(results, **changes), 1)
    assert row["status"] == status and words in row["reason"]
    assert "score against the size of train" not in row["missing"]


def test_tip_1_warns_where_another_model_would_win_with_more_data(results):
    crossing = results.learning_curve["overtaking"] | {"n": 3000, "sentence": "It would overtake."}
    later = but(results, learning_curve=results.learning_curve | {"overtaking": crossing})
    assert "It would overtake." in tip(later, 1)["reason"]
    assert "overtake" not in tip(results, 1)["reason"]


# Transfer


def test_comparisons_origin_and_checks_are_shown(page, results):
    text = section(page, "transfer")
    for words in (
        "<code>motif_finetuned</code>), helps",
        "<code>motif_features</code>), shows no gain",
        "https://example.org/models/Motifs/weights.h5",
        "MIT",
        "3f0a9c",
        "axes length_channel",
        "it sees their centre",
        "has seen 0 of the 180 test examples",
        "does not run",
    ):
        assert words in text
    table = transfer.section(results).tables["transfer"]
    assert table.rows[1][4:] == [".050", ".020", ".080", "helps"]


def test_the_sample_efficiency_of_a_family_is_drawn(results):
    choices = transfer.section(results).figures["transfer_sizes"].drawn
    names = {trace.name for trace in choices["motifs"].data if trace.name}
    best = results.frozen["chosen"]["baseline"].replace("_", " ")
    assert names == {"motif features", "motif finetuned", "motif scratch", "cnn", best}
    rows = transfer.section(results).tables["transfer_sizes"].rows
    assert {row[0] for row in rows} == names and len(rows) == 25


def test_pairs_with_the_twin_stand_in_the_paired_comparison(results):
    rows = test.section(results).tables["comparison"].rows
    assert ["motif finetuned", "motif scratch", "network"] in [row[:3] for row in rows]


def test_a_good_run_passes_tip_5(results, page):
    row = tip(results, 5)
    assert row["status"] == "pass" and "transfer" in row["evidence"]
    assert 'class="notice" role' not in section(page, "transfer")


def test_a_leak_into_the_test_set_opens_the_section_and_fails_tip_5(results, bad_page):
    leaked = with_overlap(results, **SEEN)
    text = section(bad_page, "transfer")
    assert text.index('class="notice" role') < text.index(LEAK)
    row = tip(leaked, 5)
    assert row["status"] == "fail" and LEAK in row["reason"]


def test_an_unknown_training_set_warns(results):
    unknown = with_overlap(results, n_test_seen=None, sentence="Nobody knows what it has seen.")
    assert transfer.transfer_warnings(unknown.pretrained) == ["Nobody knows what it has seen."]
    assert tip(unknown, 5)["status"] == "warn"


def test_trusted_code_warns(results, bad_page):
    text = section(bad_page, "transfer")
    assert "is trusted (<code>trust: true</code>)" in text and "may run (trusted)" in text
    assert "is trusted" in tip(with_contract(results, trust=True), 5)["reason"]


def test_an_unstated_licence_warns(results, bad_page):
    (one,) = results.pretrained
    bare = [one | {"record": one["record"] | {"licence": "not stated"}}]
    assert "No licence" in tip(but(results, pretrained=bare), 5)["reason"]
    assert "No licence is stated" in section(bad_page, "transfer")
    of_config = {"licence": "not stated", "pretraining": {"config_sha256": "3f0a9c"}}
    own = [one | {"record": one["record"] | of_config}]
    assert "No licence" not in tip(but(results, pretrained=own), 5)["reason"]


@pytest.mark.parametrize("outcome", ["hurts", "not compared"])
def test_transfer_that_hurts_or_has_no_twin_warns(results, outcome):
    numbers = dict.fromkeys(["difference", "lower", "upper", "scratch"])
    record = results.transfer["pretrained"][0] | numbers | {"outcome": outcome, "sentence": "So."}
    row = tip(but(results, transfer={"pretrained": [record]}), 5)
    assert row["status"] == "warn" and "So." in row["reason"]
