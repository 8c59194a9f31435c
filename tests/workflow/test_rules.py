"""What the rule graph must look like, read from a dry run."""

import ast
import re
import shutil

import pytest
from projects import FOLDER, planned_jobs, small_config, snakemake, write_project

from deeprules_workflow.fingerprint import MissingModule, _imports, library_fingerprint

CONTROLS = FOLDER / "scripts" / "deeprules" / "controls"
RULE_FILES = sorted((FOLDER / "workflow" / "rules").glob("*.smk"))
NO_SCRIPT = ("locate_tool", "locate_transformers")
"""Rules of one line of shell, since their environment may hold no Python."""
WITHOUT_OUTPUT = ("check_data",)
"""Rules that tell something and keep nothing."""
LIKE = {
    "run_network_trials": "run_trials",
    "tune_network": "tune_model",
    "fit_network": "fit_model",
}
"""Rules that are another one for other models."""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graph")
    write_project(folder, small_config())
    return planned_jobs(snakemake(folder, "-n").stdout)


def test_only_the_evaluation_reads_the_sealed_test_partition(jobs):
    readers = {job["rule"] for job in jobs if any("sealed" in path for path in job["input"])}
    writers = {job["rule"] for job in jobs if any("sealed" in path for path in job["output"])}
    assert readers == {"evaluate_test"}
    assert writers == {"split_dataset"}


def test_the_whole_data_set_goes_only_to_what_stands_before_the_split(jobs):
    readers = {
        job["rule"]
        for job in jobs
        if {"results/dataset/examples.parquet", "results/dataset/features.npy"} & set(job["input"])
    }
    assert readers == {"audit_dataset", "cluster_homologs", "split_dataset"}


def test_the_split_reads_clusters_only_to_keep_them_together(tmp_path, jobs):
    write_project(tmp_path, small_config(split__strategy="homology"))
    result = snakemake(tmp_path, "-n", "results/split/split.json")
    by_group, by_homology = (
        {path for job in planned if job["rule"] == "split_dataset" for path in job["input"]}
        for planned in (jobs, planned_jobs(result.stdout))
    )
    assert by_homology - by_group == {"results/homology/clusters.parquet"}


def test_the_evaluation_is_one_job_after_the_models_are_frozen(jobs):
    evaluations = [job for job in jobs if job["rule"] == "evaluate_test"]
    assert len(evaluations) == 1
    assert "results/frozen.json" in evaluations[0]["input"]


def summarised(jobs):
    """Controls that a run makes, by name."""
    outputs = [job["output"] for job in jobs if job["rule"] == "summarise_controls"]
    return {path.split("/")[2] for paths in outputs for path in paths}


def test_a_control_is_made_only_where_it_is_asked_for_and_has_what_it_needs(tmp_path, jobs):
    assert summarised(jobs) == {path.stem for path in CONTROLS.glob("[a-z]*.py")}
    changes = {"models": {"logistic_regression": {}}, "data__batch": None}
    asked = {"determinism": False, "learning_curve": {"shares": []}}
    write_project(tmp_path, small_config(controls=asked, **changes))
    planned = planned_jobs(snakemake(tmp_path, "-n").stdout)
    # Nuisance probes are about a network, and there are no batches to leave out.
    once = {"shuffled_labels", "split_stringency", "membership_inference"}
    assert summarised(planned) == once
    assert "write_report" in {job["rule"] for job in planned}


def test_without_gpus_nothing_is_checked(jobs):
    assert "check_gpu" not in {job["rule"] for job in jobs}


def test_controls_read_development_data_alone(jobs):
    for job in jobs:
        if job["rule"] in ("draw_splits", "plan_controls", "summarise_controls"):
            assert not any("sealed" in path or "/test/" in path for path in job["input"])


