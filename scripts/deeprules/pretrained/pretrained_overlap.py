"""Which examples a pretrained model has seen: those that it knows are no test of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deeprules.cautions import Caution, as_records
from deeprules.errors import InputError
from deeprules.names import chromosome_key, plain_name
from deeprules.split.partitions import PARTITIONS

COLUMNS = ("id", "chromosome", "canonical_hash")
"""Columns of the table of examples that are compared, as far as they exist."""


@dataclass(frozen=True)
class Overlap:
    """Examples seen: `table` (partition, known_by, n) and `summary` for overlap.json."""

    table: pd.DataFrame
    summary: dict


def find_overlap(
    name: str,
    trained_on: Mapping,
    seen_ids: set[str],
    seen_contents: set[int] | None,
    examples: pd.DataFrame,
    assignment: pd.DataFrame,
) -> Overlap:
    """Count the examples of each partition that a model has seen, by what is known of it.

    Parameters
    ----------
    name : of the model
    trained_on : `chromosomes` declared in the configuration; `chr8` and `8` are the same
    seen_ids : ids declared, empty if none
    seen_contents : `canonical_hash` of all that it was trained or tuned on; None if not known
    examples : id, canonical_hash and, where known, chromosome of every example
    assignment : id and partition of those that were shared out

    Raises
    ------
    InputError
        If chromosomes are declared and the data have none.
    """
    shared_out = assignment[["id", "partition"]].merge(examples, "left", "id", validate="1:1")
    seen = {}
    if trained_on["chromosomes"]:
        seen["chromosome"] = _on_chromosomes(name, trained_on["chromosomes"], shared_out)
    if trained_on["ids"] is not None:
        seen["id"] = shared_out["id"].isin(seen_ids)
    if seen_contents is not None:
        seen["content"] = shared_out["canonical_hash"].isin(seen_contents)
    table = pd.DataFrame(
        [
            (partition, known_by, int((is_seen & (shared_out["partition"] == partition)).sum()))
            for known_by, is_seen in seen.items()
            for partition in PARTITIONS
        ],
        columns=["partition", "known_by", "n"],
    )
    is_test = shared_out["partition"] == "test"
    summary = _summary(name, is_test, pd.DataFrame(seen).any(axis=1) if seen else None)
    if "id" in seen and not seen["id"].any():
        summary["sentence"] += (
            f" None of the {len(seen_ids)} ids in {trained_on['ids']} is that of an example, such "
            f"as {shared_out['id'].iloc[0]!r}: see that they are written as the data write them."
        )
    return Overlap(table, summary)


def read_ids(path: str | Path) -> set[str]:
    """The ids in a file, one a line; empty lines say nothing.

    Raises
    ------
    InputError
        If it holds none.
    """
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    ids = {plain_name(line) for line in lines} - {""}
    if not ids:
        raise InputError(f"{path}: holds no ids. Write one a line, or leave `ids` out.")
    return ids


def _on_chromosomes(name: str, declared: list[str], examples: pd.DataFrame) -> pd.Series:
    if "chromosome" not in examples or examples["chromosome"].isna().all():
        raise InputError(
            f"pretrained.{name}.trained_on.chromosomes: the data have no column `chromosome` to "
            "compare with. Take it from the FASTA headers (`header`) or a table, or declare `ids`."
        )
    known = examples["chromosome"].map(chromosome_key, na_action="ignore")
    return known.isin({chromosome_key(chromosome) for chromosome in declared})


def _summary(name: str, is_test: pd.Series, seen: pd.Series | None) -> dict:
    n_test = int(is_test.sum())
    if seen is None:
        sentence = (
            f"What the pretrained model {name} was trained on is not declared, so nobody knows how "
            f"many of the {n_test} test examples it has seen."
        )
        facts = {"n_test": n_test, "n_test_seen": None, "share": None, "sentence": sentence}
        return facts | {"cautions": []}
    n_seen = int((is_test & seen).sum())
    share = n_seen / n_test if n_test else 0.0
    sentence = (
        f"The pretrained model {name} has seen {n_seen} of the {n_test} test examples "
        f"({share:.0%}), by what is known of its training"
        f"{': scores of models that start from it are too high' if n_seen else ''}."
    )
    title = f"The pretrained model {name} has seen test examples"
    cautions = [Caution(title, sentence, tip=5)] if n_seen else []
    facts = {"n_test": n_test, "n_test_seen": n_seen, "share": share, "sentence": sentence}
    return facts | {"cautions": as_records(cautions)}
