"""The last lines of a run: its verdict and where the report is, or what failed and its log.

Snakemake says a few lines more behind its hooks, so these are printed as the process ends.
"""

import atexit
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

VERDICT = "results/conclusion/verdict.json"
MADE = {
    "write_report": "The report",
    "write_paper": "The paper kit",
    "report_predictions": "Predictions",
    "annotate_variants": "Variants",
    "write_release": "The released model",
    "archive_run": "The archive",
}
"""What a run may be asked for, by the rule that makes it."""
N_TOLD = 3
"""Failed jobs that are told in full."""
N_LINES = 12
"""Lines of an error that are repeated."""


def start(workflow) -> None:
    """Say what was made before where nothing is left to do, of which Snakemake tells no hook.

    Parameters
    ----------
    workflow : the object of that name in a Snakefile
    """

    def tell_if_done():
        if workflow.dag is not None and not workflow.dryrun and not len(workflow.dag):
            _print(_made(workflow))

    if workflow.is_main_process:
        atexit.register(tell_if_done)


def tell_success(workflow) -> None:
    """Say at the end of the process what a run has found and made.

    Parameters
    ----------
    workflow : the object of that name in a Snakefile, after its last job
    """
    _tell(_made(workflow))


def tell_failure(workflow) -> None:
    """Say at the end of the process which jobs failed, why, and where their logs are.

    Parameters
    ----------
    workflow : the object of that name in a Snakefile, after its last job
    """
    failed = [one for job in workflow.scheduler.failed for one in _single(job)]
    _tell(failure_lines((job.rule.name, dict(job.wildcards_dict), list(job.log)) for job in failed))


def success_lines(made: Iterable[tuple[str, str]]) -> list[str]:
    """The verdict, where the report was made, and the path of everything that was asked for.

    Parameters
    ----------
    made : rule of `MADE` and first output of each job that belongs to the run
    """
    made = sorted(made, key=lambda one: (list(MADE).index(one[0]), one[1]))
    lines = [f"{MADE[rule]}: {Path(output).absolute()}" for rule, output in made]
    if any(rule == "write_report" for rule, _ in made) and Path(VERDICT).exists():
        lines.insert(0, json.loads(Path(VERDICT).read_text())["sentence"])
    return lines


def failure_lines(failed: Iterable[tuple[str, dict, list[str]]]) -> list[str]:
    """What failed, with the last words of each log.

    Parameters
    ----------
    failed : rule, wildcards and logs of each job
    """
    failed = list(failed)
    lines = []
    for rule, wildcards, logs in failed[:N_TOLD]:
        of = f" ({', '.join(map(str, wildcards.values()))})" if wildcards else ""
        lines += [
            f"Failed: {rule}{of}.",
            *_last_error(logs),
            f"Its log: {', '.join(logs) or 'none'}",
        ]
    if len(failed) > N_TOLD:
        others = ", ".join(logs[0] if logs else rule for rule, _, logs in failed[N_TOLD:])
        lines.append(f"{len(failed) - N_TOLD} more jobs failed: {others}")
    if lines:
        lines.append("Run again when it is mended: what is finished is kept.")
    return lines


def _made(workflow) -> list[str]:
    jobs = workflow.dag.jobs
    return success_lines((job.rule.name, job.output[0]) for job in jobs if job.rule.name in MADE)


def _single(job) -> Iterator:
    """The jobs of a group, or the one job."""
    return iter(job.jobs if job.is_group() else [job])


def _last_error(logs: list[str]) -> list[str]:
    """The last error of a job's logs, without its traceback."""
    for path in logs:
        if not os.path.exists(path):
            return ["It ended before it could write a log."]
        lines = Path(path).read_text(errors="replace").splitlines()
        starts = [number for number, line in enumerate(lines) if "Error: " in line[:20]]
        if not starts:
            continue
        said = lines[starts[-1] :]
        ends = [number for number, line in enumerate(said) if line.startswith("Traceback")]
        said = said[: ends[0]] if ends else said
        more = [f"... and {len(said) - N_LINES} more lines"] if len(said) > N_LINES else []
        return [*said[:N_LINES], *more]
    return []


def _tell(lines: list[str]) -> None:
    """Print lines as the last of the process, after all that Snakemake has to say."""
    atexit.register(_print, lines)


def _print(lines: list[str]) -> None:
    if lines:
        print("", *lines, sep="\n", file=sys.stderr, flush=True)
