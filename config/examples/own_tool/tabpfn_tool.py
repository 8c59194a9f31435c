"""TabPFN v2 as a baseline: a pretrained transformer that reads train and predicts, untrained.

Usage: tabpfn_tool.py train EXAMPLES LABELS MODEL
       tabpfn_tool.py score TASK SEED WEIGHTS EXAMPLES MODEL SCORES

The model is the training set itself, so that whoever has it has the examples. WEIGHTS is the
checkpoint of version 2 for the TASK: `binary` and `multiclass` take the classifier, `regression`
the regressor. It is made for up to 500 features: of more, those with the largest F statistic on
train are kept. TabPFN itself refuses more than 10,000 examples, and without a GPU more than 1,000
unless TABPFN_ALLOW_CPU_LARGE_DATASET is 1.
"""

import sys

import numpy as np
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_classif, f_regression
from sklearn.impute import SimpleImputer

MAX_FEATURES = 500


def train(examples, labels, model):
    """Keep the examples (N, P) beside their labels (N,)."""
    rows = pd.read_csv(examples, sep="\t", index_col="id")
    answers = pd.read_csv(labels, sep="\t", dtype=str, keep_default_na=False, index_col="id")
    with open(model, "wb") as file:
        in_order = answers["label"].loc[rows.index].to_numpy(str)
        np.savez_compressed(file, rows=rows.to_numpy("float32"), labels=in_order)


def kept_features(rows, labels, task):
    """Places of the features that say most by themselves, at most `MAX_FEATURES`."""
    filled = SimpleImputer(strategy="median", keep_empty_features=True).fit_transform(rows)
    statistic = f_regression if task == "regression" else f_classif
    size = min(MAX_FEATURES, rows.shape[1])
    return SelectKBest(statistic, k=size).fit(filled, labels).get_support()


def score(task, seed, weights, examples, model, scores):
    """Write a row of probabilities, or a value, for each example."""
    from tabpfn import TabPFNClassifier, TabPFNRegressor

    known = np.load(model)
    train_rows, labels = known["rows"], known["labels"]
    labels = labels.astype(float) if task == "regression" else labels
    kept = kept_features(train_rows, labels, task)
    table = pd.read_csv(examples, sep="\t", index_col="id")
    rows = table.to_numpy("float32")[:, kept]
    kind = TabPFNRegressor if task == "regression" else TabPFNClassifier
    machine = kind(model_path=weights, random_state=int(seed), device="auto")
    machine.fit(train_rows[:, kept], labels)
    if task == "regression":
        found = pd.DataFrame({"score": machine.predict(rows)}, index=table.index)
    else:
        found = pd.DataFrame(machine.predict_proba(rows), table.index, machine.classes_)
    found.to_csv(scores, sep="\t", index_label="id")


if __name__ == "__main__":
    {"train": train, "score": score}[sys.argv[1]](*sys.argv[2:])