def test_interpretation_reads_development_data_alone_and_can_be_left_out(tmp_path, jobs):
    rules = {"attribute_network", "find_motifs", "try_motifs"}
    assert not rules & {job["rule"] for job in jobs}
    write_project(tmp_path, small_config(interpret={"sequences": 60}))
    planned = planned_jobs(snakemake(tmp_path, "-n", "results/interpret/cnn/summary.json").stdout)
    found = {job["rule"]: job for job in planned if job["rule"] in rules}
    assert set(found) == rules
    for job in found.values():
        assert not any("sealed" in path or "evaluation" in path for path in job["input"])
    assert "results/fit/cnn/real/seed2/model.keras" in found["try_motifs"]["input"]


def test_a_release_is_made_of_results_alone_and_only_when_it_is_asked_for(tmp_path, jobs):
    write_project(tmp_path, small_config())
    planned = {
        job["rule"]: job for job in planned_jobs(snakemake(tmp_path, "-n", "release").stdout)
    }
    made = {"write_card", "build_release", "write_release"}
    assert made <= set(planned) and not made & {job["rule"] for job in jobs}
    for name in made:
        assert not [one for one in planned[name]["input"] if "sealed" in one or "/train/" in one]
    assert planned["write_release"]["output"] == ["results/release"]


@pytest.mark.parametrize("name", ["config.yaml", "config/config.yaml"])
def test_a_key_that_stands_twice_ends_a_run_before_it_starts(tmp_path, name):
    text = write_project(tmp_path, small_config()).read_text()
    (tmp_path / "config.yaml").unlink()
    (tmp_path / "config").mkdir()
    (tmp_path / name).write_text(f"{text}seed: 1\nseed: 2\n")
    result = snakemake(tmp_path, "-n")
    assert result.returncode == 1
    assert "the key `seed` stands in line" in result.stdout


def test_rule_and_log_share_one_name(jobs):
    for job in jobs:
        if job["rule"] == "all":
            continue
        name = LIKE.get(job["rule"], job["rule"])
        assert re.match(rf"logs/{name}[/.]", job["log"][0])


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_every_rule_declares_what_a_job_needs(path):
    heads = r"^(?:rule|checkpoint) (\w+):\n(.*?)(?=^\S|\Z)"
    rules = re.findall(heads, path.read_text(), re.DOTALL | re.MULTILINE)
    for name, body in rules:
        if set(re.findall(r"^    (\w+):", body, re.MULTILINE)) == {"input"}:
            continue  # a name for a target, not a job
        kept = [] if name in WITHOUT_OUTPUT else ["output"]
        for key in (*kept, "params", "log", "conda", "threads", "resources"):
            assert re.search(rf"^    {key}:", body, re.MULTILINE), f"{name} lacks {key}"
        assert "mem_mb=" in body and "runtime=" in body, name
        if name in NO_SCRIPT:
            continue
        assert f'scripts/{name}.py"' in body, name
        assert "library=" in body, name


def test_the_snakefile_is_a_table_of_contents():
    text = (FOLDER / "Snakefile").read_text()
    assert len(text.splitlines()) <= 45
    included = re.findall(r'include: "workflow/rules/(\w+)\.smk"', text)
    assert sorted(included) == [path.stem for path in RULE_FILES]


def test_rule_files_do_not_import_the_library():
    for path in RULE_FILES:
        assert not re.search(r"^\s*(import|from) deeprules\b", path.read_text(), re.MULTILINE)


def test_a_rule_file_says_what_goes_in_and_out():
    for path in RULE_FILES:
        text = path.read_text()
        docstring = text.split('"""')[1]
        if re.search(r"^(rule|checkpoint) ", text, re.MULTILINE):
            assert "INPUTS" in docstring and "OUTPUTS" in docstring, path.name
        else:
            assert "no rules" in docstring, path.name


def test_the_entry_for_the_workflow_catalogue_plans_the_same_jobs(tmp_path, jobs):
    write_project(tmp_path, small_config())
    result = snakemake(tmp_path, "-n", workflow=FOLDER / "workflow")
    assert len(planned_jobs(result.stdout)) == len(jobs)


