"""A tool as an estimator: what it is shown, what becomes of its scores, what is saved."""

import json
import os
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from own_tools import SCORE, TRAIN, make_tool
from partitions import make_partition

from deeprules.command.tool_estimator import are_probabilities
from deeprules.control import Terms
from deeprules.controls.learning_curve import curve_fingerprint
from deeprules.controls.shuffled_labels import run as run_shuffled
from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.files import file_sha256, write_json
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.fitting import fit
from deeprules.fit.loading import ModelLoader
from deeprules.fit.models import ChosenHyperparameters, find_module, load_model
from deeprules.statistics.metrics import scores as metric_scores
from deeprules.tune.search import Search, trial_fingerprint
from deeprules.tune.tuning import search_model

MODULE = find_module("baseline", "command")
BUDGET = Budget(2, 2)
COUNT = '''
"""Score sequences by a word, and write down what was seen."""
import json, os, pathlib, sys
examples, word, times, *seen = sys.argv[1:]
lines = open(examples).read().split()
for name, sequence in zip(lines[::2], lines[1::2]):
    print(name[1:], float(times) * sequence.count(word), sep="\\t")
if seen:
    pathlib.Path(seen[0]).write_text(json.dumps([os.listdir(), lines]))
'''
COUNTED = f"{sys.executable} {{script}} {{examples}} {{word}} {{times}}"
SPACE = {"word": ["TATAATGC", "AAAAAAAA"], "times": 1.0}


def parts(folder, script=None, task="binary", **settings):
    """Train, tune and the model that runs a tool."""
    train = make_partition(folder / "train", 60, task=task, n_features=40)
    tune = make_partition(folder / "tune", 30, task=task, n_features=40, seed=1)
    script = {"script": script} if script else {}
    tool = make_tool(folder / "tool", train.dataset, **script, **settings)
    return train, tune, Candidate("own", "baseline", MODULE, needed=tool)


def counting(folder, task="binary", extra="", **changes):
    """Partitions of a tool that counts a word and learns nothing."""
    command = f"{COUNTED} {extra}".strip()
    space = {**SPACE, **changes}
    return parts(folder, COUNT, task, command=command, train_command=None, space=space)


def fitted(train, tune, own, seed=1, **hyperparameters):
    hp = ChosenHyperparameters(hyperparameters)
    return fit(own, hp, Development(train, tune), seed, BUDGET)


def test_settings_name_the_commands_and_the_seed(tmp_path):
    train, tune, own = counting(tmp_path)
    settings = fitted(train, tune, own, word="TATAATGC", times=1.0).settings
    assert settings["tool__command"] == COUNTED and settings["tool__train_command"] is None
    assert {"tool__environment", "tool__version", "tool__files"} <= settings.keys()
    assert settings["seed"] == 1


def test_scores_beyond_0_and_1_pass_through_a_logistic_map(tmp_path):
    train, tune, own = counting(tmp_path, times=7.0)
    model = fitted(train, tune, own, word="TATAATGC", times=7.0).model
    predictions = model.predict(tune.features, tune.examples)
    assert metric_scores("binary", tune.labels, predictions)["auroc"] == pytest.approx(1)
    assert 0.5 < predictions[tune.labels == 1, 1].min() < 1
    assert predictions[tune.labels == 0, 1].max() < 0.5


def test_scores_within_0_and_1_are_taken_as_they_are_and_cut_if_others_are_not(tmp_path, caplog):
    train, tune, own = counting(tmp_path)
    model = fitted(train, tune, own, word="TATAATGC", times=1.0).model
    predictions = model.predict(tune.features, tune.examples)
    np.testing.assert_array_equal(predictions[:, 1], tune.labels)
    model.estimator.hyperparameters = {"word": "A", "times": 1.0}
    assert model.predict(tune.features, tune.examples).max() == 1
    assert "are no probabilities, as all on train were" in caplog.text


def test_values_are_taken_as_they_are(tmp_path):
    train, tune, own = counting(tmp_path, task="regression", times=3.5)
    model = fitted(train, tune, own, word="TATAATGC", times=3.5).model
    found = model.predict(tune.features, tune.examples)
    np.testing.assert_array_equal(found, np.where(tune.labels == tune.labels.max(), 3.5, 0))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([[0.0], [1.0]], True),
        ([[-0.1], [0.5]], False),
        ([[0.2], [1.1]], False),
        ([[0.2, 0.8], [1, 0]], True),
        ([[0.2, 0.7], [1, 0]], False),
    ],
)
def test_what_counts_as_probabilities(scores, expected):
    assert are_probabilities(np.array(scores)) is expected


