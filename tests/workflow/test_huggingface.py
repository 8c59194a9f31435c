"""Models of Hugging Face in a run, as far as no PyTorch is needed."""

import json
import sys

import pandas as pd
from hub_models import COMMIT, NAME
from projects import WITHOUT_CONTROLS, small_config, snakemake, write_project

SEEN = "results/pretrained/triplets/overlap"


def starting(**changes):
    """A configuration whose networks start from a model of Hugging Face."""
    of_hub = {"huggingface": NAME, "revision": COMMIT, "python": sys.executable}
    models = {"logistic_regression": {}}
    for way in ("features", "random"):
        models[f"triplets_{way}"] = {"module": f"huggingface_{way}", "pretrained": "triplets"}
    pretrained = {"triplets": {**of_hub, "input": {"kmer": 3}, **changes}}
    return small_config(models=models, pretrained=pretrained, **WITHOUT_CONTROLS)


def test_examples_that_a_model_of_the_hub_has_seen_are_counted(tmp_path):
    seen = [f"sequence_{number:04d}" for number in range(1, 151)]
    (tmp_path / "seen.txt").write_text("\n".join([*seen, "of_another_data_set"]))
    write_project(tmp_path, starting(trained_on={"ids": "seen.txt"}))
    result = snakemake(tmp_path, f"{SEEN}.tsv")
    assert result.returncode == 0, result.stdout[-3000:]
    shares = pd.read_parquet(tmp_path / "results/split/assignment.parquet")
    expected = shares["partition"][shares["id"].isin(seen)].value_counts()
    table = pd.read_csv(tmp_path / f"{SEEN}.tsv", sep="\t").set_index("partition")["n"]
    assert table.to_dict() == expected.to_dict() and table.min() > 0
    summary = json.loads((tmp_path / f"{SEEN}.json").read_text())
    assert summary["n_test_seen"] == expected["test"]
    assert "triplets has seen test examples" in summary["cautions"][0]["title"]
