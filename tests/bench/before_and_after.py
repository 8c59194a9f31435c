"""The table of what was slow in docs/costs.md, of an older version and of this one, in turns.

    git worktree add ../before b70ad8c
    .venv/bin/python tests/bench/before_and_after.py ../before
    .venv/bin/python tests/bench/before_and_after.py ../before "a dry run" --turns 1

The split of a million sequences reads what their audit leaves, so it is named with it.

Each measure is a process of its own that imports the library of one version and prints what it
took: core time with all programs that it starts, own peak memory, and a score where it has one.
Both versions use the packages of this environment and read the same files.
"""

import argparse
import ctypes
import importlib
import json
import os
import re
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from measuring import CNN, peak_gb

FOLDER = Path(__file__).parents[2]
MOTIFS = ("TATAATGC", "GGGCGGGC", "CCAATCAG")
LIMIT = 3600
"""Seconds that a measure may take."""
K_MERS = {"kmer": 5, "fold_strands": True}


def write_sequences(folder: Path, n: int, length: int, seed: int) -> None:
    """A partition whose positives hold two of three motifs, with errors."""
    rng, folder = np.random.default_rng(seed), folder / f"sequences{n}x{length}s{seed}"
    folder.mkdir()
    codes = 2 ** rng.integers(4, size=(n, length)).astype(np.uint8)
    positive = rng.random(n) < 0.5
    for motif in MOTIFS:
        site = 2 ** np.array(["ACGT".index(base) for base in motif], dtype=np.uint8)
        for row in np.flatnonzero(rng.random(n) < np.where(positive, 0.5, 0.2)):
            start = rng.integers(length - len(site))
            codes[row, start : start + len(site)] = site
    np.save(folder / "features.npy", codes)
    write_examples(folder, positive)


def write_rows(folder: Path, n: int, features: int, seed: int, share: float | None) -> None:
    """A partition of normal numbers, or of counts a share of them not 0; fifty tell the class."""
    rng = np.random.default_rng(seed)
    folder = folder / f"{'counts' if share else 'numbers'}{n}x{features}s{seed}"
    folder.mkdir()
    size = (n, features)
    numbers = rng.poisson(-np.log1p(-share), size) if share else rng.normal(size=size)
    numbers = numbers.astype(np.float32)
    effects = np.random.default_rng(7).normal(size=50)
    told = 0.3 * (numbers[:, :50] - numbers[:, :50].mean()) @ effects
    np.save(folder / "features.npy", numbers)
    write_examples(folder, rng.logistic(size=n) < told)


def write_examples(folder: Path, positive: np.ndarray) -> None:
    """The table of the examples of a partition."""
    ids = [f"{folder.name}_{row}" for row in range(len(positive))]
    labels = np.array(["no", "yes"])[positive.astype(int)]
    contents = np.arange(len(ids), dtype=np.uint64)
    table = pd.DataFrame({"id": ids, "label": labels, "canonical_hash": contents})
    table.to_parquet(folder / "examples.parquet", index=False)


def partitions(folder: Path, train: str, tune: str):
    """Train and tune by their names, as the library that is imported reads them."""
    from partitions import make_dataset

    from deeprules.data import Development, Partition

    modality = "sequence" if train.startswith("sequences") else "tabular"
    dataset = make_dataset(modality, n_features=int(re.search(r"x(\d+)", train)[1]))
    return Development(*(Partition(folder / name, dataset) for name in (train, tune)))


def baseline(name: str, folder: Path, train: str, tune: str, **values) -> dict:
    """A fit of a baseline with its defaults but for `values`, and its AUROC on tune."""
    from deeprules.fit.budget import Budget
    from deeprules.fit.candidates import Candidate
    from deeprules.fit.fitting import fit, limit_threads
    from deeprules.fit.models import find_module
    from deeprules.statistics.metrics import scores

    development, hp = partitions(folder, train, tune), hyperparameters(values)
    limit_threads("baseline", 1)
    candidate = Candidate(name, "baseline", find_module("baseline", name))
    with measured() as found:
        fitted = fit(candidate, hp, development, 1, Budget(1, 1, 1))
    part = development.tune
    predictions = fitted.model.predict(part.features, part.examples)
    return found | {"auroc": scores("binary", part.labels, predictions)["auroc"]}


def trial(name: str, folder: Path, train: str, tune: str, **values) -> dict:
    """A trial of a baseline, and its score on tune."""
    from deeprules.fit.budget import Budget
    from deeprules.fit.candidates import Candidate
    from deeprules.fit.fitting import limit_threads
    from deeprules.fit.models import find_module
    from deeprules.tune.search import Search
    from deeprules.tune.trials import Trials

    development, hp = partitions(folder, train, tune), hyperparameters(values)
    limit_threads("baseline", 1)
    candidate = Candidate(name, "baseline", find_module("baseline", name))
    trials = Trials(Search("random", 1, "auroc", 1, Budget(1, 1, 1)), candidate, development)
    with measured() as found:
        score = trials.run(hp)["score"]
    return found | {"auroc": score}


