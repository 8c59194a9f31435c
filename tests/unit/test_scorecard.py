from importlib import import_module
from types import SimpleNamespace
from unittest.mock import patch

import pandas as pd
import pytest
from report_fixture import ReportFixture, but

from deeprules.cautions import Caution, as_records
from deeprules.report.page import page_sections
from deeprules.report.results import Results
from deeprules.report.scorecard import scorecard
from deeprules.report.section import Missing
from deeprules.report.sections import shuffled_labels


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    made = ReportFixture(tmp_path_factory.mktemp("run")).load()
    for name in (*filter(made.inputs.get, made.inputs), "rule_costs", "ledger_tracked"):
        getattr(made, name)  # is read, once for all
    return made


class Noted(Results):
    """Other results, of which it notes what is read; all that is given and is no file's counts."""

    def __init__(self, results: Results):
        others = {name: one for name, one in vars(results).items() if name not in results.inputs}
        read = {name: one for name, one in others.items() if name in results.given}
        vars(self).update(others, source=results, read=read, asked={})

    def __getattr__(self, name):
        return self.read.setdefault(name, getattr(self.source, name))

    def __contains__(self, name):
        return self.asked.setdefault(name, name in self.source)

    def is_like(self, results: Results) -> bool:
        """Whether what was read of these is the same in others."""
        given = {name for name in results.given if name not in results.inputs}
        return (
            self.inputs is results.inputs
            and given <= self.read.keys()
            and all((name in results) == answer for name, answer in self.asked.items())
            and all(getattr(results, name) is one for name, one in self.read.items())
        )


MADE: dict[str, list] = {}
"""Sections that were made, each with what it read, by module; a tenth of what is asked for."""


def module_that_keeps(name: str) -> SimpleNamespace:
    """The module of a section, which makes it anew only if it reads another thing."""
    module = import_module(name)

    def section(results: Results):
        for noted, made in MADE.setdefault(name, []):
            if noted.is_like(results):
                return made
        noted = Noted(results)
        MADE[name].append((noted, module.section(noted)))
        return MADE[name][-1][1]

    return SimpleNamespace(section=section, WITHOUT=getattr(module, "WITHOUT", ()))


def judge(results: Results, **facts) -> dict:
    """The scorecard, by number of the tip, with some keys of some dictionaries changed."""
    changed = {name: getattr(results, name) | keys for name, keys in facts.items()}
    with (
        patch("deeprules.report.tables.MAX_ROWS", 0),  # rows take long, and no finding is in them
        patch("deeprules.report.page.import_module", module_that_keeps),
    ):
        sections = page_sections(but(results, **changed))
    return {row["tip"]: row for row in sections["scorecard"].said["tips"]}


def assert_says(row, status, *words):
    assert row["status"] == status
    for word in words:
        assert word in row["reason"]


def with_strategy(results: Results, strategy: str, *models: str) -> Results:
    best = results.searches
    changed = {name: best[name] | {"strategy": strategy} for name in models}
    return but(results, searches=best | changed)


def test_ten_tips_with_a_status_and_evidence_each(results):
    card = judge(results)
    assert list(card) == list(range(1, 11))
    assert {row["status"] for row in card.values()} <= {"pass", "warn", "fail"}
    assert all(row["title"] and row["evidence"] for row in card.values())
    assert all(row["reason"] or row["missing"] for row in card.values())


def test_good_run_passes_what_is_covered(results):
    statuses = {tip: row["status"] for tip, row in judge(results).items()}
    assert [tip for tip, status in statuses.items() if status == "pass"] == [
        2,
        3,
        4,
        5,
        6,
        8,
        9,
        10,
    ]


def test_a_tip_that_a_run_left_out_warns_and_says_so(results):
    missing = [Missing(8, "what the network attends to")]
    row = scorecard({}, missing)[7]
    assert row["status"] == "warn" and row["missing"] == ["what the network attends to"]
    assert_says(row, "warn", "left out all that speaks of this tip")


