"""Drawn negatives: how like their positives they are, beside those of other tools.

Usage, from the folder of the workflow:

    python tests/bench/negatives.py make FOLDER       # peaks and a genome of 30 Mb, our negatives
    python tests/bench/negatives.py compare FOLDER NEGATIVES.fa...
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.stats import ks_2samp

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "workflow"), str(ROOT / "tests")]

from source_files import build  # noqa: E402

from deeprules.encoding import decode  # noqa: E402
from deeprules.simulate.simulation import simulate, write_gzipped  # noqa: E402

WIDTH = 500
DRAWN = {
    **{"seed": 1, "n": 3000, "chromosomes": 6, "bases": 5_000_000, "width": WIDTH, "motifs": 1},
    **{"motif_length": 8, "motif_information": 2, "spacing": [0, 0], "gc": [0.3, 0.6]},
    "gc_preference": 8,
}


FILES = {"peaks": ("peaks.narrowPeak.gz", "bed"), "genome": ("genome.fa.gz", "genome")}


def make(folder: Path) -> None:
    """Write peaks, genome, the sequences of the peaks and those of our negatives."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, name, form in (
        ("peaks", "peaks.narrowPeak", "bed"),
        ("genome", "genome.fa", "genome"),
    ):
        path = folder / f"{name}.gz"
        if not path.exists():
            write_gzipped(simulate({"kind": kind, **DRAWN}, seed=1), path, form)
    peaks = {"url": str(folder / "peaks.narrowPeak.gz"), "format": "bed", "genome": "g"}
    sources = {
        "peaks": {**peaks, "values": {"class": "peak"}},
        "g": {"url": str(folder / "genome.fa.gz"), "format": "genome"},
    }
    with tempfile.TemporaryDirectory() as scratch:
        built = build(
            Path(scratch),
            sources,
            label="class",
            positive="peak",
            intervals={"width": WIDTH, "centre": "summit"},
            negatives={"from": "genome", "seed": 1},
        )
        letters = [decode(row) for row in built.features]
    is_peak = (built.examples["label"] == "peak").to_numpy()
    for name, chosen in (("positives", is_peak), ("deeprules", ~is_peak)):
        with open(folder / f"{name}.fa", "w") as file:
            for row in np.flatnonzero(chosen):
                file.write(f">{built.examples['id'][row]}\n{letters[row]}\n")


def gc_of(path: Path) -> np.ndarray:
    """GC content of each sequence of a FASTA file."""
    records = [record.split("\n", 1)[1] for record in path.read_text().split(">")[1:]]
    texts = [record.replace("\n", "").upper() for record in records]
    return np.array([(text.count("G") + text.count("C")) / len(text) for text in texts])


def compare(folder: Path, *others: str) -> None:
    """Print number, difference of the mean and Kolmogorov-Smirnov distance of GC for each file."""
    positives = gc_of(folder / "positives.fa")
    print(f"{len(positives):,} positives, mean GC {positives.mean():.4f}")
    for path in (folder / "deeprules.fa", *map(Path, others)):
        found = gc_of(path)
        difference = abs(found.mean() - positives.mean())
        distance = ks_2samp(positives, found, method="asymp").statistic
        print(f"{path.stem}: {len(found):,}, difference {difference:.4f}, distance {distance:.4f}")


if __name__ == "__main__":
    {"make": make, "compare": compare}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
