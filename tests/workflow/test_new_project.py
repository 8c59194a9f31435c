"""A newcomer's first data set: a new project, ten edited lines, one command, a report."""

import difflib
import os
import random
import shutil
import subprocess
import sys

import pandas as pd
import projects
import pytest
import warm_starts
import yaml
from projects import FOLDER

from deeprules.simulate.simulation import simulate, write_gzipped
from deeprules_workflow import new_project
from deeprules_workflow.new_project import COPIED

ANSWERS = {
    "question": "Can sequences with a TATA box be told from others?",
    "endpoint": "whether the box was planted",
    "design": "simulated",
    "unit": "one sequence",
    "replicates": "none",
    "plan": "The best network against the best baseline by AUPRC on test.",
}


def make_new(folder, *files):
    command = [sys.executable, "-m", "deeprules_workflow.new_project", folder, *files]
    environment = {**os.environ, "PYTHONPATH": str(FOLDER / "workflow")}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("newcomer") / "my_study"
    result = make_new(folder)
    assert result.returncode == 0, result.stderr
    return folder


def write_fasta(path, box, seed):
    """120 sequences of 60 bases, with a box in the middle."""
    draw = random.Random(seed)
    with open(path, "w") as file:
        for number in range(120):
            left, middle, right = ("".join(draw.choices("ACGT", k=k)) for k in (27, 6, 27))
            print(f">{path.stem}_{number}\n{left}{box or middle}{right}", file=file)


def edit(path, changes):
    """Replace pieces of text, each of which occurs once; returns how many lines have changed."""
    before = after = path.read_text()
    for old, new in changes.items():
        assert after.count(old) == 1, old
        after = after.replace(old, new)
    path.write_text(after)
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return sum(line.startswith("+ ") for line in lines)


def test_it_has_an_empty_study_and_nobodys_results(project):
    study = yaml.safe_load((project / "config" / "study.yaml").read_text())
    assert not any(study[key] for key in ANSWERS)
    assert "simulate" not in (project / "config" / "config.yaml").read_text()
    for name in ("results", "resources", "records", "runs", "logs", ".snakemake", ".venv"):
        assert not (project / name).exists()
    log = subprocess.run(["git", "-C", project, "log", "--oneline"], capture_output=True, text=True)
    assert len(log.stdout.splitlines()) <= 1


def test_nothing_of_the_workflow_is_forgotten():
    tracked = subprocess.run(
        ["git", "-C", FOLDER, "ls-files"], capture_output=True, text=True
    ).stdout.splitlines()
    if not tracked:
        pytest.skip("not in a repository")
    assert {path.split("/")[0] for path in tracked} - {"records", "data", "resources"} == set(
        COPIED
    )


def git(folder, *command):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", "-C", folder, *who, *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(filter(None, done.stdout.split("\0")))


def test_what_lies_in_the_workflow_and_is_none_of_it_stays_there(tmp_path, monkeypatch):
    """Packages that a test installed, caches, and a run in a folder of the workflow."""
    template, mine = tmp_path / "template", tmp_path / "mine"
    template.mkdir()
    for name in COPIED:
        copy = shutil.copytree if (FOLDER / name).is_dir() else shutil.copy2
        copy(FOLDER / name, template / name)
    strays = (
        "tests/browser/node_modules/axe-core/LICENSE",
        "scripts/deeprules/__pycache__/tips.pyc",
        "scripts/.mypy_cache/.gitignore",
        "config/.unfinished-config.yaml",
        "docs/results/scores.tsv",
    )
    for stray in strays:
        (template / stray).parent.mkdir(parents=True, exist_ok=True)
        (template / stray).write_text("*\n")
    monkeypatch.setattr(new_project, "FOLDER", template)
    new_project.make_project(mine)
    new_project.start_history(mine)
    assert not [stray for stray in strays if (mine / stray).exists()]
    assert (mine / "tests/browser/package-lock.json").exists()


