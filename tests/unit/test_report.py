import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_fixture import TEMPLATE, ReportFixture, but, part, words_of

from deeprules.errors import InputError
from deeprules.report import evaluation_figures, score_figures
from deeprules.report.figures import MAX_POINTS, figure_data
from deeprules.report.page import code_spans, page_figures, page_sections, render_report
from deeprules.report.parallel_coordinates import parallel_coordinates
from deeprules.report.results import Results
from deeprules.report.sections import batch, training, tuning, verdict
from deeprules.report.sections import test as on_test
from deeprules.report.sections.verdict import verdict_box
from deeprules.report.tables import table
from deeprules.wording import format_bytes, format_count, format_duration, format_setting

SECTIONS = "verdict scorecard study data audit split batch tuning training test slices confidence"
SECTIONS += " ledger run files"


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> ReportFixture:
    return ReportFixture(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def results(run) -> Results:
    return run.load()


@pytest.fixture(scope="module")
def page(results) -> str:
    return render_report(results, TEMPLATE)


def own_part(page: str) -> str:
    """The page without Plotly's own script."""
    return re.sub(r"<script>/\*\*\s+\* plotly.*?</script>", "", page, flags=re.DOTALL)


# Loading


def test_fits_are_one_number_a_row(results):
    cnn = results.fits.query("model == 'cnn' and metric == 'auroc' and partition == 'tune'")
    assert list(cnn["seed"]) == ["1", "2", "3"]
    assert set(cnn["kind"]) == {"network"}


def test_histories_are_those_of_networks(results):
    assert set(results.losses["model"]) == {"cnn"}
    assert results.losses.groupby("seed").size().to_dict() == {"1": 30, "2": 30, "3": 30}


def test_what_jobs_used_is_summed_by_rule(results):
    rules = results.rule_costs.set_index("rule")
    assert rules.loc["fit_model", "jobs"] == 24
    assert rules.loc["tune_model", "seconds"] == pytest.approx(8 * 41.3)
    assert rules.loc["tune_model", "core_seconds"] == pytest.approx(8 * 40.1)
    assert rules.loc["download_source", "memory_mb"] == 812.5


def test_names_that_look_like_numbers_or_missing_values_stay_names(run, tmp_path):
    path = tmp_path / "classes.tsv"
    path.write_text("label\tn\n01\t3\nNA\t4\n")
    loaded = Results(run.inputs | {"classes": str(path)}, **run.params)
    assert list(loaded.classes["label"]) == ["01", "NA"]


def test_missing_file_is_named(run):
    with pytest.raises(InputError, match=r"nowhere/verdict\.json"):
        _ = Results(run.inputs | {"verdict": "nowhere/verdict.json"}, **run.params).verdict


@pytest.mark.parametrize("name", ["tests", "verdict", "predictions", "trials"])
def test_an_emptied_file_is_no_table_without_rows(run, tmp_path, name):
    path = tmp_path / Path(run.inputs[name]).name
    path.write_bytes(b"")
    with pytest.raises(InputError, match=rf"{path.name}: is empty or damaged"):
        getattr(Results(run.inputs | {name: str(path)}, **run.params), name)


def test_a_ledger_without_the_opening_that_is_reported_is_refused(tmp_path):
    run = ReportFixture(tmp_path)
    ledger = tmp_path / "records/ledger"
    shutil.rmtree(ledger / "examples")
    (ledger / "openings.jsonl").write_text("")
    with pytest.raises(InputError, match="has no entry of the opening"):
        _ = run.load().openings


def test_edited_ledger_is_refused(tmp_path):
    run = ReportFixture(tmp_path)
    ledger = tmp_path / "records/ledger/openings.jsonl"
    ledger.write_text(ledger.read_text().replace('"first"', '"third"'))
    with pytest.raises(InputError, match="edited"):
        _ = run.load().openings


def test_a_name_that_no_file_has_is_an_error(results):
    with pytest.raises(AttributeError, match="scoers: not among the files"):
        _ = results.scoers
    assert "learning_curve" not in results and "scores" in results


def test_a_result_is_read_when_it_is_asked_for(run):
    found = Results(run.inputs | {"scores": "nowhere/scores.tsv"}, **run.params)
    assert found.objective == "auprc"


# The page


def test_every_section_is_there_and_the_file_is_small(page):
    for name in SECTIONS.split():
        assert f'<section id="{name}"' in page
    assert len(page.encode()) < 7e6


def test_page_asks_for_nothing_else(page):
    own = own_part(page)
    assert len(own) < 0.5e6
    assert not re.search(r"""(src|srcset|action)\s*=|<link[^>]+href=["'](?!data:)|@import""", own)
    assert not re.search(r"url\((?!data:)|\bfetch\(|XMLHttpRequest|WebSocket", own)


def test_page_names_a_file_for_every_figure(page, results):
    for figure in page_figures(page_sections(results)).values():
        assert str(code_spans(figure.file)) in page


@pytest.mark.parametrize(
    "variation",
    [
        {"task": "multiclass", "modality": "tabular", "has_batch": False, "without": "nuisance"},
        {"task": "regression", "modality": "tabular", "has_group": False},
        {"without": "network"},
        {"without": "baseline"},
    ],
    ids=str,
)
def test_variations_render(tmp_path, variation):
    run = ReportFixture(tmp_path, **variation)
    page = own_part(render_report(run.load(), TEMPLATE))
    for name in SECTIONS.split():
        assert f'<section id="{name}"' in page
    data = re.search(r'id="figure-data">(.*?)</script>', page).group(1)
    json.loads(data, parse_constant=pytest.fail)
    assert ">nan<" not in page


def test_markup_in_the_data_stays_text(results):
    evil = "</script><script>alert(1)</script>"
    pca = results.pca.assign(batch=evil)
    study = {"study": results.study["study"] | {"title": evil}, "sha256": "0" * 64}
    page = render_report(but(results, pca=pca, study=study), TEMPLATE)
    assert "alert(1)" in page
    assert "<script>alert(1)" not in page


def test_failed_trials_are_visible(page):
    assert "loss became NaN in epoch 2" in page
    assert "<td>failed</td>" in page


def test_whole_configuration_stands_in_the_page(page):
    assert "minimum_gain: 0.02" in page


@pytest.mark.parametrize(
    ("answers", "label", "said"),
    [
        (("network", "better", "yes"), "Use the network", ["yes", "yes"]),
        (
            ("no_difference", "better", "open"),
            "The network is better; open whether by enough",
            ["yes", "open"],
        ),
        (("baseline", "better", "no"), "the network is better, by too little", ["yes", "no"]),
        (
            ("no_difference", "not_shown", "open"),
            "Better than the chosen baseline, not shown for every other model",
            ["not shown", "open"],
        ),
        (("baseline", "not_shown", "no"), "Use the baseline", ["not shown", "no"]),
        (("baseline", "worse", "no"), "the network is worse", ["no, it is worse", "no"]),
        (("withheld", "better", "yes"), "No verdict", []),
    ],
)
def test_the_box_answers_two_questions_apart(results, answers, label, said):
    changes = dict(zip(("verdict", "difference_shown", "worth_it"), answers, strict=True))
    box = verdict_box(results.verdict | changes)
    assert label in box["label"]
    assert [answer for _, answer, _ in box["answers"]] == said


def test_untracked_ledger_is_told_in_its_section(results, page):
    words = "The ledger is not under version control"
    assert words in page.split('<section id="ledger"')[1]
    tracked = but(results, ledger_tracked=True)
    assert words not in words_of(tracked)


def test_test_examples_took_no_part_only_if_they_were_not_opened_before(results, page):
    assert "took no part in any choice" in page
    reopened = but(results, opening=results.opening | {"n_openings": 2})
    assert "took no part in any choice" not in words_of(reopened)


def test_the_reason_for_another_opening_stands_in_its_section(results):
    entries = [entry | {"reason": "Reviewers asked for it."} for entry in results.openings]
    assert "Reviewers asked for it." in part(words_of(but(results, openings=entries)), "ledger")


@pytest.mark.parametrize(
    ("tuning", "words"),
    [
        ({"strategy": "random", "trials": 1}, "random search, one trial a model, scored"),
        ({"strategy": "grid", "trials": 20}, "grid search, up to 20 trials a model, scored"),
        ({"strategy": "hyperband", "trials": 20}, "follows from the most epochs, scored"),
    ],
)
def test_number_of_trials_is_told_as_it_is(results, tuning, words):
    config = results.config | {"tuning": tuning}
    page = words_of(but(results, config=config))
    lead = page.split('<section id="tuning"')[1].split("</p>")[0]
    assert words in " ".join(lead.split())


def test_weighing_of_classes_is_noted_where_one_is_large(results, page):
    assert 'id="probability-note"' not in page
    large = but(results, classes=results.classes.assign(n=[700, 300]))
    note = words_of(large).split('id="probability-note">')[1].split("</p>")[0]
    assert "70% of the examples" in note
    assert "<code>nearest_neighbours</code>" in note
    assert "support_vector_machine" not in note


def test_baselines_that_were_fitted_to_a_part_of_train_are_named(results, page):
    n_train = results.split["sizes"]["train"]["n"]
    settings = [
        one | {"settings": one["settings"] | {"fitted_on": 500}} for one in results.settings
    ]
    shown = words_of(but(results, settings=settings))
    assert f"Not fitted to all {n_train:,} examples of train" in shown
    assert "<code>random_forest</code> (500)" in shown and "Not fitted to all" not in page


def test_many_classes_are_told_from_two(tmp_path, page):
    run = ReportFixture(tmp_path, task="multiclass", modality="tabular")
    many = words_of(run.load())
    for words in ("plain means over the classes", "One class against the rest."):
        assert words in many
        assert words not in page
    assert "Positive class" in page
    assert "Positive class" not in many


def test_wording_claims_no_cause(page):
    words = re.sub(r"<[^>]+>", " ", own_part(page).split('id="figure-data"')[0]).lower()
    assert "association" in words
    assert not re.search(r"\b(effect of|leads to|due to|because of|responsible for)\b", words)


# Figures


def test_scatter_is_thinned(results):
    many = pd.concat([results.pca] * 6, ignore_index=True)
    columns = batch.pca_columns(many)
    assert len(columns["id"]) == MAX_POINTS
    assert all(len(values) == MAX_POINTS for values in columns["components"].values())


def test_covariates_with_too_many_values_cannot_be_chosen(results):
    assert "group" not in batch.pca_columns(results.pca)["covariates"]


def test_numbers_and_categories_are_coloured_differently(results):
    covariates = batch.pca_columns(results.pca)["covariates"]
    assert "numbers" in covariates["gc"]
    assert covariates["batch"]["levels"] == ["run 1", "run 2"]


def test_unknown_values_of_a_covariate_are_drawn(results):
    known = results.pca.assign(gc=np.nan, batch=[None, *results.pca["batch"][1:]])
    covariates = batch.pca_columns(known)["covariates"]
    assert covariates["gc"]["numbers"][0] is None
    assert "not known" in covariates["batch"]["levels"]


def test_style_is_written_once(results):
    data = figure_data(on_test.section(results).figures)
    assert "template" in data["style"]["layout"]
    assert all("template" not in f["layout"] for group in data["figures"].values() for f in group)


def test_best_so_far_never_falls_and_failed_trials_are_crossed(results):
    figure = tuning.best_so_far(results.trials, results.kinds, "auprc")
    for trace in figure.data:
        assert (np.diff(np.asarray(trace.y, dtype=float)) >= 0).all()
    assert [trace.name for trace in figure.data if trace.marker.symbol == "x"] == ["cnn: failed"]


def trials(*settings):
    return pd.DataFrame(
        {
            "status": "completed",
            "trial": range(len(settings)),
            "score": np.linspace(0.5, 0.9, len(settings)),
            "hyperparameters": [json.dumps(values) for values in settings],
        }
    )


def test_parallel_coordinates_place_values(tmp_path):
    rates = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    rows = [{"rate": rate, "kind": "b" if rate > 0.05 else "a"} for rate in rates]
    figure = parallel_coordinates(trials(*rows), "auprc")
    heights = np.array([trace.y for trace in figure.data], dtype=float)
    assert heights[:, 0] == pytest.approx(heights[:, 1])
    assert heights[:, 1] == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert list(heights[:, 2]) == [0, 0, 0, 1, 1]
    assert figure.data[-1].line.width == 3


def test_parallel_coordinates_show_what_is_not_used():
    figure = parallel_coordinates(trials({"a": 1}, {"a": 2, "b": True}), "auprc")
    assert figure.data[0].y[2] < 0
    assert "not used" in [note.text for note in figure.layout.annotations]


def test_parallel_coordinates_leave_out_the_tuner_and_survive_one_trial():
    figure = parallel_coordinates(trials({"a": 1, "tuner/epochs": 3}), "auprc")
    assert list(figure.layout.xaxis.ticktext) == ["AUPRC", "a"]


def test_a_gain_that_is_a_share_of_an_error_is_drawn_as_that_over_one_baseline(results):
    def caption(share):
        verdict = results.verdict | {"minimum_share_of_error": share}
        return on_test.section(but(results, verdict=verdict)).figures["comparison"].caption

    assert caption(None).endswith("The dashed line is the smallest gain worth a network.")
    assert caption(0.2).endswith("worth a network over logistic regression.")


def test_tests_that_know_of_no_groups_say_so(results):
    def note(resampling):
        verdict = results.verdict | {"resampling": resampling}
        return on_test.section(but(results, verdict=verdict)).tables["tests"].note

    assert "these p values are too small" in note("groups")
    assert "independent" not in note("examples within classes")


def test_gap_of_the_learning_curve():
    history = pd.DataFrame({"epoch": [1, 2], "loss": [0.5, 0.25], "val_loss": [0.5, 0.75]})
    figure = training.training_curves(history.assign(seed="1"))
    assert list(figure.data[-1].y) == [0, 0.5]


def test_association_keeps_the_order_of_the_table(results):
    heatmap = batch.association(results.association).data[0]
    assert list(heatmap.x) == ["label", "batch", "gc", "laboratory"]
    assert heatmap.y[0] == "PC1"


def test_whiskers_end_at_the_interval(results):
    figure = score_figures.score_intervals(results.scores, "auprc", False)
    (trace,) = [trace for trace in figure.data if trace.name == "network"]
    (row,) = results.scores.query("model == 'cnn' and seed == 'mean' and metric == 'auprc'").index
    expected = results.scores.loc[row]
    assert trace.x[0] + trace.error_x.array[0] == pytest.approx(expected["upper"])
    assert trace.x[0] - trace.error_x.arrayminus[0] == pytest.approx(expected["lower"])


def test_prevalence_line_is_the_share_of_the_class(results):
    test = results.split["sizes"]["test"]
    share = test["labels"]["promoter"] / test["n"]
    (line,) = on_test.section(results).figures["pr_curve"].drawn["promoter"].layout.shapes
    assert line.y0 == pytest.approx(share)


def test_confusion_counts_and_shares(results):
    heatmap = evaluation_figures.confusion(results.confusion.query("model == 'cnn'")).data[0]
    assert heatmap.z[0][0] == pytest.approx(70 / 82)
    assert heatmap.text[0][1] == "12<br>15%"


def test_predicted_against_observed_is_thinned():
    values = pd.DataFrame({"id": range(6000), "label": 1.0, "prediction": 2.0})
    figure = evaluation_figures.predicted_observed(values)
    assert len(figure.data[0].x) == MAX_POINTS


# Tables


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1234, "1,234"), (0.5, "0.500"), (12.345, "12.3"), (3.0, "3"), (2e-5, "2e-05"), (None, "-")],
)
def test_numbers(value, expected):
    assert format_count(value) == expected


