"""The ethics register: each fault is told, and each obstacle stops a release."""

import datetime
from pathlib import Path

import pytest
import yaml
from invented_results import ETHICS
from report_fixture import ReportFixture

from deeprules.ethics import Ethics, obstacles, read_ethics
from deeprules.files import write_json
from deeprules.report.results import Results
from deeprules.report.sections.ethics import section
from deeprules_workflow.configuration import ConfigurationError, load_ethics, resolve

ROOT = Path(__file__).parents[2]
CONCERN = {
    "id": "consent",
    "raised": datetime.date(2026, 1, 2),
    "concern": "Donors consented to research on asthma alone.",
    "severity": "blocking",
    "status": "open",
    "owner": "data steward",
}
VOTE = {"id": "IRB 7", "kind": "ethics_board", "allows_release": True}
LICENCE = {"id": "terms", "kind": "licence", "allows_release": True, "terms": "Anyone may."}
TODAY = datetime.date(2026, 6, 1)
STATED = {"donors": "CC BY 4.0"}


@pytest.fixture
def folder(tmp_path):
    study = yaml.safe_load((ROOT / "config/new/study.yaml").read_text())
    filled = {name: "observational" if name == "design" else "Something said" for name in study}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(filled))
    return tmp_path


def config(folder, **data):
    shipped = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    return {**shipped, "study": str(folder / "study.yaml"), "data": {**shipped["data"], **data}}


def write(folder, **register):
    (folder / "ethics.yaml").write_text(yaml.safe_dump(register, sort_keys=False))