PLUGINS = {
    "build_dataset": ("datasets.table",),
    "run_trials": ("networks.cnn",),
    "tune_model": ("networks.cnn",),
    "fit_model": ("networks.cnn",),
    "evaluate_test": ("networks.cnn", "baselines.composition"),
}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """A copy of the scripts and the library, which a test may edit if it undoes that."""
    return shutil.copytree(FOLDER / "scripts", tmp_path_factory.mktemp("library") / "scripts")


@pytest.fixture(scope="module")
def before(scripts):
    return fingerprints(scripts)


def fingerprints(scripts):
    """Fingerprint of every script's library code, as the rules ask for it."""
    return {
        path.stem: library_fingerprint(scripts, path.stem, *PLUGINS.get(path.stem, ()))
        for path in scripts.glob("*.py")
    }


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("import deeprules.absent", "deeprules.absent"),
        ("from deeprules.absent.files import a", "deeprules.absent.files"),
        ("from deeprules.fit import absent", "deeprules.fit.absent"),
        ("from ..fit import absent", "deeprules.fit.absent"),
        ("from .absent import a", "deeprules.networks.absent"),
    ],
)
def test_a_module_that_is_imported_and_missing_is_named(tmp_path, text, missing):
    module = tmp_path / "deeprules" / "networks" / "own.py"
    for folder in (module.parent, tmp_path / "deeprules" / "fit"):
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text('"""A package."""\n')
    (tmp_path / "deeprules" / "__init__.py").write_text("")
    (tmp_path / "script.py").write_text("")
    module.write_text(text)
    with pytest.raises(MissingModule, match=rf"deeprules/networks/own\.py imports {missing}, "):
        library_fingerprint(tmp_path, "script", "networks.own")
    with pytest.raises(MissingModule, match=r"script\.py imports deeprules\.networks\.other"):
        library_fingerprint(tmp_path, "script", "networks.other")


def test_imports_that_are_read_alone_are_all_there_are():
    for file in (FOLDER / "scripts").rglob("*.py"):
        text = file.read_text()
        all_there_are = [
            node
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        read = _imports(text, file)
        assert sorted(map(ast.dump, read)) == sorted(map(ast.dump, all_there_are)), file


@pytest.mark.parametrize(
    "text",
    [
        "from .blocks import a",
        "from . import blocks",
        "import beside",
        "if True: import beside",
        "a = 1; import beside",
        "from .blocks import a, \\\n    b",
        "from .blocks import (  # as (ever)\n    a,\n    b,\n)",
        '"""A model\nfrom far away."""\nimport beside',
        "def build():\n    from .blocks import a",
    ],
)
def test_modules_beside_a_model_are_part_of_the_fingerprint(tmp_path, text):
    folder = tmp_path / "deeprules" / "networks"
    folder.mkdir(parents=True)
    helper = tmp_path / "beside.py" if "beside" in text else folder / "blocks.py"
    for path in (folder / "__init__.py", tmp_path / "script.py", helper):
        path.write_text("a = 1\n")
    (folder / "own.py").write_text(text)
    before = library_fingerprint(tmp_path, "script", "networks.own")
    helper.write_text("a = 2\n")
    assert library_fingerprint(tmp_path, "script", "networks.own") != before


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("networks/cnn", {"run_trials", "tune_model", "fit_model", "evaluate_test"}),
        ("baselines/composition", {"evaluate_test"}),
        ("datasets/table", {"build_dataset"}),
        ("datasets/fasta", set()),
        ("networks/mlp", set()),
        ("explore/batch_effects", {"explore_batches", "explain_features"}),
        ("tune/tuning", {"run_trials", "tune_model", "run_simulated_cell"}),
        ("report/tables", {"write_report", "write_paper", "write_card", "report_predictions"}),
        ("simulate/simulation", {"simulate_source", "run_simulated_cell"}),
    ],
)
def test_the_fingerprint_changes_for_the_scripts_that_use_a_module(scripts, before, module, rules):
    path = scripts / "deeprules" / f"{module}.py"
    original = path.read_text()
    path.write_text(original + "\n\nCHANGED = True\n")
    after = fingerprints(scripts)
    path.write_text(original)
    assert {name for name in before if before[name] != after[name]} == rules
