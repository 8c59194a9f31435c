"""Which files of a run go into its archive, laid out as a working directory.

The unpacked archive can be looked at, and run again: it has the code, the configuration, the
pinned checksums of the data and the ledger of test openings in their places. It has neither data
nor examples: no test partition, no predictions, no fitted models.
"""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath

import yaml

from deeprules.errors import InputError
from deeprules.files import file_sha256, read_json, read_table, write_json, write_table
from deeprules.privacy.disclosure import Disclosure
from deeprules.yaml_files import read_yaml

CODE = ("Snakefile", "LICENSE", "pyproject.toml", "envs", "scripts", "workflow")
"""The workflow's own files."""

ONE_BY_ONE = (".parquet", ".npy", ".h5", ".keras", ".joblib")
"""Kinds of files that hold examples one by one, or a model from which some may be learnt."""

MAY_LEAVE = (
    "results/config.yaml",
    "results/study.json",
    "results/ethics.json",
    "results/run/run.json",
    "results/frozen.json",
    "results/split/split.json",
    "results/tune/trials.tsv",
    "results/evaluation/scores.tsv",
    "results/evaluation/comparison.tsv",
    "results/evaluation/tests.tsv",
    "results/conclusion/verdict.json",
    "results/conclusion/costs.tsv",
    "results/evaluation/opening.json",
    "results/checks/suitability.json",
    "results/controls/shuffled_labels/summary.json",
    "results/controls/plan.json",
)
"""All that is archived of data that are not public: nothing in them is about one example."""


def lay_out(
    folder: str | Path,
    results: Iterable[str],
    records: str | Path,
    workflow_folder: str | Path,
    disclosure: Disclosure,
) -> list[Path]:
    """Copy what is archived into an empty folder.

    Parameters
    ----------
    folder : existing empty folder
    results : paths of results; those with examples one by one are left out
    records : folder of the run's records: `checksums` and `ledger`
    workflow_folder : folder of the workflow
    disclosure : how results may be shown; of data that are not public, only `MAY_LEAVE` are taken,
        as it shows them, and of the ledger its entries without the hashes of examples

    Returns
    -------
    The files, as paths in the folder, sorted.

    Raises
    ------
    InputError
        If a result lies in the sealed partition.
    """
    folder, workflow_folder = Path(folder), Path(workflow_folder)
    for path in results:
        if "sealed" in PurePath(path).parts:
            raise InputError(f"{path}: the sealed test partition is never archived.")
        place = _place(path)
        if not disclosure.shows_all and place in MAY_LEAVE:
            _write_shown(Path(path), folder / place, disclosure)
        elif disclosure.shows_all and PurePath(path).suffix not in ONE_BY_ONE:
            _copy(Path(path), folder / place)
    _copy(Path(records) / "ledger" / "openings.jsonl", folder / "records/ledger/openings.jsonl")
    if disclosure.shows_all:
        for kind in ("examples/*.txt", "sketches/*.npy"):
            for path in sorted(Path(records).glob(f"ledger/{kind}")):
                _copy(path, folder / "records/ledger" / path.parent.name / path.name)
    for path in sorted(Path(records).glob("checksums/*.json")):
        _copy(path, folder / "records/checksums" / path.name)
    for name in CODE:
        _copy(workflow_folder / name, folder / name)
    _write_configuration(folder)
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def describe_files(folder: str | Path, files: Iterable[Path]) -> dict[str, dict]:
    """{path: {sha256, bytes}} of files in a folder."""
    return {
        path.as_posix(): {
            "sha256": file_sha256(Path(folder) / path),
            "bytes": (Path(folder) / path).stat().st_size,
        }
        for path in files
    }


def instructions(title: str, sources: Iterable[Mapping]) -> str:
    """README.md of an archive: what it holds, which data it needs, how it is run again."""
    lines = [f"# {title}", "", "A run of deeprules, without its data. It holds:", ""]
    lines += [
        "- results/: the tables, and the report (results/report/report.html) of public data",
        "- records/: the pinned checksums of the data and the ledger of test openings",
        "- config/: the complete configuration and the study",
        "- Snakefile, workflow/, scripts/, envs/: the code and its environments",
        "- ro-crate-metadata.json: all of this for machines, as a Workflow Run RO-Crate",
        "",
        "The data:",
        "",
    ]
    lines += [
        f"- {one['source']}: {address(one) or 'not at a public address'}, version "
        f"{one['version']}, licence {one['licence']}, SHA-256 {one['sha256']}"
        for one in sources
    ]
    lines += [
        "",
        "To run it again, put data without a public address where config/config.yaml names them, "
        "then run `snakemake --use-conda --cores all` here. A download that differs from its "
        "checksum stops the run. The ledger shows that the test set was opened.",
    ]
    return "\n".join(lines) + "\n"


def address(source: Mapping) -> str | None:
    """Where anyone can get a source; None if it lies on the machine of the run or was simulated."""
    for key in ("given_url", "final_url"):
        if str(source.get(key, "")).startswith(("https://", "http://", "ftp://")):
            return source[key]
    return None


def _place(path: str) -> str:
    """Path from `results` or `resources` on: under a module's prefix it is deeper."""
    parts = PurePath(path).parts
    start = min(parts.index(name) for name in ("results", "resources") if name in parts)
    return PurePath(*parts[start:]).as_posix()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    else:
        shutil.copyfile(source, target)


def _write_shown(source: Path, target: Path, disclosure: Disclosure) -> None:
    """Write a result as it may be shown."""
    name = source.stem
    match source.suffix:
        case ".json":
            write_json(target, disclosure.shown(name, read_json(source)))
        case ".tsv":
            table = read_table(source, keep_default_na=False)
            write_table(target, disclosure.shown(name, table))
        case _:
            _copy(source, target)


def _write_configuration(folder: Path) -> None:
    """Put configuration, study and ethics register where a run looks for them."""
    config = read_yaml(folder / "results/config.yaml")
    (folder / "config").mkdir()
    ethics = read_json(folder / "results/ethics.json")
    files = {
        "config.yaml": {**config, "study": "config/study.yaml", "ethics": None},
        "study.yaml": read_json(folder / "results/study.json")["study"],
    }
    if ethics["file"]:
        stated = ethics["sensitivity"] if ethics["is_stated"] else None
        register = {name: ethics[name] for name in ("concerns", "approvals", "populations")}
        files["ethics.yaml"] = {"sensitivity": stated, **register}
    for name, content in files.items():
        (folder / "config" / name).write_text(yaml.safe_dump(content, sort_keys=False))
