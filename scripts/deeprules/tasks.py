"""Tasks that are several of another one at once."""

MULTILABEL, MULTIREGRESSION = "multilabel", "multiregression"
EACH = {MULTILABEL: "binary", MULTIREGRESSION: "regression"}
"""What each label of such a task is by itself."""
LABEL_WEIGHTS = "label_weights"
"""Hyperparameter of networks that predict all labels: how much each weighs in the loss."""


def task_of_each(task: str | None) -> str | None:
    """The task of a single label: that of `EACH`, or the task itself."""
    return EACH.get(task, task)


def predicts_values(task: str) -> bool:
    """Whether a task has values, one or several, and no classes."""
    return task_of_each(task) == "regression"