RAW = '''
"""Raw scores that know the examples of training by heart."""
import sys
if sys.argv[1] == "train":
    open(sys.argv[4], "w").write(open(sys.argv[2]).read() + open(sys.argv[3]).read())
else:
    known, lines = open(sys.argv[3]).read().split(), open(sys.argv[2]).read().split()
    classes = dict(zip(known, known[1:]))
    label = {known[i + 1]: classes[name[1:]] for i, name in enumerate(known) if name[0] == ">"}
    with open(sys.argv[4], "w") as file:
        for name, sequence in zip(lines[::2], lines[1::2]):
            score = {"yes": 9, "no": -9}.get(label.get(sequence), 0.1)
            file.write(f"{name[1:]}\\t{score}\\n")
'''


def test_the_map_is_fitted_on_scores_of_examples_held_out_from_training(tmp_path):
    """A tool that knows train by heart says nothing of others, and must not sound certain."""
    train, tune, own = parts(tmp_path, RAW)
    model = fitted(train, tune, own).model
    np.testing.assert_allclose(model.predict(tune.features, tune.examples)[:, 1], 0.5, atol=0.1)
    # Calibrated on its own training examples it would be certain of these.
    assert model.predict(train.features, train.examples)[:, 1].max() < 0.6


def test_which_way_scores_run_is_told_by_train(tmp_path):
    """As in a trial, which holds nothing out: else the order of the final fit is the opposite."""
    opposite = RAW.replace("0.1)", "-1 if 'TATAATGC' in sequence else 1)")
    train, tune, own = parts(tmp_path, opposite)
    final = fitted(train, tune, own).model
    trial = fit(
        own, ChosenHyperparameters({}), Development(train, tune), 1, BUDGET, order_only=True
    )
    found, ranked = (
        metric_scores("binary", tune.labels, one.predict(tune.features, tune.examples))
        for one in (final, trial.model)
    )
    assert found["auroc"] == ranked["auroc"] < 0.5
    np.testing.assert_allclose(final.predict(tune.features, tune.examples)[:, 1], 0.5, atol=0.01)


def test_without_padding_or_labels_or_the_given_ids_and_order_at_scoring(tmp_path):
    seen = tmp_path / "seen"
    train, tune, own = counting(tmp_path, extra=str(seen))
    model = fitted(train, tune, own, word="TATAATGC", times=1.0).model
    predictions = model.predict(tune.features, tune.examples)
    listed, lines = json.loads(seen.read_text())
    assert sorted(listed) == ["examples.fa", "model"]
    assert lines[::2] == [f">example{n + 1}" for n in range(len(tune))]
    in_file = [float("TATAATGC" in sequence) for sequence in lines[1::2]]
    assert sorted(in_file) == sorted(tune.labels) and in_file != list(tune.labels)
    np.testing.assert_array_equal(predictions[:, 1], tune.labels)


def test_positives_and_negatives_are_what_their_labels_say(tmp_path):
    code = (
        "import sys; positives, negatives, model = map(open, sys.argv[1:4], 'rrw'); "
        "model.write(str([positives.read().count('TATAATGC'), negatives.read().count('TATAATGC')]))"
    )
    command = f'{sys.executable} -c "{code}" {{positives}} {{negatives}} {{model}}'
    score = f"{sys.executable} -c \"print('no scores')\" {{examples}} {{model}}"
    train, _, own = parts(tmp_path, train_command=command, command=score)
    estimator = own.build(ChosenHyperparameters({}), train).set_params(random_state=1)
    assert estimator._train(train.features, train.labels) == {"model": b"[30, 0]"}


def test_the_same_fit_has_the_same_hash_wherever_the_tool_is(tmp_path):
    hashes = set()
    for name in ("here", "there"):
        train, tune, own = parts(tmp_path / name)
        fitted(train, tune, own).model.save(tmp_path / f"{name}.joblib")
        hashes.add(file_sha256(tmp_path / f"{name}.joblib"))
    assert len(hashes) == 1
    own = replace(own, needed=replace(own.needed, version="2"))
    fitted(train, tune, own).model.save(tmp_path / "other.joblib")
    assert file_sha256(tmp_path / "other.joblib") not in hashes


@pytest.fixture
def saved(tmp_path):
    """A saved model, the description of its tool, and the test partition."""
    train, tune, own = parts(tmp_path)
    path = str(tmp_path / "model.joblib")
    fitted(train, tune, own).model.save(path)
    tool = own.needed
    record = {key: getattr(tool, key) for key in tool.__dataclass_fields__ if key != "place"}
    write_json(tmp_path / "tool.json", record | {"paths": tool.place.files, "prefix": None})
    return path, tmp_path / "tool.json", tune


def loader(path, description):
    frozen = {"models": {"own": {"files": {path: "sha256"}}}}
    return ModelLoader.of_frozen(frozen, {}, [], [], [description])


def test_a_saved_model_scores_again_once_it_is_told_where_its_tool_is(saved):
    path, description, tune = saved
    (description.parent / "train" / "features.npy").unlink()
    predictions = loader(path, description)(path).predict(tune.features, tune.examples)
    assert metric_scores("binary", tune.labels, predictions)["auroc"] > 0.9
    with pytest.raises(InputError, match="script"):
        load_model(path).predict(tune.features, tune.examples)