@pytest.mark.parametrize(
    ("tip", "part"),
    [(1, "suitability check"), (3, "trained twice"), (7, "shuffled labels")],
)
def test_missing_essential_part_keeps_a_tip_from_passing(results, tip, part):
    stages = dict.fromkeys(["suitability", "shuffled_labels", "pipeline", "determinism"])
    row = judge(but(results, **stages))[tip]
    assert row["status"] == "warn"
    assert part in " ".join(row["missing"])


def test_model_no_better_than_on_shuffled_labels_fails(results):
    entries = results.shuffled_labels["entries"]
    said = {"is_better": False, "sentence": "`cnn` is no better than on shuffled labels."}
    card = judge(results, shuffled_labels={"entries": [entries[0] | said, *entries[1:]]})
    assert_says(card[7], "fail", "no better than on shuffled labels")


def test_passing_shuffled_labels_says_after_how_many_fits(results):
    entries = [one for one in results.shuffled_labels["entries"] if one["model"] == "cnn"]
    entries = [one | {"fits": n} for one, n in zip(entries, (1, 3), strict=True)]
    for n, said in ((1, "`cnn` (1 fit)"), (2, "`cnn` (4 fits)")):
        shuffled = but(results, shuffled_labels={"entries": entries[:n]})
        (check,) = shuffled_labels.section(shuffled).findings
        assert check.status == "pass" and said in check.sentence


def test_score_that_the_batch_explains_warns(results):
    (entry,) = [one for one in results.shuffled_labels["entries"] if one["scheme"] != "all"][:1]
    said = {"is_better": False, "sentence": "`cnn` is no better within each batch."}
    card = judge(results, shuffled_labels={"entries": [entry | said]})
    assert_says(card[7], "warn", "no better within each batch")


def test_a_fit_that_was_not_the_same_twice_warns(results):
    said = {"is_identical": False, "sentence": "`cnn` is not identical: it differs by 0.03."}
    assert_says(judge(results, determinism=said)[3], "warn", "not identical")


def with_probe_of_batch(results: Results, **numbers) -> Results:
    probes = results.nuisance_probes_table
    rows = (probes["nuisance"] == "batch") & (probes["inputs"] == "hidden layer")
    changed = {name: probes[name].mask(rows, value) for name, value in numbers.items()}
    return but(results, nuisance_probes_table=probes.assign(**changed))


def test_a_layer_that_knows_the_batch_warns_where_batch_may_stand_for_the_label(results):
    knows = with_probe_of_batch(results, score=0.9, lower=0.85, upper=0.95)
    assert_says(judge(knows)[9], "pass", "predicts batch", ".900 [.850, .950] (chance .500)")
    weak = {"cramers_v": 0.04, "p_value": 1e-6}
    assert judge(knows, audit={"batch_label": weak})[9]["status"] == "pass"
    strong = {"cramers_v": 0.3, "p_value": 1e-6}
    assert_says(judge(knows, audit={"batch_label": strong})[9], "warn", "are associated")
    assert judge(results, audit={"batch_label": strong})[9]["status"] == "pass"
    more = with_probe_of_batch(knows, gain_lower=0.02)
    assert_says(judge(more)[9], "warn", "better than the raw features")


def test_without_a_batch_it_is_not_known_what_the_layer_knows_of_it(tmp_path):
    row = judge(ReportFixture(tmp_path, has_batch=False).load())[9]
    assert row["missing"] == ["what the last layer knows of batch"]


def test_two_logistic_regressions_that_differ_fail(results):
    assert_says(judge(results, pipeline={"agrees": False})[2], "fail", "do not agree")


def test_unsuitable_data_warn(results):
    said = {"status": "warn", "sentence": "The rarest class has 3% of the examples."}
    assert_says(judge(results, suitability={"checks": [said]})[1], "warn", "rarest class")


