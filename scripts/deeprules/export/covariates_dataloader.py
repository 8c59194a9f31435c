"""Covariates of a table beside the other input, as the model takes them: `float32` (numbers,).

The table is tab-separated. Its columns are found by name, and its rows are in the order of the
other file. An empty cell is a missing value; covariates.json says how cells become numbers.
"""

import csv
import gzip
import importlib.util
import json
from pathlib import Path

import numpy as np
import yaml
from kipoi.data import SampleIterator

# kipoi runs this file from within its folder, without a `__file__`.
SCHEMA = yaml.safe_load(Path("dataloader.yaml").read_text())["output_schema"]
COVARIATES = json.loads(Path("covariates.json").read_text())


def covariate_numbers(row):
    """The numbers (float32) of a row, a dictionary of cells by column."""
    numbers = []
    for column in COVARIATES:
        cell = row[column["name"]]
        if "categories" in column:
            found = [float(cell == one) for one in column["categories"]]
            numbers += [*found, float(not any(found))]
        else:
            value = float(cell) if cell else column["median"]
            numbers.append((value - column["mean"]) / column["deviation"])
    return np.array(numbers, dtype=np.float32)


def features_reader():
    """The reader of the first input, in the file beside this one."""
    specification = importlib.util.spec_from_file_location("features", "features_dataloader.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.Sequences if hasattr(module, "Sequences") else module.Rows


FEATURES = features_reader()


class WithCovariates(SampleIterator):
    """The examples of two files, one at a time."""

    def __init__(self, features_file, covariates_file):
        self.samples = self.read(features_file, covariates_file)

    def read(self, features_file, covariates_file):
        first, second = SCHEMA["inputs"]
        opened = gzip.open if str(covariates_file).endswith(".gz") else open
        with opened(covariates_file, "rt") as file:
            rows = csv.DictReader(file, delimiter="\t")
            for sample, row in zip(FEATURES(features_file), rows, strict=True):
                inputs = {first: sample["inputs"], second: covariate_numbers(row)}
                yield {**sample, "inputs": inputs}

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.samples)