def hyperparameters(values: dict):
    """The hyperparameters of a trial with some of them given."""
    try:
        module = importlib.import_module("deeprules.tune.keras_tuner_alone").keras_tuner
    except ModuleNotFoundError:
        module = importlib.import_module("keras_tuner")
    found = module.HyperParameters()
    found.values.update(values)
    return found


def second_fit(folder: Path, train: str, tune: str) -> dict:
    """What the second fit of an architecture takes beside its epochs."""
    from deeprules.arithmetic import set_threads
    from deeprules.fit.budget import Budget
    from deeprules.fit.candidates import Candidate
    from deeprules.fit.fitting import fit
    from deeprules.fit.models import ChosenHyperparameters, find_module

    set_threads(1)
    development = partitions(folder, train, tune)
    candidate = Candidate("cnn", "network", find_module("network", "cnn"))

    def fitted(epochs: int) -> float:
        budget = Budget(epochs, epochs)
        with measured() as found:
            one = fit(candidate, ChosenHyperparameters(CNN), development, 1, budget)
            one.model.predict(development.tune.features)
        return found["seconds"]

    fitted(1)
    again, longer = min(fitted(1) for _ in range(3)), min(fitted(9) for _ in range(2))
    return {"seconds": again - (longer - again) / 8, "gb": peak_gb()}


def homologs(folder: Path, name: str, _) -> dict:
    """Clusters of similar sequences."""
    from deeprules.split.homology import cluster_homologs

    part = partitions(folder, name, name).train
    examples = part.examples.assign(keep=True)
    with measured() as found, tempfile.TemporaryDirectory() as scratch:
        cluster_homologs(examples, np.asarray(part.features), 0.8, 0.8, scratch, 1)
    return found


def job_of_many(script: str, folder: Path, _, __) -> dict:
    """A job that reads the whole table of the examples."""
    job = many_examples().jobs(folder / "many")[script]
    with measured() as found:
        path = Path(os.environ["VERSION"]) / "scripts" / f"{script}.py"
        runpy.run_path(str(path), init_globals={"snakemake": job})
    return found


def dry_run(folder: Path, _, __, workers: int = 1000) -> dict:
    """A dry run in which so many jobs share out each search."""
    from projects import small_config, write_project

    config = small_config(tuning={"workers": workers, "trials": workers})
    project = folder / f"dry{os.getpid()}"
    path = write_project(project, config)
    with measured() as found:
        output = run_snakemake(project, path, "--dry-run", "--quiet", "rules")
    (total, *_) = [line.split()[1] for line in output.splitlines() if "total" in line]
    return found | {"jobs": int(total)}


def demo(folder: Path, _, __) -> dict:
    """The demo on two cores, without what explains a network, which the older version has not."""
    import yaml

    version = Path(os.environ["VERSION"])
    example = version / "config" / "examples" / "simulated_sequences" / "config.yaml"
    project, config = folder / f"demo{os.getpid()}", yaml.safe_load(example.read_text())
    project.mkdir()
    config["study"] = str(example.with_name("study.yaml"))
    if (version / "scripts" / "attribute_network.py").exists():
        config["interpret"] = False
    path = project / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    with measured() as found:
        run_snakemake(project, path)
    return found


def run_snakemake(project: Path, config, *arguments) -> str:
    """Run this version's Snakemake; returns what it prints."""
    snakefile = Path(os.environ["VERSION"]) / "Snakefile"
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    command += ["--snakefile", snakefile, "--directory", project, "--configfile", config]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class measured(dict):
    """What happens within: `seconds` of core time, children's and theirs included, and `gb`."""

    def __enter__(self):
        self.before = core_seconds()
        return self

    def __exit__(self, *_):
        self["seconds"] = core_seconds() - self.before
        self["gb"] = peak_gb()


def core_seconds() -> float:
    """Core time of this process and of all that it has started and that has ended."""
    while True:
        try:
            if not any(os.waitpid(-1, os.WNOHANG)):
                time.sleep(0.1)
        except ChildProcessError:
            break
    of = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, of))


