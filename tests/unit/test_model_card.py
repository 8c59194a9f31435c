"""What is released, what stands against it, and the card: every refusal is planted."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from report_fixture import ReportFixture

from deeprules.errors import InputError
from deeprules.paper.paragraphs import paragraphs
from deeprules.release import choice as choices
from deeprules.release.card import check_fields, model_card
from deeprules.release.choice import choose_model, notices, require_release
from deeprules.report.results import Results

ROOT = Path(__file__).parents[2]
PARTS = ROOT / "workflow" / "paper" / "parts"
SETTINGS = dict.fromkeys(("model", "reason", "although", "intended_use")) | {"licence": "cc0-1.0"}
REASON = "It is fast enough for our web site."
RUNS = {
    "whole": {"transfer": True},
    "regression": {"task": "regression"},
    "classes of rows": {"task": "multiclass", "modality": "tabular"},
    "no network": {"without": "network"},
}
CLEAN = {"commit": "a" * 40, "dirty": False, "changes": [], "note": ""}


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Results]:
    folder = tmp_path_factory.mktemp("runs")
    return {name: ReportFixture(folder / name, **facts).load() for name, facts in RUNS.items()}


@pytest.fixture(autouse=True)
def committed(monkeypatch):
    monkeypatch.setattr(choices, "git_state", lambda folder: CLEAN)


def but(results, **given):
    """Results with some of them replaced, and a commit without changes."""
    run = {**results.run, "git": CLEAN}
    return Results(results.inputs, *results.folders.values(), {"run": run, **given})


def against(results, **settings) -> str:
    settings = SETTINGS | settings
    with pytest.raises(InputError) as told:
        require_release(results, choose_model(results, settings), settings, ROOT)
    return str(told.value)


def ethics(results, **changed):
    return {**results.ethics, **changed}


def card(results, **settings) -> str:
    settings = SETTINGS | settings
    said = paragraphs(results, PARTS)
    chosen = choose_model(results, settings)
    return model_card(results, chosen, settings, said, notices(results, settings))


def test_nothing_stands_against_a_run_in_order(runs):
    results = but(runs["whole"])
    require_release(results, choose_model(results, SETTINGS), SETTINGS, ROOT)


def test_the_verdict_chooses_or_a_name_with_its_reason(runs):
    results = but(runs["whole"])
    assert choose_model(results, SETTINGS)["model"] == results.verdict["network"]
    named = SETTINGS | {"model": "random_forest", "reason": REASON}
    found = choose_model(results, named)
    assert found == {"model": "random_forest", "why": REASON[:-1], "kind": "baseline"}


def test_a_withheld_verdict_is_not_released_unless_a_reason_is_recorded(runs):
    verdict = {**runs["whole"].verdict, "verdict": "withheld", "sentence": "No verdict: it leaks."}
    results = but(runs["whole"], verdict=verdict)
    assert "The verdict is withheld. No verdict: it leaks." in against(results)
    settings = SETTINGS | {"although": "Reviewers asked for it."}
    require_release(results, choose_model(results, settings), settings, ROOT)
    text = card(results, although="Reviewers asked for it.")
    top = text.split("## ")[0]
    assert "> **No verdict: it leaks.**" in top and "Reviewers asked for it." in top


def test_a_reopened_test_set_is_not_released_unless_a_reason_is_recorded(runs):
    results = but(runs["whole"], opening={**runs["whole"].opening, "n_openings": 2})
    assert "opened 2 times" in against(results)
    top = card(results, although="Reviewers asked for it.").split("## ")[0]
    assert "The test set was opened 2 times" in top


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"dirty": True, "changes": [" M scripts/a.py"]}, "were not committed (scripts/a.py)"),
        ({"commit": None, "dirty": None, "note": "git is not installed"}, "git is not installed"),
    ],
)
def test_uncommitted_code_is_not_released(runs, monkeypatch, state, said):
    run = {**runs["whole"].run, "git": CLEAN | state}
    assert f"When the run was recorded, {'no' if state.get('note') else ''}" in against(
        but(runs["whole"], run=run)
    )
    monkeypatch.setattr(choices, "git_state", lambda folder: CLEAN | state)
    told = against(but(runs["whole"]))
    assert "Now, " in told and said in told


def test_an_edited_ledger_is_not_released(tmp_path):
    made = ReportFixture(tmp_path)
    ledger = Path(made.params["ledger"]) / "openings.jsonl"
    results = but(made.load())
    lines = ledger.read_text().splitlines()
    ledger.write_text("\n".join([lines[0].replace(":", ": ", 1), *lines[1:]]) + "\n")
    edited = (
        ledger.read_text().replace('"index": 1', '"index": 7').replace('"index":1', '"index":7')
    )
    ledger.write_text(edited)
    assert "openings.jsonl" in against(results)


def test_a_licence_that_is_not_stated_stops_a_release(runs):
    assert "release: licence" in against(but(runs["whole"]), licence=None)
    sources = [{**one, "licence": "not stated"} for one in runs["whole"].provenance]
    assert "is not stated" in against(but(runs["whole"], provenance=sources))


def test_data_that_are_not_public_a_nuisance_and_an_own_tool_stay(runs, tmp_path):
    results = but(runs["whole"], ethics=ethics(runs["whole"], sensitivity="controlled"))
    told = against(results)
    assert "no approval" in told and "weights of a model may tell" in told
    results = but(runs["whole"])
    assert "predicts no biology" in against(results, model="composition", reason=REASON)
    tool = but(ReportFixture(tmp_path, tool=True).load())
    name = next(m for m, f in tool.fit_settings.items() if "tool__command" in f["settings"])
    assert "a program of your own" in against(tool, model=name, reason=REASON)


def test_a_model_on_one_that_runs_elsewhere_stays(runs):
    name = runs["whole"].frozen["chosen"]["network"]
    config = {**runs["whole"].config}
    config["models"] = {**config["models"], name: {"pretrained": "tiny"}}
    contract = {"framework": "transformers", "python": "/hub/bin/python", "trust": False}
    one = {"name": "tiny", "contract": contract, "record": {"licence": "MIT"}}
    given = {"config": config, "pretrained": [one]}
    assert (
        f"`{name}` starts from the pretrained model `tiny` (transformers), which runs in an "
        "environment of its own that a released folder cannot bring. Name another model in "
        "`release: model`."
    ) in against(but(runs["whole"], **given), model=name, reason=REASON)
    one["contract"] = {**contract, "python": None}
    results = but(runs["whole"], **given)
    settings = SETTINGS | {"model": name, "reason": REASON}
    require_release(results, choose_model(results, settings), settings, ROOT)


def test_a_model_that_was_not_audited_stays(runs):
    results = but(runs["whole"])
    told = against(results, model="random_forest", reason=REASON)
    assert "`random_forest` tells who was among its training examples was not tested" in told
    audit = results.membership_inference
    told = against(but(runs["whole"], membership_inference={**audit, "models": []}))
    assert "leave `controls: membership_inference` on" in told


def test_all_that_stands_against_a_release_is_told_at_once(runs):
    results = but(runs["whole"], opening={**runs["whole"].opening, "n_openings": 3})
    assert against(results, licence=None).count("\n  - ") == 2


@pytest.mark.parametrize("name", RUNS)
def test_a_card_has_metadata_and_no_open_field(runs, name):
    text = card(but(runs[name]))
    _, head, body = text.split("---\n", 2)
    facts = yaml.safe_load(head)
    (index,) = facts["model-index"]
    (found,) = index["results"]
    assert facts["license"] == "cc0-1.0" and found["metrics"]
    assert {"type", "name"} <= set(found["dataset"]) and found["task"]["type"]
    fields = re.split(r"^## ", body, flags=re.MULTILINE)[1:]
    assert len(fields) == 17
    for field in fields:
        title, _, said = field.partition("\n")
        assert len(said.strip()) > 10, title
    assert not re.search(r"\[@|\bnan\b|\{\{|More Information|author must", body)
    assert runs[name].verdict["sentence"] in body


def test_the_card_says_what_the_run_knows(runs):
    text = card(but(runs["whole"]), intended_use="For teaching alone, nothing else.")
    known = ("Homo sapiens", "other species", "CC BY 4.0", "For teaching alone", "AUPRC")
    for said in (*known, "may be taken for proven ones", "It was not tested for decisions"):
        assert said in text, said


def test_the_card_says_that_its_scores_are_those_of_the_mean_of_the_fits(runs):
    results = but(runs["whole"])
    name = choose_model(results, SETTINGS)["model"]
    said = card(results).split("## Scores on test")[1].split("## ")[0]
    rows = results.scores[results.scores["model"] == name]
    rows = rows[rows["metric"] == "auprc"].set_index("seed")
    shown = [f"{rows.loc[kind, 'value']:.3f}".lstrip("0") for kind in ("ensemble", "mean")]
    assert shown[0] in said and shown[0] != shown[1]
    assert "scores of the mean prediction of the 3 fits" in said


@pytest.mark.parametrize("text", ["", "  \n", "TBD", "[More Information Needed]", "{{ unit }}"])
def test_an_empty_field_of_the_card_is_refused(text):
    with pytest.raises(InputError, match="nothing to say under 'Limits'"):
        check_fields({"Model": "A network.", "Limits": text})


@pytest.mark.parametrize("text", ["State of the art.", "It is the state-of-the-art", "SOTA"])
def test_a_boast_is_refused(text):
    with pytest.raises(InputError, match="claims the state of the art under 'Model'"):
        check_fields({"Model": text})


def test_a_licence_that_is_no_known_name_is_written_out(runs):
    text = card(but(runs["whole"]), licence="Our own terms 1.0")
    facts = yaml.safe_load(text.split("---\n", 2)[1])
    assert (facts["license"], facts["license_name"]) == ("other", "Our own terms 1.0")


def test_the_validator_of_the_hub_accepts_the_metadata(runs):
    hub = pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    for name in RUNS:
        found = hub.ModelCard(card(but(runs[name])))
        assert found.data.eval_results and found.data.model_name
        assert hub.ModelCard(str(found)).data.to_dict() == found.data.to_dict()


def test_of_data_that_are_not_public_a_private_network_may_leave(runs):
    whole = runs["whole"]
    name = whole.verdict["network"]
    promise = {"epsilon": 3.0, "delta": 1e-5, "fits": 3, "noise_multiplier": 1.24}
    settings = [
        {**one, "settings": {**one["settings"], "privacy": promise}}
        if one["model"] == name
        else one
        for one in whole.settings
    ]
    vote = {"id": "IRB 7", "kind": "ethics_board", "allows_release": True, "sources": [],
            "terms": None, "expires": None, "links": []}  # fmt: skip
    register = ethics(whole, sensitivity="controlled", approvals=[vote])
    results = but(whole, settings=settings, ethics=register)
    require_release(results, choose_model(results, SETTINGS), SETTINGS, ROOT)
    text = card(results)
    assert "all 3 fits together keep an epsilon of 3 with a delta of 1e-05" in text
    assert "must not be taken for private" not in text
    # Where an attack recognises members, it stays; and so does every other model.
    audit = whole.membership_inference
    found = [{**one, "found": "recognised"} for one in audit["models"]]
    seen = but(
        whole, settings=settings, ethics=register, membership_inference={**audit, "models": found}
    )
    assert "weights of a model may tell" in against(seen)
    other = results.verdict["baseline"]
    assert "weights of a model may tell" in against(results, model=other, reason=REASON)


def test_approvals_have_to_hold_on_the_day_of_the_release(runs):
    vote = {"id": "IRB 7", "kind": "ethics_board", "allows_release": True, "sources": [],
            "terms": None, "expires": "2026-05-31", "links": []}  # fmt: skip
    found = ethics(runs["whole"], sensitivity="controlled", approvals=[vote])
    results = but(runs["whole"], ethics=found)
    chosen = choose_model(results, SETTINGS)
    for day, n in ((date(2026, 5, 31), 0), (date(2026, 6, 1), 2)):
        with pytest.raises(InputError) as told:
            require_release(results, chosen, SETTINGS, ROOT, day)
        assert str(told.value).count("no approval") == n