def test_withheld_verdict_fails(results):
    assert_says(judge(results, verdict={"verdict": "withheld"})[1], "fail", "withheld")


def test_small_classes_are_named(results):
    small = but(results, classes=results.classes.assign(n=[99, 400]))
    assert_says(judge(small)[1], "warn", "background (99)")


def test_fewer_trials_for_a_baseline_fail(results):
    trials = results.trials
    cut = trials[(trials["model"] != "random_forest") | (trials["trial"] < 5)]
    assert_says(judge(but(results, trials=cut))[2], "fail", "`random_forest` (5)")


def test_space_smaller_than_the_budget_is_excepted_and_said(results):
    assert_says(judge(results)[2], "pass", "fewer settings", "`majority_class` (1)")


def test_other_strategy_for_one_model_fails(results):
    mixed = with_strategy(results, "bayesian", "cnn")
    assert_says(judge(mixed)[2], "fail", "not tuned alike", "bayesian")


def test_model_without_trials_fails(results):
    trials = results.trials[results.trials["model"] != "composition"]
    assert_says(judge(but(results, trials=trials))[2], "fail", "no recorded trials")


def test_hyperband_is_judged_by_the_largest_search(results):
    hyperband = with_strategy(results, "hyperband", *results.searches)
    config = {"tuning": {"strategy": "hyperband", "trials": 99}}
    assert_says(judge(hyperband, config=config)[2], "pass", "hyperband", "12 trials")


@pytest.mark.parametrize(("verdict", "status"), [("withheld", "fail"), ("baseline", "warn")])
def test_nuisance_that_the_network_does_not_beat(results, verdict, status):
    changes = {"nuisance_lower": -0.01, "verdict": verdict}
    assert_says(judge(results, verdict=changes)[2], status, "`cnn`", "-.010")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nuisance": None, "nuisance_lower": None}, "No nuisance baseline"),
        ({"nuisance_lower": None}, "not measured"),
    ],
)
def test_nuisance_that_is_not_there_warns(results, changes, words):
    assert_says(judge(results, verdict=changes)[2], "warn", words)


def test_no_baseline_fails(tmp_path):
    assert_says(judge(ReportFixture(tmp_path, without="baseline").load())[2], "fail", "No baseline")


def test_no_network_fails_where_networks_are_judged(tmp_path):
    card = judge(ReportFixture(tmp_path, without="network").load())
    assert_says(card[5], "fail", "No network")
    assert_says(card[6], "fail", "No trial of a network")


def test_single_seed_warns(results):
    single = but(results, fits=results.fits[results.fits["seed"] == "1"])
    assert_says(judge(single)[3], "warn", "one seed")


@pytest.mark.parametrize(
    ("git", "words"),
    [
        ({"commit": None, "dirty": None, "note": "git is not installed"}, "git is not installed"),
        ({"commit": "a" * 40, "dirty": True, "note": ""}, "not committed"),
    ],
)
def test_code_that_cannot_be_traced_warns(results, git, words):
    assert_says(judge(results, run={"git": results.run["git"] | git})[3], "warn", words)


def test_confounded_design_fails(results):
    assert_says(judge(results, explore={"confounded": True})[4], "fail", "confounded")


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("explore", {"batch_predictable": True}, "can be predicted"),
        ("audit", {"status": "warn", "warnings": ["x"]}, "1 warning."),
        ("dataset", {"has_batch": False}, "No batch is declared"),
    ],
)
def test_doubts_about_the_data_warn(results, name, changes, words):
    assert_says(judge(results, **{name: changes})[4], "warn", words)


def test_unstated_licence_is_named(results):
    first, second = results.provenance
    bare = but(results, provenance=[first | {"licence": "not stated"}, second])
    assert_says(judge(bare)[4], "warn", f"No licence is stated for {first['source']}")


