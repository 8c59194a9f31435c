"""What a step of training takes on a GPU, here, in bare Keras and by hand, and how busy the GPU is.

    KERAS_BACKEND=jax python tests/gpu/step_time.py [TURNS]

The network, data and programs are those of tests/bench/peer_training.py with more and longer
sequences. The programs run in turn; a step is an epoch's time (validation included) over its steps,
the median of all epochs but the first, in which the network is compiled.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

BENCH = Path(__file__).parents[1] / "bench"
sys.path.append(str(BENCH))

from peer_training import BATCH  # noqa: E402
from peers import write_sequences  # noqa: E402

PROGRAMS = ("deeprules", "keras", "jitted_jax")
N_TRAIN, N_TUNE, LENGTH, EPOCHS = 25_600, 1_280, 500, 5
STEPS = N_TRAIN // BATCH


def busy(until: threading.Event, samples: list[float]) -> None:
    """Collect how busy the first GPU is, in percent, until told to stop."""
    query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
    while not until.is_set():
        answer = subprocess.run(query, capture_output=True, text=True)
        if answer.returncode == 0:
            samples.append(float(answer.stdout.split()[0]))
        time.sleep(0.2)


def measure(program: str, scratch: Path) -> tuple[float, float, float]:
    """Milliseconds of a step by the clock and of a core; percent that the GPU was busy."""
    with tempfile.TemporaryDirectory(dir=scratch) as own:
        Path(own, "sequences.npz").symlink_to(scratch / "sequences.npz")
        command = [sys.executable, BENCH / "peer_training.py", program, own, str(EPOCHS)]
        ended, samples = threading.Event(), []
        watch = threading.Thread(target=busy, args=(ended, samples))
        watch.start()
        result = subprocess.run(command, capture_output=True, text=True, cwd=own)
        ended.set()
        watch.join()
    if result.returncode:
        raise SystemExit(f"{program} failed:\n{result.stderr[-3000:]}")
    epochs = np.diff(json.loads(result.stdout.splitlines()[-1]), axis=0)
    core, clock = np.median(epochs, axis=0) / STEPS * 1000
    # The last samples fall into training, whatever the imports took.
    last = samples[-max(1, int(epochs[:, 1].sum() / 0.25)) :] or [np.nan]
    return clock, core, float(np.mean(last))


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        write_sequences(Path(folder), N_TRAIN, N_TUNE, LENGTH)
        found = [{one: measure(one, Path(folder)) for one in PROGRAMS} for _ in range(turns)]
    print(f"backend {os.environ.get('KERAS_BACKEND')}, batches of {BATCH} x {LENGTH} bases")
    print("| trained by | ms a step | over that by hand (lowest to highest) | core ms | GPU busy |")
    print("|-|-|-|-|-|")
    for program in PROGRAMS:
        clock, core, use = np.median([turn[program] for turn in found], axis=0)
        over = [turn[program][0] / turn[PROGRAMS[-1]][0] for turn in found]
        ratio = f"{np.median(over):.2f} ({min(over):.2f} to {max(over):.2f})"
        print(f"| {program} | {clock:.2f} | {ratio} | {core:.2f} | {use:.0f}% |")


if __name__ == "__main__":
    main()
