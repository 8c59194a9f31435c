"""What an epoch costs here and in other libraries: the same network, sequences and batches.

    .venv/bin/python tests/bench/peers.py install runs/peers      # an environment for each peer
    .venv/bin/python tests/bench/peers.py measure runs/peers      # or: measure runs/peers crested

`install` makes virtual environments with the newest releases that pip finds; a peer whose
environment is missing is left out, and said so. `measure` runs all programs in turn, five times,
and prints core seconds of an epoch over those of this library in the same turn. The first epoch,
in which libraries trace and compile, is left out.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PACKAGES = {
    "crested": ["crested", "tensorflow-cpu"],
    "grelu": ["torch", "grelu"],
    # Its build asks for these without saying so.
    "selene": ["torch", "setuptools<81", "cython", "numpy", "wheel", "six", "selene-sdk"],
}
HERE = ("deeprules", "keras", "jitted")
"""Programs that run in this environment."""
N_TRAIN, N_TUNE, LENGTH = 6400, 640, 200
TURNS, EPOCHS = 5, 5


def install(folder: Path) -> None:
    """One environment a peer, in `folder`."""
    for peer, packages in PACKAGES.items():
        subprocess.run([sys.executable, "-m", "venv", str(folder / peer)], check=True)
        pip = [str(folder / peer / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        for package in packages:
            isolated = ["--no-build-isolation"] if package == "selene-sdk" else []
            subprocess.run([*pip, *isolated, package], check=True)


def measure(folder: Path, programs: list[str]) -> None:
    """Print a table of what an epoch costs."""
    present = {}
    for program in programs:
        python = folder / program / "bin" / "python" if program in PACKAGES else sys.executable
        if Path(python).exists():
            present[program] = str(python)
        else:
            print(f"{program}: left out, {folder / program} is not there (`install` makes it)")
    with tempfile.TemporaryDirectory() as scratch:
        write_sequences(Path(scratch), N_TRAIN, N_TUNE, LENGTH)
        turns = [
            {program: epoch(python, program, scratch) for program, python in present.items()}
            for _ in range(TURNS)
        ]
    print(
        "| trained by | core seconds of an epoch | over those here (lowest to highest) |\n|-|-|-|"
    )
    for program in present:
        seconds = [turn[program] for turn in turns]
        ratios = [turn[program] / turn["deeprules"] for turn in turns]
        print(f"| {program} | {np.median(seconds):.2f} "
              f"| {np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |")  # fmt: skip


def write_sequences(folder: Path, n_train: int, n_tune: int, length: int) -> None:
    """Random sequences, half of them with a motif, as the programs read them."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 4, (n_train + n_tune, length), dtype=np.uint8)
    labels = np.arange(len(codes)) % 2
    codes[labels == 1, 50:58] = [3, 0, 3, 0, 0, 3, 2, 1]
    np.savez(folder / "sequences.npz", codes=codes, labels=labels, train=n_train)


def epoch(python: str, program: str, scratch: str) -> float:
    """Core seconds of an epoch, the median of all but the first, in a process of its own."""
    with tempfile.TemporaryDirectory(dir=scratch) as own:
        Path(own, "sequences.npz").symlink_to(Path(scratch) / "sequences.npz")
        training = Path(__file__).with_name("peer_training.py")
        command = [python, str(training), program, own, str(EPOCHS)]
        result = subprocess.run(command, capture_output=True, text=True, cwd=own)
    if result.returncode:
        raise SystemExit(f"{program} failed:\n{result.stderr[-3000:]}")
    core_seconds = np.array(json.loads(result.stdout.splitlines()[-1]))[:, 0]
    return float(np.median(np.diff(core_seconds)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=["install", "measure"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("programs", nargs="*", help="all of them, if none is named")
    given = parser.parse_args()
    folder = given.folder.resolve()
    if given.action == "install":
        install(folder)
    else:
        programs = given.programs or (*HERE, *PACKAGES)
        measure(folder, list(dict.fromkeys(["deeprules", *programs])))


if __name__ == "__main__":
    main()
