"""Small configurations and a way to run Snakemake, for tests of the workflow."""

import re
import subprocess
from pathlib import Path

import warm_starts
import yaml

FOLDER = Path(__file__).parents[2]

STUDY = {
    "question": "Can the planted motifs be told from background?",
    "endpoint": "planted label",
    "design": "simulated",
    "unit": "sequence",
    "replicates": "families share a group",
    "plan": "The network against the best baseline on AUPRC.",
}

WITHOUT_CONTROLS = {
    "controls": {
        "shuffled_labels": 0,
        "split_stringency": False,
        "left_out_batches": 0,
        "learning_curve": {"shares": []},
        "determinism": False,
        "membership_inference": False,
    },
}
"""Changes that leave out what refits the chosen models, so that a run is short."""


def small_config(**changes) -> dict:
    """A complete configuration of simulated sequences that runs in about a minute."""
    config = {
        "study": "study.yaml",
        "data": {
            "modality": "sequence",
            "task": "binary",
            "label": "label",
            "positive": "positive",
            "group": "group",
            "batch": "batch",
            "sources": {
                "made": {
                    "simulate": {"kind": "sequences", "seed": 1, "n": 300, "length": 60},
                    "format": "table",
                }
            },
        },
        "split": {"strategy": "group"},
        "explore": {"permutations": 19, "components": 3},
        "tuning": {"trials": 2, "max_epochs": 3, "patience": 2},
        "models": {
            "logistic_regression": {},
            "cnn": {
                "space": {
                    "filters": 32,
                    "blocks": 1,
                    "batch_size": 64,
                    # The defaults of these take longer to compile than to train.
                    "strands": "as_given",
                    "augment_shift": 0,
                    "batch_normalisation": False,
                }
            },
        },
        "fit": {"seeds": 2},
        "controls": {
            "budget": None,  # so that two runs repeat every control equally often
            "shuffled_labels": 1,
            "learning_curve": {"shares": [0.5, 1.0], "seeds": 1},
        },
        "interpret": False,  # it compiles code for most of a minute
        "evaluation": {"bootstrap": 100},
    }
    for path, value in changes.items():
        *parents, key = path.split("__")
        place = config
        for parent in parents:
            place = place[parent]
        place[key] = value
    return config


def write_project(folder: Path, config: dict) -> Path:
    """A working directory with a configuration and its study; returns the configuration's path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def snakemake(
    folder: Path, *arguments, workflow: Path = FOLDER, cores: int = 2
) -> subprocess.CompletedProcess:
    """Run Snakemake on the project in `folder`; the result holds all it printed in `stdout`."""
    command = [*arguments, "--cores", cores]
    command += ["--directory", folder, "--snakefile", workflow / "Snakefile"]
    if (folder / "config.yaml").exists():
        command += ["--configfile", folder / "config.yaml"]
    return warm_starts.snakemake(folder, *command)


def planned_jobs(output: str) -> list[dict]:
    """Rule, inputs and outputs of every job that a dry run printed."""
    jobs = []
    for block in re.split(r"\n(?=(?:local)?rule )", output)[1:]:
        job = {"rule": re.match(r"(?:local)?rule (\w+):", block)[1]}
        for key in ("input", "output", "log"):
            found = re.search(rf"^    {key}: (.*)$", block, re.MULTILINE)
            job[key] = found[1].split(", ") if found else []
        jobs.append(job)
    return jobs