def test_sizes_durations_and_settings():
    assert [format_bytes(n) for n in (12, 1_482_113, 2.5e9)] == ["12 bytes", "1.48 MB", "2.5 GB"]
    assert [format_duration(s) for s in (41.3, 300, 7200)] == ["41.3 s", "5.0 min", "2.0 h"]
    assert [format_setting(v) for v in (True, 0.2, 64, "adam")] == ["yes", "0.2", "64", "adam"]


def test_long_tables_say_what_is_left_out():
    assert table("Many", "many.tsv", pd.DataFrame({"n": range(2005)})).left_out == 5


def test_score_table_holds_intervals_and_the_objective_first(results):
    scores = verdict.section(results).tables["chosen_scores"]
    assert scores.header[:3] == ["model", "kind", "AUPRC"]
    assert [row[0] for row in scores.rows] == ["cnn", "logistic regression", "composition"]
    assert re.fullmatch(r"\.\d{3}\n\[\.\d{3}, \.\d{3}\]", scores.rows[0][2])


def test_what_the_last_layer_knows_is_told(results, page):
    part = page.split('<section id="nuisance_probes"')[1].split("</section>")[0]
    assert "does not clearly predict batch: balanced accuracy .490 [.440, .540]" in part
    assert "predicts GC share: R2 .390" in part
    assert "need not use it" in part
    alone = but(results, nuisance_probes_table=results.nuisance_probes_table.iloc[3:])
    assert "Batch was not probed" in words_of(alone)


def test_the_same_fit_made_twice_is_told_where_the_run_is(results, page):
    words = "asked for deterministic operations"
    assert words in page.split('<section id="run"')[1].split("</section>")[0]
    without = words_of(but(results, determinism=None, nuisance_probes_table=None))
    assert words not in without
    assert '<section id="nuisance_probes"' not in without


def test_gap_is_train_minus_tune(results):
    (row,) = [row for row in training.section(results).tables["gaps"].rows if row[0] == "cnn"]
    train, tune, gap = map(float, row[2:])
    assert gap == pytest.approx(train - tune, abs=0.0011)


def test_spread_over_seeds(results):
    seeds = on_test.section(results).tables["seeds"]
    row = dict(zip(seeds.header, seeds.rows[0], strict=True))
    values = [float(row[f"seed {k}"]) for k in (1, 2, 3)]
    assert float(row["standard deviation"]) == pytest.approx(np.std(values, ddof=1), abs=0.001)


def test_model_names_in_backticks_are_code_and_nothing_else_is_markup():
    assert code_spans("`cnn` < <b>") == "<code>cnn</code> &lt; &lt;b&gt;"