SMALL, LARGE = ("sequences6000x100s0", "sequences1000x100s1"), "sequences200000x200s0"
NUMBERS, COUNTS = ((f"{kind}50000x2000s0", f"{kind}5000x2000s1") for kind in ("numbers", "counts"))
MEASURES = {
    "the demo, without interpretation": (demo, "", ""),
    "an architecture's second fit, beside its epochs": (
        second_fit, "sequences500x80s0", "sequences500x80s1"
    ),
    "gradient boosting on 5-mers of 6,000 x 100 bp": (
        lambda *given: baseline("gradient_boosting", *given, **K_MERS), *SMALL
    ),
    "a random forest on 5-mers of 6,000 x 100 bp": (
        lambda *given: baseline("random_forest", *given, **K_MERS), *SMALL
    ),
    "a trial of a support vector machine, the same sequences": (
        lambda *given: trial("support_vector_machine", *given, **K_MERS), *SMALL
    ),
    "logistic regression on 5-mers of 20,000 x 200 bp": (
        lambda *given: baseline("logistic_regression", *given, **K_MERS),
        "sequences20000x200s0", "sequences1000x200s1",
    ),
    "logistic regression on 5-mers of 200,000 x 200 bp": (
        lambda *given: baseline("logistic_regression", *given, **K_MERS),
        LARGE, "sequences1000x200s1",
    ),
    "similar sequences among 20,000 of 200 bp": (homologs, "sequences20000x200s0", ""),
    "similar sequences among 200,000 of 200 bp": (homologs, LARGE, ""),
    "audit of 1 million x 200 bp": (lambda *given: job_of_many("audit_dataset", *given), "", ""),
    "split of 1 million x 200 bp": (lambda *given: job_of_many("split_dataset", *given), "", ""),
    "exploration of 1 million x 200 bp": (
        lambda *given: job_of_many("explore_batches", *given), "", ""
    ),
    "a trial of gradient boosting on 50,000 x 2,000, dense": (
        lambda *given: trial("gradient_boosting", *given), *NUMBERS
    ),
    "the same on counts, a tenth of them not 0": (
        lambda *given: trial("gradient_boosting", *given), *COUNTS
    ),
    "a dry run": (dry_run, "", ""),
}  # fmt: skip
"""What is measured, with the partitions that it reads."""


def write_files(folder: Path, names: set[str]) -> None:
    """The files that the measures read: the same for both versions."""
    for name in sorted(names):
        kind, *sizes = re.fullmatch(r"([a-z]+)(\d+)x(\d+)s(\d+)", name).groups()
        n, features, seed = map(int, sizes)
        if kind == "sequences":
            write_sequences(folder, n, features, seed)
        else:
            write_rows(folder, n, features, seed, 0.1 if kind == "counts" else None)


def write_many(folder: Path, n: int = 1_000_000) -> None:
    """What the jobs that read the whole table of the examples are given."""
    (folder / "many").mkdir()
    many_examples().write_dataset(folder / "many", n)


def many_examples():
    """The module beside this one, without the folders of this version that it puts first."""
    places = list(sys.path)
    module = importlib.import_module("many_examples")
    sys.path[:] = places
    return module


def run_measure(name: str, folder: Path) -> None:
    """Be the process of a measure, of the version that VERSION names."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: to count what children start
    measure, *parts = MEASURES[name]
    print(json.dumps(measure(folder, *parts)))


def measure(name: str, version: Path, folder: Path) -> dict:
    """What a measure says of a version."""
    places = [version / one for one in ("scripts", "workflow", "tests", "tests/workflow")]
    variables = os.environ | {"VERSION": str(version), "PYTHONHASHSEED": "0"}
    variables["PYTHONPATH"] = os.pathsep.join(map(str, [*places, FOLDER / "tests" / "bench"]))
    command = [sys.executable, __file__, str(version), name, "--process", str(folder)]
    try:
        ended = subprocess.run(
            command, env=variables, capture_output=True, text=True, timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done in {LIMIT} s"}
    if ended.returncode:
        return {"failed": ended.stderr.strip().splitlines()[-1][:200]}
    return json.loads(ended.stdout.splitlines()[-1])


def shown(turns: list[dict]) -> str:
    """Medians of what several turns of a measure found."""
    if failed := [one["failed"] for one in turns if "failed" in one]:
        return failed[0]
    table = pd.DataFrame(turns)
    found = table.median()
    parts = [f"{found['seconds']:.{1 if found['seconds'] < 100 else 0}f} s"]
    if len(table) > 1:
        parts[0] += f" ({table['seconds'].min():.1f} to {table['seconds'].max():.1f})"
    parts += [f"{found['gb']:.2f} GB"]
    parts += [f"AUROC {found['auroc']:.4f}"] if "auroc" in found else []
    parts += [f"{found['jobs']:.0f} jobs"] if "jobs" in found else []
    return ", ".join(parts)


def main() -> None:
    """Print a row for each measure: the older version, this one."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("before", type=Path, help="a checkout of the older version")
    parser.add_argument("measures", nargs="*", choices=[[], *MEASURES], default=[])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--process", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.process:
        run_measure(given.measures[0], given.process)
        return
    wanted = given.measures or list(MEASURES)
    versions = (given.before.resolve(), FOLDER)
    names = {part for name in wanted for part in MEASURES[name][1:] if part}
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), names)
        if any("1 million" in name for name in wanted):
            write_many(Path(folder))
        print("| what | before | now |\n|-|-|-|")
        for name in wanted:
            turns = [
                [measure(name, version, Path(folder)) for version in versions]
                for _ in range(given.turns)
            ]
            before, now = (shown(list(one)) for one in zip(*turns, strict=True))
            print(f"| {name} | {before} | {now} |", flush=True)


if __name__ == "__main__":
    main()
