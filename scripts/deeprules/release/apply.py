"""What runs in a released folder: a file of new examples in, a table of predictions out."""

import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

from deeprules.errors import InputError
from deeprules.files import read_json, scratch_folder
from deeprules.fit.fitting import limit_threads
from deeprules.predict.loading import load_models
from deeprules.predict.new_examples import read_new_examples
from deeprules.predict.packed import PackedModel
from deeprules.predict.predicting import predict_examples
from deeprules.release.compare import largest_difference, read_predictions
from deeprules.release.example import columns_asked

FASTA = (".fa", ".fasta", ".fna", ".fas")
TOLERANCE = 1e-6


def main(folder: str | Path, arguments: list[str]) -> int:
    """Predict a file, or with `--check` the example; returns the exit status.

    With DEEPRULES_MODULES the names of all imported modules are written to that file.
    """
    folder = Path(folder)
    try:
        if arguments == ["--check"]:
            status = check(folder)
        else:
            source = Path(arguments[0])
            output = Path(arguments[1] if arguments[1:] else f"{source.name}.predictions.tsv")
            n = predict(folder, source, output)
            print(f"{output}: {n:,} predictions")
            status = 0
    except InputError as error:
        print(error, file=sys.stderr)
        status = 1
    if "DEEPRULES_MODULES" in os.environ:
        names = sorted({name.partition(".")[0] for name in sys.modules})
        Path(os.environ["DEEPRULES_MODULES"]).write_text(json.dumps(names))
    return status


def predict(folder: Path, source: Path, output: Path) -> int:
    """Predict the examples of a file; returns their number.

    Raises
    ------
    InputError
        If the file is not what the model takes.
    """
    if not source.is_file():
        raise InputError(f"{source}: there is no such file.")
    packed = PackedModel.open(folder / "model")
    kind = _format(packed, source)
    readers = read_json(folder / "readers.json")
    settings = dict(readers["formats"][kind])
    if kind == "matrix":
        settings["metadata"] = columns_asked(packed)
    limit_threads(packed.model["kind"], os.cpu_count() or 1)
    output.parent.mkdir(parents=True, exist_ok=True)
    with scratch_folder(output.with_name(f".unfinished-{output.name}")) as scratch:
        read = _paths(scratch, examples="examples.parquet", features="features.npy",
                      summary="read.json", read="read.json")  # fmt: skip
        made = _paths(scratch, predictions="predictions.tsv", parquet="predictions.parquet",
                      scores="scores.tsv", summary="summary.json")  # fmt: skip
        files = {"new": source}
        read_new_examples(packed, {"new": settings}, files, read, "error", readers["defaults"])
        found = predict_examples(packed, load_models(packed), read, made, seed=1)
        shutil.move(made.predictions, output)
    for note in found["notes"]:
        print(f"Note: {note}", file=sys.stderr)
    return found["n"]


def check(folder: Path) -> int:
    """Predict the example and compare it with what is expected; 0 if they agree."""
    (source,) = (folder / "example").glob("input.*")
    with scratch_folder(Path(".unfinished-check").absolute()) as scratch:
        predict(folder, source, scratch / "predictions.tsv")
        found, expected = map(
            read_predictions, (scratch / "predictions.tsv", folder / "example" / "expected.tsv")
        )
    gap = largest_difference(found, expected)
    agrees = gap <= TOLERANCE
    verdict = "as" if agrees else "NOT as"
    print(f"{len(found)} examples, largest difference {gap:.1e}: {verdict} expected")
    return 0 if agrees else 1


def _paths(folder: Path, **names: str) -> SimpleNamespace:
    """Paths in a folder, by what they are called where they are used."""
    return SimpleNamespace(**{name: folder / file for name, file in names.items()})


def _format(packed: PackedModel, source: Path) -> str:
    """The format that the ending of a file's name stands for."""
    if packed.dataset.modality == "tabular":
        return "matrix"
    name = source.name.lower().removesuffix(".gz")
    return "fasta" if name.endswith(FASTA) else "table"
