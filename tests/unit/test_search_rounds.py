"""A search that many jobs share: the table of one, in whatever order they run and are killed."""

import random
from functools import partial
from types import SimpleNamespace

import pandas as pd
import pytest
from partitions import make_partition
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from deeprules.data import Development
from deeprules.files import write_json
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.tune.oracles import rounds
from deeprules.tune.search import Search, preset_space
from deeprules.tune.trials import EndedTrials
from deeprules.tune.tuning import ModelSearch, choose_best
from deeprules_workflow.search_rounds import jobs_of_rounds, rungs

STRATEGIES = ("random", "bayesian", "hyperband", "grid")
TRIALS = 6
"""Three more than the Gaussian process waits for, with one hyperparameter."""


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """One step towards the optimum of a Gaussian process; all of them take seconds."""
    monkeypatch.setattr("scipy.optimize.minimize", partial(minimize, options={"maxiter": 1}))


def build(hp, train):
    """A baseline with one hyperparameter."""
    return LogisticRegression(C=hp.Float("C", 1e-3, 1e3, sampling="log"))


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    return Development(
        make_partition(folder / "train", 80, "tabular", n_features=8),
        make_partition(folder / "tune", 60, "tabular", n_features=8, seed=1),
    )


def terms(strategy, workers=1, trials=TRIALS):
    return Search(strategy, trials, "auprc", 5, Budget(3, 3), workers)


class Jobs:
    """The jobs of a search, as Snakemake starts them, each a search opened anew.

    `is_shared` says whether they see each other's folder of ended trials.
    """

    def __init__(self, parts, folder, search, is_shared=True):
        self.parts, self.folder, self.search, self.is_shared = parts, folder, search, is_shared
        self.candidate = Candidate("m", "baseline", SimpleNamespace(build=build))
        self.files = []

    def open(self, place):
        folder = self.folder / ("ended" if self.is_shared else f"ended{place}")
        ended = EndedTrials(folder, self.files)
        return ModelSearch(self.search, self.candidate, self.parts, ended)

    def run_rounds(self, order):
        """Every round, its jobs in an order; returns the trials in each round."""
        tuning = {name: vars(self.search)[name] for name in ("workers", "trials", "strategy")}
        sizes = []
        for number, jobs in enumerate(jobs_of_rounds({**tuning, "max_epochs": 3}), 1):
            workers = list(range(1, jobs + 1))
            order.shuffle(workers)
            written = []
            for worker in workers:
                records = self.open((number, worker)).run(number, worker, jobs)
                written.append(self.folder / f"{number}_{worker}.json")
                write_json(written[-1], records)
                sizes.append(len(records))
            self.files += written
        return sizes

    def table(self):
        """The table of trials without their times; nothing may be left to be run."""
        run = self.open("collect")
        before = len(run.ended.records)
        table, _ = choose_best(run)
        assert len(run.ended.records) == before or not self.files
        return table.drop(columns="seconds")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_many_jobs_give_the_table_of_one_in_any_order(parts, tmp_path, strategy):
    """With `bayesian` more jobs know less of each other, so that it is one for each number."""
    tables = []
    for seed in range(2):
        jobs = Jobs(parts, tmp_path / str(seed), terms(strategy, 3), is_shared=seed == 1)
        shares = jobs.run_rounds(random.Random(seed))
        tables.append(jobs.table())
        assert sum(shares) == len(tables[-1]) and min(shares) > 0
    pd.testing.assert_frame_equal(*tables)
    if strategy != "bayesian":
        alone = Jobs(parts, tmp_path / "alone", terms(strategy)).table()
        pd.testing.assert_frame_equal(tables[0], alone)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_lost_trials_are_run_again_and_nothing_else(parts, tmp_path, strategy):
    jobs = Jobs(parts, tmp_path, terms(strategy, 3))
    jobs.run_rounds(random.Random(1))
    table, jobs.files = jobs.table(), []
    kept = sorted((tmp_path / "ended").iterdir())
    for path in random.Random(2).sample(kept, 4):
        path.unlink()
    run = jobs.open("again")
    assert len(run.ended.records) == len(kept) - 4
    pd.testing.assert_frame_equal(jobs.table(), table)
    assert sorted((tmp_path / "ended").iterdir()) == kept


def test_other_workers_go_on_with_what_has_ended(parts, tmp_path):
    first = Jobs(parts, tmp_path, terms("random", 2))
    first.run_rounds(random.Random(1))
    table = first.table()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "ended").iterdir()}
    second = Jobs(parts, tmp_path, terms("random", 4, TRIALS + 2))
    second.run_rounds(random.Random(1))
    pd.testing.assert_frame_equal(second.table()[:TRIALS], table)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(list((tmp_path / "ended").iterdir())) == TRIALS + 2


def test_what_was_proposed_before_is_not_searched_for_again(parts, tmp_path, monkeypatch):
    """Nor would another processor propose it to the last digit."""
    jobs = Jobs(parts, tmp_path, terms("bayesian", 2))
    jobs.run_rounds(random.Random(1))
    table, fits = jobs.table(), []
    fit = "sklearn.gaussian_process.GaussianProcessRegressor.fit"
    monkeypatch.setattr(fit, lambda *arguments: fits.append(arguments))
    pd.testing.assert_frame_equal(jobs.table(), table)
    assert not fits


@pytest.mark.parametrize("max_epochs", [1, 2, 3, 5, 8, 9, 26, 27, 60, 100])
def test_the_rungs_of_hyperband_are_known_before(max_epochs):
    search = Search("hyperband", 1, "auprc", 5, Budget(max_epochs, 1), workers=2)
    oracle = search.oracle(preset_space({}))
    oracle.verbose = 0
    space = oracle.get_space()
    space.Float("C", 0.0, 1.0)
    oracle.update_space(space)
    sizes = []
    for trials in rounds(oracle, search.round_size):
        sizes.append(len(trials))
        for trial in trials:
            oracle.update_trial(trial.trial_id, {"auprc": trial.hyperparameters.values["C"]})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
    assert sizes == rungs(max_epochs)


@pytest.mark.parametrize(
    ("strategy", "trials", "workers", "expected"),
    [
        ("random", 20, 1, []),
        ("random", 20, 4, [4]),
        ("grid", 3, 4, [3]),
        ("bayesian", 10, 4, [4, 4, 2]),
        ("hyperband", 20, 4, [4, 3, 1, 4, 2, 3]),
    ],
)
def test_no_round_has_more_jobs_than_trials(strategy, trials, workers, expected):
    tuning = {"strategy": strategy, "trials": trials, "workers": workers, "max_epochs": 9}
    assert jobs_of_rounds(tuning) == expected


def test_what_a_kill_left_unfinished_is_no_damaged_trial(tmp_path, caplog):
    (tmp_path / ".unfinished-1.json").mkdir()
    assert not EndedTrials(tmp_path).records and not caplog.records
