"""What the cores of a machine wait for in a finished run: its jobs, scheduled anew by simulation.

    .venv/bin/python tests/bench/schedule.py runs/demo --cores 2 8

Each job takes the core time that it took in the run (`logs/**/*.usage.tsv`), and a second that
Snakemake takes for it; which job waits for which, Snakemake's metadata know. Jobs that are ready
start in the order of their priorities, and by chance among equals, as Snakemake starts them.
"""

import argparse
import heapq
import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

RULES = Path(__file__).parents[2] / "workflow" / "rules"
CHECKPOINT = "plan_controls"
AFTER_CHECKPOINT = ("run_controls", "attribute_network", "explain_features", "find_panel")
"""Rules whose jobs are known only after the checkpoint."""
START = 1.0
"""Seconds that Snakemake takes for a job beside the job's own process."""
DRAWS = 50


@dataclass
class Job:
    """A job of a run: its rule, seconds on one core, and the jobs that it waits for, by log."""

    rule: str
    seconds: float
    inputs: set = field(default_factory=set)
    outputs: set = field(default_factory=set)
    after: set = field(default_factory=set)


def jobs_of(run: Path) -> dict[str, Job]:
    """Jobs of a finished run, by their logs."""
    jobs = {}
    for path in (run / ".snakemake" / "metadata").rglob("*"):
        if not path.is_file():
            continue
        record = json.loads(path.read_text())
        log = next(iter(record["log"]), "")
        usage = run / Path(log).with_suffix(".usage.tsv")
        if not log or not usage.exists():
            continue
        if log not in jobs:
            seconds = pd.read_csv(usage, sep="\t")["core_seconds"].iloc[-1]
            jobs[log] = Job(record["rule"], seconds + START)
        jobs[log].inputs |= set(record["input"])
        jobs[log].outputs.add(decoded(path, run))
    makers = {output: log for log, job in jobs.items() for output in job.outputs}
    planning = {log for log, job in jobs.items() if job.rule == CHECKPOINT}
    for job in jobs.values():
        folders = {str(parent) for one in job.inputs for parent in Path(one).parents}
        job.after = {makers[one] for one in job.inputs | folders if one in makers}
        job.after |= planning if job.rule in AFTER_CHECKPOINT else set()
    return jobs


def decoded(path: Path, run: Path) -> str:
    """The output that a file of Snakemake's metadata is about; long names are folders of it."""
    from base64 import b64decode

    name = "".join(path.relative_to(run / ".snakemake" / "metadata").parts).replace("@", "")
    return b64decode(name).decode()


def priorities() -> dict[str, int]:
    """Priority of each rule that has one."""
    found = {}
    for path in RULES.glob("*.smk"):
        for block in re.split(r"^(?=(?:use )?(?:rule|checkpoint) )", path.read_text(), flags=re.M):
            name = re.match(r"(?:rule|checkpoint) (\w+)|use rule \w+ as (\w+)", block)
            value = re.search(r"^    priority: (\d+)", block, re.M)
            if name and value:
                found[name[1] or name[2]] = int(value[1])
    return found


def makespan(jobs: dict[str, Job], cores: int, first: dict[str, int], draw: random.Random) -> float:
    """Seconds until all jobs have ended on so many cores."""
    waiting = {log: set(job.after) for log, job in jobs.items()}
    running, ready, now = [], [], 0.0

    def start():
        for log in [log for log, after in waiting.items() if not after]:
            del waiting[log]
            heapq.heappush(ready, (-first.get(jobs[log].rule, 0), draw.random(), log))
        while ready and len(running) < cores:
            *_, log = heapq.heappop(ready)
            heapq.heappush(running, (now + jobs[log].seconds, log))

    start()
    while running:
        now, ended = heapq.heappop(running)
        for after in waiting.values():
            after.discard(ended)
        start()
    if waiting:
        raise SystemExit(f"jobs wait for each other: {sorted(waiting)}")
    return now


def longest_chain(jobs: dict[str, Job]) -> list[str]:
    """The jobs that take longest one after another, by their logs."""
    ends: dict[str, tuple[float, list]] = {}

    def end(log):
        if log not in ends:
            before = max((end(one) for one in jobs[log].after), default=(0.0, []))
            ends[log] = (before[0] + jobs[log].seconds, [*before[1], log])
        return ends[log]

    return max(map(end, jobs))[1]


def main() -> None:
    """Print the idle share for each number of cores, and the chain that no core shortens."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--cores", type=int, nargs="+", default=[2, 8])
    given = parser.parse_args()
    jobs, first = jobs_of(given.run), priorities()
    total, chain = sum(job.seconds for job in jobs.values()), longest_chain(jobs)
    longest = sum(jobs[log].seconds for log in chain)
    print(f"{len(jobs)} jobs, {total:.0f} core s; longest chain {longest:.0f} s\n")
    print("| cores | wall time | idle | no less than |\n|-|-|-|-|")
    for cores in given.cores:
        draws = [makespan(jobs, cores, first, random.Random(k)) for k in range(DRAWS)]
        wall, least = np.median(draws), max(total / cores, longest)
        idle = 1 - total / (cores * wall)
        print(f"| {cores} | {wall:.0f} s | {idle:.0%} | {least:.0f} s |")
    print()
    for log in chain:
        print(f"{jobs[log].seconds:7.1f} s  {log.removeprefix('logs/').removesuffix('.log')}")


if __name__ == "__main__":
    main()
