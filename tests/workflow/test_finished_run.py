"""What Snakemake makes of a finished run: nothing left to do, jobs of an edited module, a report.

These tests edit the copy of the workflow beside the run, so they stand in one file. The page of
`snakemake --report` needs JavaScript from the network; a reporter that only lists takes its place.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from projects import FOLDER, planned_jobs, small_config, snakemake, write_project
from report_fixture import ReportFixture

from deeprules.controls.membership_inference import LIRA, WITHOUT_REFERENCE
from deeprules.files import read_json, read_table
from deeprules.yaml_files import read_yaml

LISTING = """
import json
from dataclasses import dataclass
from snakemake_interface_report_plugins.reporter import ReporterBase
from snakemake_interface_report_plugins.settings import ReportSettingsBase

@dataclass
class ReportSettings(ReportSettingsBase):
    pass

class Reporter(ReporterBase):
    def render(self):
        shown = [
            {"path": str(record.path), "category": category.name, "caption": record.caption}
            for category, groups in self.results.items()
            for records in groups.values()
            for record in records
        ]
        with open("listing.json", "w") as file:
            json.dump(shown, file)
"""


NEW_CONTROL = """
\"\"\"How many examples a model is made from.\"\"\"

import pandas as pd

from deeprules.control import Cost

REPEATED = "countings"
NEEDS = ()


def run(chosen, development, terms):
    row = {**chosen.facts, "examples": sum(map(len, development)), "repeats": terms.repeats}
    return pd.DataFrame([row])


def summarise(table, development, terms):
    return table, {"sentence": f"Made from {table['examples'].max()} examples."}


def cost(development, terms):
    return Cost(terms.settings, 0)
"""


def dry_run(folder):
    return snakemake(folder / "project", "-n", workflow=folder / "workflow").stdout


def planned_after_editing(folder, *module):
    """Jobs that Snakemake would run again if a module of the library were another."""
    path = folder.joinpath("workflow", "scripts", "deeprules", *module)
    original = path.read_text()
    path.write_text(original + "\n\nCHANGED = True\n")
    jobs = planned_jobs(dry_run(folder))
    path.write_text(original)
    return jobs


def test_a_finished_run_has_nothing_left_to_do(finished_run):
    assert "Nothing to be done" in dry_run(finished_run)


def test_editing_a_module_reruns_the_rule_that_uses_it(finished_run):
    jobs = planned_after_editing(finished_run, "explore", "batch_effects.py")
    later = {"conclude_run", "write_report"}
    assert {job["rule"] for job in jobs} - {"all"} == {"explore_batches", *later}


def test_editing_one_network_leaves_the_other_models_alone(finished_run):
    jobs = planned_after_editing(finished_run, "networks", "cnn.py")
    tuned = {job["output"][0] for job in jobs if job["rule"] == "tune_network"}
    assert tuned == {"results/tune/cnn/trials.tsv"}


def test_a_new_control_is_one_file_and_one_key(finished_run, tmp_path):
    shutil.copytree(finished_run / "project", tmp_path / "project")
    module = finished_run / "workflow" / "scripts" / "deeprules" / "controls" / "counting.py"
    config = small_config()
    config["controls"]["counting"] = 2
    write_project(tmp_path / "project", config)
    again = ["--rerun-triggers", "mtime", "params", "--forcerun", "plan_controls"]
    summary = "results/controls/counting/summary.json"
    module.write_text(NEW_CONTROL)
    made = snakemake(tmp_path / "project", summary, *again, workflow=finished_run / "workflow")
    module.unlink()
    assert made.returncode == 0, made.stdout[-3000:]
    assert json.loads((tmp_path / "project" / summary).read_text())["sentence"].startswith("Made")
    table = pd.read_csv(tmp_path / "project" / "results/controls/counting/table.tsv", sep="\t")
    assert table["model"].tolist() == ["cnn", "logistic_regression"]
    assert set(table["repeats"]) == {2}


def places(content, names, above=()):
    """Where the keys of a JSON or YAML file stand, at every depth; the data's own names are `*`."""
    if isinstance(content, list):
        for one in content:
            yield from places(one, names, (*above, "each"))
    elif isinstance(content, dict):
        for key, one in content.items():
            place = (*above, "*" if key in names or "/" in str(key) else key)
            yield from (place, *places(one, names, place))


