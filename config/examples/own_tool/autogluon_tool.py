"""AutoGluon Tabular as a baseline: an ensemble of models that it chooses and weighs itself.

Usage: autogluon_tool.py train TASK EXAMPLES LABELS SECONDS THREADS MODEL
       autogluon_tool.py score EXAMPLES MODEL SCORES

TASK is `binary`, `multiclass` or `regression`. A fit takes about SECONDS; how many models fit into
them depends on the machine, so that two fits may differ. No model of it runs on a GPU here.
"""

import sys

import pandas as pd
from autogluon.tabular import TabularPredictor

LABEL = "deeprules_label"
"""Column of the labels, a name that no feature has."""


def train(task, examples, labels, seconds, threads, model):
    """Fit on the examples and their labels, and write the folder of the model."""
    table = pd.read_csv(examples, sep="\t", index_col="id")
    kind = float if task == "regression" else str
    answers = pd.read_csv(labels, sep="\t", dtype={"label": kind}, keep_default_na=False)
    table[LABEL] = answers.set_index("id")["label"]
    predictor = TabularPredictor(label=LABEL, problem_type=task, path=model, verbosity=1)
    predictor.fit(
        table,
        time_limit=float(seconds),
        presets="medium_quality",
        num_cpus=int(threads),
        num_gpus=0,
    )


def score(examples, model, scores):
    """Write a row of probabilities, or a value, for each example."""
    table = pd.read_csv(examples, sep="\t", index_col="id")
    predictor = TabularPredictor.load(model)
    if predictor.problem_type == "regression":
        found = predictor.predict(table).to_frame("score")
    else:
        found = predictor.predict_proba(table, as_multiclass=True)
    found.to_csv(scores, sep="\t", index_label="id")


if __name__ == "__main__":
    {"train": train, "score": score}[sys.argv[1]](*sys.argv[2:])
