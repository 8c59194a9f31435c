"""Every network on real data, under one small budget: what it gains over the plain one, and costs.

Usage, from the folder of the workflow:

    python tests/bench/networks_on_real_sets.py make FOLDER [--files FOLDER] [EXAMPLE...]
    snakemake --directory FOLDER/EXAMPLE --configfile FOLDER/EXAMPLE/config.yaml --cores 1 \\
      results/evaluation/scores.tsv
    python tests/bench/networks_on_real_sets.py table FOLDER

Each run is an example of config/examples with every network of its kind of data and two baselines.
All have the same number of trials, epochs and final fits, and the networks the same width; controls
and interpretation are left out. A source that has a file with its checksum under `--files` is read
from there.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

FOLDER = Path(__file__).parents[2]
sys.path[:0] = [str(FOLDER / name) for name in ("scripts", "workflow")]

from deeprules.fit.models import find_module  # noqa: E402
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling  # noqa: E402

EXAMPLES = ("ecoli_promoters", "sc_doublets_by_batch", "mouse_tf", "tata_promoters")
PLAIN = {"sequence": "cnn", "tabular": "mlp"}
BASELINES = ("logistic_regression", "gradient_boosting")
SPACES = {
    "sequence": {"filters": 32, "strands": "augment", "augment_shift": 0},
    "tabular": {},
}
"""What is fixed: one width, and one look at a strand, so that a fit costs what its layout costs."""
SETTINGS = {
    "tuning": {"trials": 4, "max_epochs": 12, "patience": 4},
    "fit": {"seeds": 3},
    "controls": {
        "shuffled_labels": 0,
        "split_stringency": False,
        "left_out_batches": 0,
        "nuisance_probes": False,
        "determinism": False,
        "membership_inference": False,
        "learning_curve": {"shares": []},
    },
    "interpret": False,
}


def networks_of(modality: str) -> list[str]:
    """Names of the networks for a kind of data, the plain one first."""
    files = (FOLDER / "scripts" / "deeprules" / "networks").glob("[a-z]*.py")
    names = []
    for name in sorted(file.stem for file in files):
        module = find_module("network", name)
        if modality in module.MODALITIES and not hasattr(module, "NEEDS"):
            names.append(name)
    return sorted(names, key=lambda name: name != PLAIN[modality])


def make(folder: Path, examples: list[str], files: Path | None) -> None:
    """Write a configuration for each example."""
    at_hand = {}
    for path in files.rglob("*") if files else ():
        if path.is_file():
            at_hand[hashlib.sha256(path.read_bytes()).hexdigest()] = str(path.absolute())
    for example in examples:
        given = FOLDER / "config" / "examples" / example
        config = yaml.safe_load((given / "config.yaml").read_text())
        for source in config["data"]["sources"].values():
            source["url"] = at_hand.get(source.get("sha256"), source["url"])
        modality = config["data"]["modality"]
        networks = {name: {"space": dict(SPACES[modality])} for name in networks_of(modality)}
        config["models"] = dict.fromkeys(BASELINES) | networks
        config |= SETTINGS | {"study": str(given / "study.yaml")}
        path = folder / example / "config.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(config, sort_keys=False))


def core_seconds(run: Path, model: str) -> float:
    """Core time of the search and the final fits of a model."""
    logs = [run / "logs" / "tune_model" / f"{model}.usage.tsv"]
    logs += sorted((run / "logs" / "fit_model" / model).rglob("*.usage.tsv"))
    return sum(pd.read_csv(path, sep="\t")["core_seconds"].sum() for path in logs)


def scored(run: Path, models: list[str], replicates: int = 2000):
    """Scores on test of each fit of some models, and their bootstrap replicates."""
    table = pd.read_parquet(run / "results" / "evaluation" / "predictions.parquet")
    columns = [name for name in table if name.startswith("p_")]
    classes = [name.removeprefix("p_") for name in columns]
    fits = table[table["model"].isin(models) & (table["seed"] != "ensemble")]
    predictions = {
        name: [part[columns].to_numpy() for _, part in of_model.groupby("seed")]
        for name, of_model in fits.groupby("model")
    }
    first = table[(table["model"] == models[0]) & (table["seed"] == "ensemble")]
    labels = first["label"].map(classes.index).to_numpy()
    resampling = choose_resampling("binary", labels)
    return bootstrap_scores("binary", labels, predictions, resampling, replicates, 1)


def searched(run: Path, model: str) -> str:
    """AUPRC on tune of the best trial, once the search of a model has ended."""
    path = run / "results" / "tune" / model / "best.yaml"
    return f"{yaml.safe_load(path.read_text())['score']:.3f}" if path.exists() else ""


def rows(run: Path):
    """A row for each model: AUPRC on tune and test, gain over the plain network, core time."""
    config = yaml.safe_load((run / "config.yaml").read_text())
    modality = config["data"]["modality"]
    names = list(config["models"])
    plain, ended = PLAIN[modality], (run / "results" / "evaluation" / "scores.tsv").exists()
    found = scored(run, names) if ended else None
    for name in sorted(names, key=lambda name: (name in BASELINES, name != plain)):
        if not ended:
            yield [run.name, name, searched(run, name), "not finished", "", ""]
            continue
        score, gain = found.interval(name, "auprc"), found.gain(name, plain, "auprc")
        yield [
            run.name,
            name,
            searched(run, name),
            f"{score.value:.3f} [{score.lower:.3f}, {score.upper:.3f}]",
            "" if name == plain else f"{gain.value:+.3f} [{gain.lower:+.3f}, {gain.upper:+.3f}]",
            f"{np.round(core_seconds(run, name)):.0f} s",
        ]


def table(folder: Path) -> None:
    """Print all runs under a folder as Markdown."""
    print("| data | model | AUPRC on tune | on test | gain over cnn or mlp | core time |")
    print("|-|-|-|-|-|-|")
    for path in sorted(folder.glob("*/config.yaml")):
        for row in rows(path.parent):
            print(f"| {' | '.join(row)} |")


def main() -> None:
    """Make the configurations, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["make", "table"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("examples", nargs="*", default=EXAMPLES)
    parser.add_argument("--files", type=Path)
    given = parser.parse_args()
    if given.what == "table":
        table(given.folder)
    else:
        make(given.folder, given.examples, given.files)


if __name__ == "__main__":
    main()