def keys_in(path, names):
    """Places of the keys of a file, or columns of a table."""
    if path.suffix == ".tsv":
        return {(column,) for column in read_table(path)}
    return {*places(read_json(path) if path.suffix == ".json" else read_yaml(path), names)}


def names_in(results):
    """Models, classes, sources, batches and attacks of a run."""
    dataset = read_json(results / "dataset" / "dataset.json")
    batches = read_table(results / "audit" / "batches.tsv")["batch"]
    models = read_json(results / "frozen.json")["models"]
    return {
        *models,
        *dataset["classes"],
        *dataset["sources"],
        *map(str, batches),
        LIRA,
        WITHOUT_REFERENCE,
    }


def only_in(keys, others):
    """Keys that others lack which have other keys at that place: what is empty has no keys."""
    asked = {place[:-1] for place in others}
    return {place for place in keys - others if place[:-1] in asked}


NAMED_BY_THE_DATA = ("batches", "predictions", "pca")
"""Tables with a column a class, a covariate or a component."""
IN_PART = ("config", "run", "best", "settings")
"""Files of which the made-up ones have a part: what a user or a model decides."""


def test_the_made_up_results_of_the_tests_of_the_report_are_those_of_a_run(finished_run, tmp_path):
    made, compared, other = ReportFixture(tmp_path), set(), {}
    run = finished_run / "project"
    names = names_in(tmp_path / "results") | names_in(run / "results")
    for name, paths in made.inputs.items():
        path = Path(paths if isinstance(paths, str) else paths[0])
        left = run / path.relative_to(tmp_path)
        if left.suffix in (".json", ".tsv", ".yaml") and left.exists():
            ours, theirs = keys_in(path, names), keys_in(left, names)
            lacking = set() if name in IN_PART else only_in(theirs, ours)
            if name not in NAMED_BY_THE_DATA:
                compared.add(name)
                other |= {name: found} if (found := only_in(ours, theirs) | lacking) else {}
    assert other == {} and len(compared) > 40


@pytest.fixture(scope="module")
def shown(finished_run, tmp_path_factory):
    """Records of the report of a finished run, by path."""
    plugins = tmp_path_factory.mktemp("plugins")
    (plugins / "snakemake_report_plugin_listing").mkdir()
    (plugins / "snakemake_report_plugin_listing" / "__init__.py").write_text(LISTING)
    project = finished_run / "project"
    command = [sys.executable, "-m", "snakemake", "--reporter", "listing"]
    command += ["--snakefile", str(finished_run / "workflow" / "Snakefile")]
    command += ["--configfile", "config.yaml"]
    environment = {**os.environ, "PYTHONPATH": str(plugins)}
    result = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]
    records = json.loads((project / "listing.json").read_text())
    (project / "listing.json").unlink()
    return {record["path"]: record for record in records}


def test_the_results_of_every_stage_are_shown(shown):
    for path in (
        "report/report.html",
        "evaluation/scores.tsv",
        "evaluation/comparison.tsv",
        "tune/trials.tsv",
        "audit/problems.tsv",
        "explore/scree.svg",
        "explore/figures/pca_label.svg",
        "controls/shuffled_labels/table.tsv",
    ):
        assert f"results/{path}" in shown, sorted(shown)


def test_each_has_a_category_and_a_caption_of_its_own(shown):
    for path, record in shown.items():
        assert record["category"] and record["category"] != "Other", path
        assert len(record["caption"].split()) > 3, path


def test_nothing_that_holds_examples_one_by_one_of_the_test_set_is_shown(shown):
    assert not [path for path in shown if "sealed" in path or "predictions" in path]


def test_every_caption_is_used():
    rules = "".join(path.read_text() for path in (FOLDER / "workflow" / "rules").glob("*.smk"))
    for caption in (FOLDER / "workflow" / "report").glob("*.rst"):
        assert f'caption="../report/{caption.name}"' in rules, caption.name
