"""Negatives from a genome of 100 Mb: as alike as on a small one, in memory that does not grow."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from test_negatives import as_bed

SIZES = {"chr1": 60_000_000, "chr2": 40_000_000}
WIDTH = 200
N = 6000
LARGEST_MB = 450
"""Memory of the whole process; a genome held as text would take 100 MB more, its codes the same."""

PROGRAM = """
import json, sys
from pathlib import Path
from source_files import build
from test_negatives import settings, sources

folder = Path(sys.argv[1])
(folder / "out").mkdir()
built = build(folder / "out", sources(folder), **settings())
memory = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
print(json.dumps({"memory": memory, "negatives": built.facts["negatives"]}))
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A genome whose GC content wanders, one gap in ten kilobases of it, and peaks rich in GC."""
    folder, rng = tmp_path_factory.mktemp("large"), np.random.default_rng(1)
    bases = np.frombuffer(b"ATGC", dtype=np.uint8)
    places = []
    with open(folder / "genome.fa", "wb") as file:
        for name, size in SIZES.items():
            content = rng.uniform(0.3, 0.65, size // 1000)
            strong = rng.random(size, np.float32) < np.repeat(content, 1000).astype(np.float32)
            letters = bases[2 * strong + rng.integers(0, 2, size, np.uint8)]
            letters[1_000_000:2_000_000] = ord("N")
            lines = np.insert(letters.reshape(-1, 100), 100, ord("\n"), axis=1)
            file.write(f">{name}\n".encode() + lines.tobytes())
            weights = np.exp(10 * content)
            weights[1000:2000] = 0
            block = rng.choice(len(content), N // 2, replace=False, p=weights / weights.sum())
            starts = np.sort(block) * 1000 + rng.integers(0, 800, N // 2)
            places += [(name, start, start + WIDTH) for start in starts.tolist()]
    (folder / "peaks.bed").write_text(as_bed(places))
    return folder, places


def test_negatives_from_a_genome_of_100_mb(large):
    folder, places = large
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["memory"] < LARGEST_MB, said["memory"]
    assert said["negatives"]["drawn"] == N
    gc = said["negatives"]["properties"]["gc"]
    assert gc["before"]["distance"] > 0.2 and gc["before"]["mean"] < gc["positives"]["mean"] - 0.03
    assert abs(gc["after"]["mean"] - gc["positives"]["mean"]) <= 0.01
    assert gc["after"]["distance"] <= 0.02
    examples = pd.read_parquet(folder / "out" / "examples.parquet")
    drawn = examples[examples["label"] == "background"].sort_values(["chromosome", "start"])
    assert drawn["chromosome"].value_counts().to_dict() == dict.fromkeys(SIZES, N // 2)
    assert not drawn["start"].between(1_000_000 - WIDTH + 1, 1_999_999).any()
    peaks = pd.DataFrame(places, columns=["chromosome", "start", "end"]).assign(label="peak")
    both = pd.concat([drawn[list(peaks)], peaks]).sort_values(["chromosome", "start"])
    same = both["chromosome"].to_numpy()[1:] == both["chromosome"].to_numpy()[:-1]
    assert not (same & (both["start"].to_numpy()[1:] < both["end"].to_numpy()[:-1])).any()