def test_another_tool_than_the_one_it_was_fitted_with_is_refused(saved):
    path, description, _ = saved
    write_json(description, json.loads(description.read_text()) | {"version": "2"})
    with pytest.raises(InputError, match="another command, file, environment or version"):
        loader(path, description)(path)


def test_a_training_command_that_writes_nothing_is_refused(tmp_path):
    train, tune, own = parts(tmp_path, "pass")
    with pytest.raises(InputError, match=r"wrote nothing at \{model\}"):
        fitted(train, tune, own)


def test_a_command_that_writes_no_scores_is_refused(tmp_path):
    train, tune, own = parts(
        tmp_path, "import sys; sys.argv[1] == 'train' and open(sys.argv[4], 'w')"
    )
    with pytest.raises(InputError, match=r"wrote no file at \{scores\}"):
        fitted(train, tune, own)


def search(train, tune, own, folder, **space):
    terms = Search("random", 4, "auroc", 1, BUDGET)
    return search_model(terms, replace(own, space=space), Development(train, tune), folder)


def test_hyperparameters_are_searched_like_those_of_any_model(tmp_path):
    train, tune, own = counting(tmp_path)
    trials, best = search(train, tune, own, tmp_path / "search", **SPACE)
    assert len(trials) == 2 and best["hyperparameters"] == {"word": "TATAATGC", "times": 1.0}
    assert best["score"] == pytest.approx(1)


def test_a_tool_that_fails_stops_its_search_with_its_own_words(tmp_path):
    train, tune, own = parts(tmp_path, "import sys; sys.exit('no licence found')")
    with pytest.raises(InputError, match="exit status 1") as caught:
        search(train, tune, own, tmp_path / "search")
    assert "no licence found" in str(caught.value) and "own_tool.py train" in str(caught.value)


def test_an_unfinished_search_or_curve_is_not_taken_up_with_another_tool(tmp_path):
    train, tune, own = counting(tmp_path)
    terms, best = Search("random", 4, "auroc", 1, BUDGET), {"module": "command", "kind": "baseline"}
    best |= {"hyperparameters": {}}

    def names(own):
        return (
            trial_fingerprint(terms, "code", own, Development(train, tune)),
            curve_fingerprint(ChosenModel(own, best, BUDGET), "code", 1, train, tune),
        )

    before = names(own)
    assert names(own) == before
    other = replace(own, needed=replace(own.needed, version="2"))
    assert not set(names(other)) & set(before)


def test_on_shuffled_labels_it_is_at_chance(tmp_path):
    train, tune, own = parts(tmp_path)
    best = {"model": "own", "kind": "baseline", "hyperparameters": {}}
    terms = Terms(1, 1, "auroc", 0)
    table = run_shuffled(ChosenModel(own, best, BUDGET), Development(train, tune), terms)
    found = table.query("partition == 'tune' and metric == 'auroc' and scheme == 'all'")["score"]
    real = fitted(train, tune, own).model.predict(tune.features, tune.examples)
    assert metric_scores("binary", tune.labels, real)["auroc"] > max(0.9, found.item() + 0.2)


def test_with_less_to_learn_from_it_learns_from_less(tmp_path):
    """Successive halving and learning curves give it a part of train."""
    command = f"{sys.executable} -c 'import shutil, sys; shutil.copy(*sys.argv[1:])'"
    train, _, own = parts(
        tmp_path, train_command=f"{command} {{examples}} {{model}}", command=SCORE
    )
    part = train.subset(np.arange(20))
    estimator = own.build(ChosenHyperparameters({}), part).set_params(random_state=1)
    (content,) = estimator._train(part.features, part.labels).values()
    assert content.count(b">") == 20


def test_it_is_fitted_on_splits_of_the_development_data_made_anew(tmp_path):
    train, tune, own = counting(tmp_path)
    both = Development(train, tune).joined()
    found = fitted(both, tune, own, word="TATAATGC", times=1.0).model
    predictions = found.predict(both.features, both.examples)
    np.testing.assert_array_equal(predictions[:, 1], both.labels)


def test_a_tool_learns_nothing_between_jobs(tmp_path):
    """Its commands leave nothing behind in the working directory."""
    before = sorted(os.listdir())
    train, tune, own = parts(tmp_path, train_command=TRAIN)
    fitted(train, tune, own)
    assert sorted(os.listdir()) == before


def test_the_module_asks_for_the_hyperparameters_of_its_tool(tmp_path):
    train, _, own = counting(tmp_path)
    asked = {}
    hp = SimpleNamespace(
        Choice=lambda name, values: asked.setdefault(name, values),
        Fixed=lambda name, value: asked.setdefault(name, value),
    )
    own.build(hp, train)
    assert asked == SPACE
