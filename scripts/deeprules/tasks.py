"""Tasks that are several of another one at once."""

MULTILABEL = "multilabel"
EACH = {MULTILABEL: "binary"}
"""What each label of such a task is by itself."""
LABEL_WEIGHTS = "label_weights"
"""Hyperparameter of networks that predict all labels: how much each weighs in the loss."""


def task_of_each(task: str | None) -> str | None:
    """The task of a single label: that of `EACH`, or the task itself."""
    return EACH.get(task, task)
