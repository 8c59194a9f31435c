"""Final fits and controls of one job: what has ended is not made again."""

import pytest
from partitions import make_partition

from deeprules.control import Terms, make_control
from deeprules.data import Development
from deeprules.files import read_json, read_table
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.ended_fits import EndedFits
from deeprules.fit.fitted_files import FILES
from deeprules.fit.models import find_module

BEST = {"model": "line", "kind": "baseline", "module": "logistic_regression"}
BEST |= {"hyperparameters": {"kmer": 3, "fold_strands": False, "C": 0.1}}


@pytest.fixture
def development(tmp_path):
    return Development(
        *(
            make_partition(tmp_path / name, 60, "sequence", n_features=30, seed=seed)
            for seed, name in enumerate(("train", "tune"))
        )
    )


@pytest.fixture
def chosen():
    line = Candidate("line", "baseline", find_module("baseline", "logistic_regression"))
    return ChosenModel(line, BEST, Budget(1, 1))


@pytest.fixture
def fits(monkeypatch):
    """Seeds of the fits that were made."""
    made, fit = [], ChosenModel.fit

    def counted(self, development, seed, report_epoch=None):
        made.append(seed)
        return fit(self, development, seed, report_epoch)

    monkeypatch.setattr(ChosenModel, "fit", counted)
    return made


def test_a_job_that_was_killed_goes_on_with_the_next_seed(tmp_path, chosen, development, fits):
    folder = tmp_path / "ended"
    first = EndedFits(chosen, development, folder, "code")
    first.fit(1)
    again = EndedFits(chosen, development, folder, "code")
    for seed in (1, 2):
        again.fit(seed)
    assert fits == [1, 2]
    EndedFits(chosen, development, folder, "other code").fit(1)
    assert fits == [1, 2, 1]
    names = {**FILES, "model": "model.joblib"}
    places = {key: [tmp_path / f"{seed}_{name}" for seed in (1, 2)] for key, name in names.items()}
    again.hand_over(places)
    assert not folder.exists()
    assert read_json(places["scores"][0])["tune"]["auprc"] > 0
    assert set(read_table(places["predictions"][1])["partition"]) == {"train", "tune"}


def test_a_control_is_made_again_only_where_something_of_it_changed(
    tmp_path, chosen, development, fits
):
    def made(repeats=1, code="code", seed=1):
        terms = Terms(
            *(repeats, seed, "auprc", 10), repeats=repeats, folder=tmp_path / "fits", code=code
        )
        return make_control("shuffled_labels", chosen, development, terms)

    first = made()
    assert len(fits) == 2  # among all labels, and within batches
    assert made().equals(first) and len(fits) == 2
    for changed, n in (({"repeats": 2}, 6), ({"code": "other"}, 8), ({"seed": 2}, 10)):
        made(**changed)
        assert len(fits) == n