def test_cropped_sequences_warn(results):
    length = results.dataset["length"] | {"cropped": 7}
    assert_says(judge(results, dataset={"length": length})[5], "warn", "7 of 1200")


def test_failing_trials_warn(results):
    assert_says(
        judge(but(results, trials=results.trials.assign(status="failed")))[6], "warn", "100%"
    )


@pytest.mark.parametrize(("withholds", "status"), [(False, "warn"), (True, "fail")])
def test_a_caution_counts_for_its_tip(results, withholds, status):
    caution = Caution("Few trials", "Fewer than 10 trials: `cnn` (4).", 6, withholds)
    card = judge(results, verdict={"cautions": as_records([caution])})
    assert_says(card[6], status, caution.sentence)


def test_baseline_with_few_settings_to_try_is_excused(results):
    forest = results.trials["model"] == "random_forest"
    same = results.trials["hyperparameters"].mask(forest, '{"C": 1.0}')
    trials = results.trials.assign(hyperparameters=same)[~forest | (results.trials["trial"] < 5)]
    card = judge(but(results, trials=trials))
    assert_says(card[2], "pass", "up to 12 trials", "`random_forest` (5)")


def test_what_hyperband_notes_of_its_rounds_makes_no_larger_space(results):
    forest = results.trials["model"] == "random_forest"
    rounds = [f'{{"C": 1.0, "tuner/epochs": {i}, "tuner/round": {i}}}' for i in range(len(forest))]
    noted = results.trials["hyperparameters"].mask(forest, pd.Series(rounds))
    trials = results.trials.assign(hyperparameters=noted)[~forest | (results.trials["trial"] < 5)]
    hyperband = with_strategy(results, "hyperband", *results.searches)
    assert_says(judge(but(hyperband, trials=trials))[2], "pass", "`random_forest` (5)")


def test_search_of_one_trial_has_good_grammar(results):
    single = but(results, trials=results.trials[results.trials["trial"] < 1])
    card = judge(single, config={"tuning": {"strategy": "random", "trials": 1}})
    assert_says(card[2], "pass", "random search, 1 trial, AUPRC")


def test_ledger_outside_version_control_warns(results):
    words = "The ledger is not under version control"
    assert_says(judge(results)[7], "warn", words)
    assert words not in judge(but(results, ledger_tracked=True))[7]["reason"]


def test_only_a_test_set_that_was_opened_once_is_said_to_be(results):
    words = "The test set was opened once."
    tracked = but(results, ledger_tracked=True)
    assert words in judge(tracked)[7]["reason"]
    assert words not in judge(tracked, opening={"n_openings": 2})[7]["reason"]


def test_large_gap_of_the_network_warns(results):
    rows = (results.fits["model"] == "cnn") & (results.fits["partition"] == "train")
    fits = results.fits.assign(value=results.fits["value"].mask(rows, 2.0))
    assert_says(judge(but(results, fits=fits))[7], "warn", "`cnn`")


def test_score_without_an_interval_fails(results):
    rows = (results.scores["model"] == "cnn") & (results.scores["seed"] == "mean")
    scores = results.scores.assign(lower=results.scores["lower"].mask(rows))
    assert_says(judge(but(results, scores=scores))[7], "fail", "no interval")


def test_warnings_of_the_split_are_shown(results):
    sentence = "Groups are in two partitions."
    assert_says(judge(results, split={"warnings": [sentence]})[7], "warn", sentence)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks_without_batch_and_group(tmp_path, task):
    settings = {"modality": "tabular", "has_batch": False, "has_group": False}
    card = judge(ReportFixture(tmp_path, task=task, **settings).load())
    assert_says(card[5], "pass", "300 features", "mlp")
    assert_says(card[4], "warn", "No batch")


def test_empty_tables_are_no_obstacle(results):
    empty = pd.DataFrame()
    assert judge(but(results, per_class=empty, association=empty))[2]["status"] == "pass"
