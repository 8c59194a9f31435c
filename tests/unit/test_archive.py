"""What goes into an archive and what never does, and the MUST items of its profile.

Structure alone is tested here; the profile's own validator is no part of the environment.
"""

import json
import re
import zipfile
from pathlib import Path

import pytest
import yaml
from report_fixture import ReportFixture

from deeprules.conclude.archive import MAY_LEAVE, describe_files, instructions, lay_out
from deeprules.conclude.archive_crate import PROFILES, write_crate
from deeprules.errors import InputError
from deeprules.files import read_json, write_json
from deeprules.privacy.disclosure import Disclosure

FOLDER = Path(__file__).parents[2]
REMOTE = {
    "source": "promoters",
    "given_url": "https://example.org/promoters.fa.gz",
    "final_url": "https://example.org/promoters.fa.gz",
    "version": "1.0",
    "licence": "CC BY 4.0",
    "citation": "Author et al. 2024",
    "downloaded": "2026-01-05T10:00:00+00:00",
    "bytes": 1000,
    "sha256": "a" * 64,
}
LOCAL = {**REMOTE, "source": "mine", "given_url": "/home/me/x.csv", "final_url": "file:///home/me"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A made-up finished run with pins and a sealed partition."""
    made = ReportFixture(tmp_path_factory.mktemp("run"))
    write_json(made.folder / "records/checksums/promoters.json", {"sha256": "a" * 64})
    (made.folder / "results/report").mkdir()
    (made.folder / "results/report/report.html").write_text("<html>")
    (made.folder / "results/sealed/test").mkdir(parents=True)
    (made.folder / "results/sealed/test/examples.parquet").write_text("secret")
    return made


def results(run):
    """Paths of all results, with those that hold examples."""
    paths = [path for path in run.folder.rglob("results/**/*") if path.is_file()]
    return [str(path) for path in paths if "sealed" not in path.parts]


def records(run):
    return Path(run.params["ledger"]).parent


def archive(run, folder, sensitivity="public"):
    disclosure = Disclosure.of({"data": {"sensitivity": sensitivity}}, run.inputs)
    lay_out(folder, results(run), records(run), FOLDER, disclosure)
    sources = [REMOTE, LOCAL]
    (folder / "README.md").write_text(instructions("A run", sources))
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    path = folder.parent / f"{folder.name}.zip"
    write_crate(path, folder, describe_files(folder, files), sources)
    with zipfile.ZipFile(path) as packed:
        crate = json.loads(packed.read("ro-crate-metadata.json"))
        return set(packed.namelist()), {one["@id"]: one for one in crate["@graph"]}, crate


@pytest.fixture(scope="module")
def crate(run, tmp_path_factory):
    return archive(run, tmp_path_factory.mktemp("public"))


def test_it_holds_results_ledger_pins_code_and_environments(crate):
    names, _, _ = crate
    for name in (
        "README.md",
        "Snakefile",
        "config/config.yaml",
        "config/study.yaml",
        "envs/train.yaml",
        "envs/requirements.lock",
        "scripts/deeprules/conclude/archive.py",
        "workflow/rules/archive.smk",
        "results/report/report.html",
        "results/evaluation/scores.tsv",
        "results/run/run.json",
        "records/ledger/openings.jsonl",
        "records/checksums/promoters.json",
    ):
        assert name in names, name


def test_it_holds_neither_examples_nor_models(crate):
    names, _, _ = crate
    results = [name for name in names if name.startswith("results/")]
    assert not [name for name in results if "sealed" in name or "predictions" in name]
    assert not [name for name in names if name.endswith((".parquet", ".npy", ".keras", ".joblib"))]


def test_a_path_in_the_sealed_partition_is_refused(run, tmp_path):
    sealed = str(run.folder / "results/sealed/test/examples.parquet")
    with pytest.raises(InputError, match="sealed"):
        lay_out(tmp_path, [sealed], records(run), FOLDER, Disclosure())


def test_every_summary_is_written_by_a_rule():
    folder = Path(__file__).parents[2] / "workflow" / "rules"
    rules = "".join(path.read_text() for path in folder.glob("*.smk"))
    of_a_control = re.compile(r"(?<=^results/controls/)\w+(?=/)")
    for path in MAY_LEAVE:
        assert f'"{of_a_control.sub("{control}", path)}"' in rules, path


def test_of_data_that_are_not_public_only_summaries_are_taken(run, tmp_path):
    (tmp_path / "private").mkdir()
    names, _, _ = archive(run, tmp_path / "private", "controlled")
    assert "results/evaluation/scores.tsv" in names and "records/ledger/openings.jsonl" in names
    for name in ("report/report.html", "audit/duplicates.tsv", "audit/problems.tsv"):
        assert f"results/{name}" not in names
    assert not [name for name in names if name.startswith("records/ledger/examples")]


def test_the_configuration_in_it_names_the_study_beside_it(run, tmp_path):
    (tmp_path / "one").mkdir()
    archive(run, tmp_path / "one")
    config = yaml.safe_load((tmp_path / "one/config/config.yaml").read_text())
    assert config["study"] == "config/study.yaml"
    study = yaml.safe_load((tmp_path / "one/config/study.yaml").read_text())
    assert study == read_json(run.inputs["study"])["study"]


def ids(value):
    """The identifiers that a property refers to."""
    values = value if isinstance(value, list) else [value]
    return [one["@id"] for one in values if isinstance(one, dict)]


def kinds(entity):
    return {entity["@type"]} if isinstance(entity["@type"], str) else set(entity["@type"])


def test_root_and_descriptor(crate):
    _, graph, content = crate
    root = graph["./"]
    assert set(PROFILES) <= set(ids(root["conformsTo"]))
    assert all("CreativeWork" in kinds(graph[one]) for one in ids(root["conformsTo"]))
    assert root["license"] and root["datePublished"] and root["name"] and root["description"]
    assert ids(graph["ro-crate-metadata.json"]["about"]) == ["./"]
    assert "https://w3id.org/ro/terms/workflow-run/context" in content["@context"]


def test_the_main_entity_is_a_workflow_with_its_language_and_commit(crate):
    _, graph, _ = crate
    (main,) = ids(graph["./"]["mainEntity"])
    workflow = graph[main]
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow"} <= kinds(workflow)
    assert graph[ids(workflow["programmingLanguage"])[0]]["name"] == "Snakemake"
    assert workflow["version"] == "0123abcd" * 5
    packages = [graph[one] for one in ids(workflow["softwareRequirements"])]
    assert {"name": "keras", "version": "3.15.1"}.items() <= packages[-2].items()


def test_the_action_is_a_run_of_it_and_is_mentioned(crate):
    _, graph, _ = crate
    action = graph["#run"]
    assert kinds(action) == {"CreateAction"}
    assert ids(action["instrument"]) == ids(graph["./"]["mainEntity"])
    assert ids(graph["./"]["mentions"]) == ["#run"]
    assert "results/report/report.html" in ids(action["result"])
    assert {REMOTE["given_url"], "#source-mine"} <= set(ids(action["object"]))


def test_every_parameter_has_a_type_and_an_example(crate):
    _, graph, _ = crate
    (main,) = ids(graph["./"]["mainEntity"])
    named = ids(graph[main]["input"]) + ids(graph[main]["output"])
    parameters = [one for one in graph.values() if "FormalParameter" in kinds(one)]
    assert sorted(named) == sorted(one["@id"] for one in parameters)
    for parameter in parameters:
        assert parameter["additionalType"] in ("File", "PropertyValue")
        example = graph[ids(parameter["workExample"])[0]]
        assert kinds(example) & {"File", "PropertyValue"}
        assert ids(example["exampleOfWork"]) == [parameter["@id"]]


def test_data_are_referred_to_with_version_licence_and_checksum(crate):
    names, graph, _ = crate
    remote = graph[REMOTE["given_url"]]
    assert REMOTE["given_url"] not in names
    for known in (remote, graph["#source-mine"]):
        assert known["version"] == "1.0" and known["license"] == "CC BY 4.0"
        assert known["sha256"] == "a" * 64


def test_the_metadata_tell_no_path_of_the_machine(crate):
    _, _, content = crate
    assert "/home/me" not in json.dumps(content)


def test_every_file_is_listed_with_its_checksum_and_every_reference_is_known(crate):
    names, graph, _ = crate
    parts = set(ids(graph["./"]["hasPart"]))
    assert names - {"ro-crate-metadata.json"} == parts - {REMOTE["given_url"]}
    assert all("sha256" in graph[name] for name in parts - {"Snakefile"})
    for entity in graph.values():
        for key, value in entity.items():
            for one in ids(value):
                known = one in graph or key in ("conformsTo", "identifier", "url")
                assert known, (entity["@id"], key, one)


def test_scores_of_the_chosen_models_are_values_with_intervals(crate):
    _, graph, _ = crate
    score = graph["#auprc-cnn"]
    assert 0 < score["minValue"] < score["value"] < score["maxValue"] < 1
