"""Pretrained models that are made within the workflow, by a run of another configuration.

The other run has a folder of its own, in which it goes on where it was interrupted. It ends at the
exported network: its test partition is never opened.
"""

import logging
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from deeprules import processes
from deeprules.addresses import local_path
from deeprules.errors import InputError
from deeprules.files import (
    file_sha256,
    read_json,
    read_table,
    whole_folder,
    write_json,
    write_table,
)
from deeprules.following import RUN, this_process
from deeprules.pretrained.kipoi_folder import files_of
from deeprules.strict_text import read_yaml
from deeprules.yaml_files import write_yaml

log = logging.getLogger("deeprules")


@dataclass(frozen=True)
class Runner:
    """How the other run is made.

    Attributes
    ----------
    python : interpreter that has Snakemake
    snakefile : the Snakefile of this workflow
    cores : cores of the other run
    deployment : methods of software deployment, such as `conda`
    conda_prefix : folder of conda environments; None for that of this run
    """

    python: str
    snakefile: str
    cores: int
    deployment: Sequence[str] = ()
    conda_prefix: str | None = None

    def command(self, target: str, directory: Path, config: Path) -> list[str]:
        """Snakemake with all its settings; none come from a profile."""
        command = [self.python, "-m", "snakemake", target, "--snakefile", self.snakefile]
        command += ["--directory", str(directory), "--configfile", str(config)]
        command += ["--cores", str(self.cores), "--workflow-profile", "none"]
        # One job alone uses the folder, so a lock in it is that of a run that was killed.
        command += ["--nolock", "--rerun-incomplete"]
        if self.deployment:
            prefix = Path(self.conda_prefix or ".snakemake/conda").absolute()
            command += ["--conda-prefix", str(prefix)]
            command += ["--software-deployment-method", *self.deployment]
        return command


def pretrain_supervised(
    name: str,
    settings: Mapping,
    config: str | Path,
    directory: str | Path,
    folder: str | Path,
    record: str | Path,
    contents: str | Path,
    runner: Runner,
) -> None:
    """Train a network of another configuration and take it over as a pretrained model.

    Parameters
    ----------
    name : name of the pretrained model
    settings : its entry in the configuration, with `pretrain: {config, model}`
    config : the other configuration
    directory : working directory of the other run; what is finished there is kept
    folder : new Kipoi folder
    record : where the model came from, as JSON
    contents : table of the `canonical_hash` of all that the model was trained or tuned on

    Raises
    ------
    InputError
        If the other run fails.
    """
    model = settings["pretrain"]["model"]
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    copied = directory / "config.yaml"
    target = f"results/export/{model}"
    try:
        write_yaml(copied, portable_config(config))
        _run(runner.command(target, directory, copied.absolute()), name, config)
    finally:
        copied.unlink(missing_ok=True)  # its addresses may hold passwords
    with whole_folder(Path(folder)) as unfinished:
        shutil.copytree(directory / target, unfinished, dirs_exist_ok=True)
    parts = [directory / f"results/split/{name}/examples.parquet" for name in ("train", "tune")]
    seen = pd.concat(read_table(path, columns=["canonical_hash"]) for path in parts)
    write_table(contents, seen.drop_duplicates())
    split = read_json(directory / "results/split/split.json")["sizes"]
    facts = {"config_sha256": file_sha256(config), "model": model}
    write_json(record, pretraining_record(name, settings, folder, {**facts, "sizes": split}))


def portable_config(path: str | Path) -> dict:
    """A configuration that means the same files in another working directory.

    Local files that it names, the study and the sources, get their absolute paths.

    Raises
    ------
    InputError
        If the file is not YAML with a mapping in it.
    """
    config = read_yaml(path)
    if not isinstance(config, dict):
        raise InputError(f"{path}: is not a configuration, which is a mapping.")
    sources = (config.get("data") or {}).get("sources") or {}
    for entry, key in [(config, "study"), *((source, "url") for source in sources.values())]:
        entry |= {key: _absolute(entry[key])} if key in entry else {}
    if config.get("mirrors"):
        config["mirrors"] = {start: _absolute(to) for start, to in config["mirrors"].items()}
    return config


def _absolute(address: str) -> str:
    """The absolute path of what lies on this machine; any other address as it is."""
    path = local_path(address)
    return address if path is None or not path.exists() else str(path.absolute())


def _run(command: list[str], name: str, config: str | Path) -> None:
    """Run Snakemake and put what it says into the log."""
    environment = {key: value for key, value in os.environ.items() if key != "SNAKEMAKE_PROFILE"}
    environment[RUN] = this_process()
    log.info("%s: %s", name, " ".join(command))
    said = []
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with processes.started(command, env=environment, text=True, **pipes) as process:
        for line in process.stdout:
            said.append(line.rstrip())
            log.info("  %s", said[-1])
        process.wait()
    if process.returncode:
        reasons = "\n".join([line for line in said if "Error" in line][-3:] or said[-3:])
        raise InputError(
            f"pretrained.{name}: the run of {config} failed; the log of this job shows it whole. "
            f"Correct what it says and run again: what is finished is kept. It said:\n{reasons}"
        )


def pretraining_record(
    name: str, settings: Mapping, folder: str | Path, pretraining: Mapping
) -> dict:
    """Where a model that was made here came from, with the keys that a fetched one's record has.

    Parameters
    ----------
    settings : entry of the pretrained model in the configuration
    folder : its Kipoi folder
    pretraining : what it was trained on and how well it did
    """
    folder = Path(folder)
    files = [
        {
            "file": path.relative_to(folder).as_posix(),
            "sha256": file_sha256(path),
            "bytes": path.stat().st_size,
        }
        for path in files_of(folder)
    ]
    given = settings["pretrain"].get("config") or settings["pretrain"]["sequences"]
    return {
        "name": name,
        "source": "pretrain",
        "given": given,
        "final": given,
        "commit": None,
        **{key: settings[key] for key in ("version", "licence", "citation", "trust")},
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": files,
        "converted_from": None,
        "pretraining": dict(pretraining),
    }
