"""Tasks that are several of another one at once."""

MULTILABEL = "multilabel"
EACH = {MULTILABEL: "binary"}
"""What each label of such a task is by itself."""


def task_of_each(task: str | None) -> str | None:
    """The task of a single label: that of `EACH`, or the task itself."""
    return EACH.get(task, task)