def register(**content):
    empty = {"file": "ethics.yaml", "is_stated": True, "sensitivity": "public", "concerns": []}
    empty |= {"approvals": [], "populations": {"covered": [], "not_covered": []}}
    defaults = {"resolution": None, "links": [], "sources": [], "expires": None, "terms": None}
    content = {
        key: [defaults | one for one in value] if isinstance(value, list) else value
        for key, value in content.items()
    }
    return Ethics(**{**empty, **content})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"sensitivity": "secret"}, "sensitivity: 'secret' is not one of"),
        ({"sensitivty": "public"}, "unknown key `sensitivty`; did you mean `sensitivity`?"),
        ({"concerns": [{**CONCERN, "status": "done"}]}, "concerns[0].status: 'done' is not one of"),
        (
            {"concerns": [{**CONCERN, "status": "resolved"}]},
            "concerns[0] (consent).resolution: say how it was resolved",
        ),
        (
            {"concerns": [{**CONCERN, "status": "accepted", "resolution": "We can live with it."}]},
            "a blocking concern is `open` or `resolved`, never `accepted`",
        ),
        ({"concerns": [CONCERN, CONCERN]}, "concerns[1] (consent): another concern has this id"),
        (
            {"concerns": [{**CONCERN, "raised": "last May"}]},
            "concerns[0] (consent).raised: 'last May' is no day up to today",
        ),
        ({"concerns": [{**CONCERN, "raised": "2999-01-01"}]}, "'2999-01-01' is no day up to today"),
        ({"concerns": [{"id": "x"}]}, "concerns[0].owner: is required"),
        ({"approvals": [{**VOTE, "expires": "never"}]}, "(IRB 7).expires: 'never' is no day"),
        (
            {"approvals": [{**LICENCE, "terms": None}]},
            "approvals[0] (terms).terms: say what the licence allows",
        ),
        (
            {"approvals": [{**VOTE, "sources": ["sequence"]}]},
            "approvals[0].sources: there is no source `sequence`; did you mean `sequences`?",
        ),
        ([1, 2], "is not of type 'object'"),
    ],
)
def test_each_fault_is_told(folder, content, said):
    (folder / "ethics.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    with pytest.raises(ConfigurationError) as told:
        resolve(config(folder), ROOT)
    assert said in str(told.value) and "ethics.yaml" in str(told.value)


def test_public_data_need_no_register_and_others_do(folder):
    assert resolve(config(folder), ROOT)["data"]["sensitivity"] == "public"
    with pytest.raises(ConfigurationError, match="`controlled` need an ethics register"):
        resolve(config(folder, sensitivity="controlled"), ROOT)
    write(folder, sensitivity="identifiable")
    assert resolve(config(folder), ROOT)["data"]["sensitivity"] == "identifiable"
    with pytest.raises(ConfigurationError, match=r"is `public`, but .* says `identifiable`"):
        resolve(config(folder, sensitivity="public"), ROOT)


def test_a_register_that_is_named_has_to_be_there(folder):
    with pytest.raises(ConfigurationError, match="no such file"):
        resolve({**config(folder), "ethics": str(folder / "other.yaml")}, ROOT)


def test_resolving_again_changes_nothing(folder):
    for content in ({}, {"sensitivity": "controlled"}):
        write(folder, **content)
        once = resolve(config(folder), ROOT)
        assert resolve(once, ROOT) == once


def test_the_empty_register_of_a_new_project_is_read_and_stated_as_unanswered(folder):
    (folder / "ethics.yaml").write_text((ROOT / "config/new/ethics.yaml").read_text())
    found = load_ethics(resolve(config(folder), ROOT), ROOT)
    assert found["sensitivity"] == "public" and not found["is_stated"]
    told = obstacles(Ethics(**found), STATED, TODAY)
    assert told == ["ethics.yaml does not say who may see the data: fill in `sensitivity`."]


def test_the_register_of_the_demo_is_in_order_and_read_back(tmp_path):
    shipped = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    write_json(tmp_path / "ethics.json", load_ethics(resolve(shipped, ROOT), ROOT))
    found = read_ethics(tmp_path / "ethics.json")
    assert found.is_public and not obstacles(found, STATED, TODAY)


@pytest.mark.parametrize(
    ("content", "licences", "said"),
    [
        ({"concerns": [CONCERN]}, STATED, "`consent` is blocking and open"),
        ({"sensitivity": "controlled"}, STATED, "no approval of an ethics board"),
        (
            {"sensitivity": "identifiable", "approvals": [LICENCE]},
            STATED,
            "is identifiable, and no",
        ),
        (
            {"sensitivity": "controlled", "approvals": [{**VOTE, "expires": "2026-05-31"}]},
            STATED,
            "no approval",
        ),
        (
            {"sensitivity": "controlled", "approvals": [{**VOTE, "sources": ["others"]}]},
            STATED,
            "no approval",
        ),
        (
            {"sensitivity": "controlled", "approvals": [{**VOTE, "allows_release": False}]},
            STATED,
            "`IRB 7` does not allow the release",
        ),
        ({}, {"donors": "not stated"}, "licence of `donors` is not stated"),
        ({}, {"donors": " "}, "licence of `donors` is not stated"),
        ({}, {"donors": "CC BY-NC-ND 4.0"}, "(CC BY-NC-ND 4.0) does not let a model"),
        ({}, {"donors": "All rights reserved"}, "does not let a model"),
        (
            {"approvals": [{**LICENCE, "allows_release": False}]},
            STATED,
            "`terms` does not allow the release",
        ),
    ],
)
def test_each_obstacle_stops_a_release(content, licences, said):
    (found,) = obstacles(register(**content), licences, TODAY)
    assert said in found


@pytest.mark.parametrize(
    ("content", "licences"),
    [
        ({}, STATED),
        ({"concerns": [{**CONCERN, "severity": "minor"}]}, STATED),
        ({"concerns": [{**CONCERN, "status": "resolved"}]}, STATED),
        ({"sensitivity": "controlled", "approvals": [{**VOTE, "expires": "2026-06-01"}]}, STATED),
        ({"approvals": [LICENCE]}, {"donors": "not stated"}),
        ({"approvals": [LICENCE]}, {"donors": "CC BY-ND 4.0"}),
    ],
)
def test_nothing_else_does(content, licences):
    assert obstacles(register(**content), licences, TODAY) == []


def test_a_pretrained_model_has_a_licence_and_needs_no_ethics_vote():
    found = {"approvals": [{**VOTE, "sources": ["donors"]}], "sensitivity": "controlled"}
    for licence, n in (("MIT", 0), ("not stated", 1), ("CC BY-ND 4.0", 1)):
        against = obstacles(register(**found), STATED, TODAY, pretrained={"motifs": licence})
        assert len(against) == n and all("`motifs`" in one for one in against)


def test_a_study_about_patients_needs_a_register():
    (found,) = obstacles(register(file=None, is_stated=False), STATED, TODAY, of_patients=True)
    assert "about patients" in found


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({}, "pass", "An ethics register is kept"),
        ({"file": None, "is_stated": False}, "warn", "There is no ethics register"),
        ({"concerns": [{**ETHICS["concerns"][0], "status": "open"}]}, "warn", "open: `misuse`"),
        (
            {"concerns": [{**ETHICS["concerns"][0], "status": "open", "severity": "blocking"}]},
            "fail",
            "`misuse` is blocking and open",
        ),
        ({"sensitivity": "controlled"}, "fail", "no approval"),
    ],
)
def test_the_report_judges_the_register(tmp_path, changed, status, said):
    made = ReportFixture(tmp_path)
    results = Results(made.inputs, "", "", {"ethics": {**ETHICS, **changed}})
    found = section(results).findings[0]
    assert (found.tip, found.status) == (10, status) and said in found.sentence
