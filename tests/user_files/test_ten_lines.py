"""From the files on a disk to a configuration in ten edited lines of that of a new project."""

import difflib
from pathlib import Path

import cells
import intervals
import pytest
import sequences
import tables
import yaml
from test_user_files import look

from deeprules_workflow.configuration import resolve

ROOT = Path(__file__).parents[2]
TEMPLATE = (ROOT / "config" / "new" / "config.yaml").read_text(encoding="utf-8")

MATRIX = {
    "  modality: sequence ": "  modality: tabular ",
    "  label: class ": "  label: diagnosis ",
    "  positive: positive ": "  positive: case ",
    "  cnn:\n": "  mlp:\n",
}
CASES = {
    "peaks": (
        lambda folder: intervals.alone(folder, intervals.peaks(more=intervals.NARROW)),
        {
            "  positive: positive ": "  positive: case ",
            "strategy: stratified ": "strategy: chromosome ",
            "\n\nsplit:": "\n  intervals: {width: 200, centre: summit}"
            "\n  negatives: {from: genome}\n\nsplit:",
        },
        [
            "a: {url: peaks.narrowPeak, format: bed, genome: g, values: {class: case}}",
            "g: {url: genome.fa.gz, format: genome}",
        ],
        "120 examples of 200 bases",
    ),
    "h5ad": (
        lambda folder: cells.cells(folder),
        {
            **MATRIX,
            "  group: null ": "  group: donor ",
            "\n\nsplit:": "\n  transform: log_cp10k\n\nsplit:",
            "strategy: stratified ": "strategy: group ",
        },
        ["cells: {url: cells.h5ad, format: h5ad, layer: counts}"],
        "60 examples of 50 features",
    ),
    "featureCounts and xlsx": (
        tables.feature_counts_and_a_sheet_of_excel,
        {
            **MATRIX,
            "  group: null ": "  group: donor ",
            "\n\nsplit:": "\n  transform: log_cpm\n\nsplit:",
        },
        [
            "counts: {url: counts.txt, format: matrix, samples: sheet}",
            "sheet: {url: samples.xlsx, format: table, columns: {id: library}}",
        ],
        "40 examples of 60 features",
    ),
    "10x": (
        cells.folder_of_cell_ranger,
        {**MATRIX, "\n\nsplit:": "\n  transform: log_cp10k\n\nsplit:"},
        [
            "cells: {url: filtered_feature_bc_matrix, format: tenx, samples: t}",
            "t: {url: cells.csv, format: table, columns: {id: barcode}}",
        ],
        "60 examples of 50 features",
    ),
    "MPRA": (
        sequences.mpra_table_of_a_supplement,
        {
            "  task: binary ": "  task: regression ",
            "  label: class ": "  label: activity ",
            "  positive: positive ": "  positive: null ",
            "  logistic_regression:\n": "  ridge:\n",
            "  naive_bayes:\n": "",
        },
        [
            "mpra: {url: mpra.csv, format: table, columns: {id: oligo, sequence: seq}}",
        ],
        "60 examples of 40 bases",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_ten_edited_lines_are_enough(tmp_path, monkeypatch, name):
    make, changes, sources, words = CASES[name]
    make(tmp_path)
    text = TEMPLATE
    at, end = (text.index(part) for part in ("    positive: {url", "\n\nsplit:"))
    text = text[:at] + "\n".join(f"    {line}" for line in sources) + text[end:]
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    lines = difflib.ndiff(TEMPLATE.splitlines(), text.splitlines())
    assert sum(line.startswith("+ ") for line in lines) <= 10
    monkeypatch.chdir(tmp_path)
    config = yaml.safe_load(text)
    resolve(config, ROOT, with_study=False)
    assert words in look(tmp_path, config["data"])