def test_what_a_person_ignores_everywhere_takes_no_part_of_the_workflow(tmp_path, monkeypatch):
    template = tmp_path / "template" / "info"
    template.mkdir(parents=True)
    (template / "exclude").write_text("networks/\n")
    (tmp_path / "ignore").write_text("build/\nlib/\ndata/\nenv*/\n*.lock\ntest*\nscripts\n*.py\n")
    (tmp_path / ".gitconfig").write_text(
        f"[core]\nexcludesFile = {tmp_path / 'ignore'}\n[init]\ntemplateDir = {template.parent}\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    result = make_new(tmp_path / "mine")
    assert result.returncode == 0, result.stderr
    tracked = git(tmp_path / "mine", "ls-files", "-z")
    ours = git(FOLDER, "ls-files", "-z")
    assert {path for path in ours if path.split("/")[0] in COPIED} <= tracked


def test_data_results_and_sealed_files_are_not_added(project):
    kept_out = (
        *("data/mine.fa", "data/sub/mine.tsv", "results/sealed/test/labels.tsv", "runs/a/x"),
        *("resources/downloads/a/a.fa", "resources/pretrained/a/model.keras", "logs/a.log"),
        *("resources/pretraining/a/x.fa", "resources/activations/x.npy"),
        *(".snakemake/metadata/x", "records/ledger/openings.lock", "first/results/sealed/x"),
        *("first/resources/downloads/a/a.fa", "config/.unfinished-config.yaml"),
    )
    kept = ("records/checksums/a.json", "records/ledger/openings.jsonl", "config/more.yaml")
    made = [project / name for name in (*kept_out, *kept) if not (project / name).exists()]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    added = git(project, "add", "--dry-run", "--verbose", ".")
    listed = "".join(added)
    assert all(f"'{name}'" in listed for name in kept)
    assert not [name for name in kept_out if f"'{name}'" in listed]
    for path in made:
        path.unlink()


def test_a_folder_with_something_in_it_is_left_alone(project):
    result = make_new(project)
    assert result.returncode != 0 and "is not empty" in result.stderr


def counts_and_samples(folder):
    draw = random.Random(4)
    names = [f"S{number:02}" for number in range(40)]
    files = [f"/scratch/my run/{name}.sorted.bam" for name in names]
    table = [["Geneid", "Chr", "Start", "End", "Strand", "Length", *files]]
    for gene in range(90):
        numbers = [str(draw.randrange(300)) for _ in names]
        table.append([f"ENSG{gene:08}", "1;1", "5;9", "7;12", "+;+", "5", *numbers])
    text = '# Program:featureCounts v2.0.6; Command:"featureCounts" "-a" "x.gtf"\n'
    text += "\n".join(map("\t".join, table)) + "\n"
    (folder / "my counts.txt").write_text(text)
    rows = [[name, "ab"[i % 2], f"D{i // 2}", f"P{i % 3}"] for i, name in enumerate(names)]
    sheet = pd.DataFrame(rows, columns=["sample", "diagnosis", "donor", "plate"])
    sheet.to_excel(folder / "samples.xlsx", index=False)
    files = ["my counts.txt", "samples.xlsx"]
    return files, "40 examples of 90 features were read.", "Label ('diagnosis'): "


def test_files_lead_to_a_configuration_that_is_understood_without_an_edit(tmp_path):
    (tmp_path / "here").mkdir()
    files, *told = counts_and_samples(tmp_path / "here")
    shutil.copytree(FOLDER / "config" / "new", tmp_path / "study" / "config")
    command = [sys.executable, "-m", "deeprules.guess", tmp_path / "here", *files]
    environment = {**os.environ, "PYTHONPATH": str(FOLDER / "scripts")}
    folder = tmp_path / "study"
    subprocess.run(command, cwd=folder, env=environment, check=True)
    result = projects.snakemake(folder, "check_data", cores=1)
    assert result.returncode == 0, result.stdout[-3000:]
    assert all(words in result.stdout for words in told)
    study = folder / "config" / "study.yaml"
    edit(study, {f"\n{key}:": f"\n{key}: {answer}" for key, answer in ANSWERS.items()})
    result = projects.snakemake(folder, "--dry-run", cores=1)
    assert result.returncode == 0, result.stdout[-3000:]


def test_files_that_are_not_there_are_told_before_anything_is_made(tmp_path):
    result = make_new(tmp_path / "mine", tmp_path / "none.fa")
    assert result.returncode != 0 and "none.fa: correct FROM" in result.stderr
    assert not (tmp_path / "mine").exists()


def snakemake(project, *arguments):
    result = warm_starts.snakemake(project, "--cores", 2, *arguments)
    return result.returncode, result.stdout


def test_an_unedited_study_stops_the_run_and_says_what_is_missing(project):
    code, said = snakemake(project, "--dry-run")
    assert code != 0
    assert all(f"{key}:" in said for key in ANSWERS)


def test_ten_edited_lines_lead_to_a_plan_and_data_that_are_understood(project):
    """Up to the split; a run to its report is that of `finished_run`."""
    write_fasta(project / "data" / "with_box.fa", "TATAAA", seed=1)
    write_fasta(project / "data" / "without.fa", "", seed=2)
    template = "{}: {{url: data/{}.fa, format: fasta, values: {{class: {}}}}}"
    edited = edit(
        project / "config" / "study.yaml",
        {f"\n{key}:": f"\n{key}: {answer}" for key, answer in ANSWERS.items()},
    )
    edited += edit(
        project / "config" / "config.yaml",
        {
            "positive: positive  ": "positive: box  ",
            template.format("positive", "positive", "positive"): template.format(
                "box", "with_box", "box"
            ),
            template.format("negative", "negative", "negative"): template.format(
                "others", "without", "other"
            ),
        },
    )
    assert edited <= 10
    code, said = snakemake(project, "--dry-run")
    assert code == 0, said[-5000:]
    planned = {path for job in projects.planned_jobs(said) for path in job["output"]}
    path = project / "config" / "config.yaml"
    config = yaml.safe_load(path.read_text())
    assert {f"results/tune/{model}/trials.tsv" for model in config["models"]} <= planned
    assert "results/report/report.html" in planned
    code, said = snakemake(project, "results/split/split.json", "results/study.json")
    assert code == 0, said[-5000:]
    study = (project / "results" / "study.json").read_text(encoding="utf-8")
    assert ANSWERS["question"] in study


def test_peaks_and_a_genome_get_negatives_in_ten_lines(tmp_path):
    """Up to the split; what comes after it does not know where the examples are from."""
    project = tmp_path / "my_peaks"
    result = make_new(project)
    assert result.returncode == 0, result.stderr
    parameters = {
        **{"seed": 1, "n": 160, "chromosomes": 4, "bases": 60_000, "width": 60, "motifs": 1},
        **{"motif_length": 8, "motif_information": 2, "spacing": [0, 0], "gc": [0.3, 0.6]},
        "gc_preference": 8,
    }
    files = {"peaks": ("peaks.narrowPeak.gz", "bed"), "genome": ("genome.fa.gz", "genome")}
    for kind, (name, format) in files.items():
        table = simulate({"kind": kind, **parameters}, seed=1)
        write_gzipped(table, project / "data" / name, format)
    template = "{}: {{url: data/{}.fa, format: fasta, values: {{class: {}}}}}"
    edited = edit(
        project / "config" / "study.yaml",
        {f"\n{key}:": f"\n{key}: {answer}" for key, answer in ANSWERS.items()},
    )
    peaks = (
        "{url: data/peaks.narrowPeak.gz, format: bed, genome: genome, values: {class: positive}}"
    )
    edited += edit(
        project / "config" / "config.yaml",
        {
            template.format("positive", "positive", "positive"): f"peaks: {peaks}",
            template.format("negative", "negative", "negative"): (
                "genome: {url: data/genome.fa.gz, format: genome}"
            ),
            "\n\nsplit:": "\n  negatives: {from: genome}\n\nsplit:",
            "strategy: stratified ": "strategy: chromosome ",
        },
    )
    assert edited <= 10
    code, said = snakemake(project, "results/split/split.json")
    assert code == 0, said[-5000:]
    classes = pd.read_csv(project / "results" / "audit" / "classes.tsv", sep="\t")
    assert dict(classes.itertuples(index=False)) == {"positive": 160, "background": 160}
