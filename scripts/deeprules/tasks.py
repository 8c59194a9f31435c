"""Tasks that are several of another one at once.

Where some labels are there or not and others are values, the configuration says `mixed`; the task
of the data set then is that of each label, joined: `binary-regression-binary`.
"""

from collections.abc import Sequence

MULTILABEL, MULTIREGRESSION, MIXED = "multilabel", "multiregression", "mixed"
EACH = {MULTILABEL: "binary", MULTIREGRESSION: "regression"}
"""What each label of such a task is by itself."""
JOINT = "-"
LABEL_WEIGHTS = "label_weights"
"""Hyperparameter of networks that predict all labels: how much each weighs in the loss."""


def joined_task(tasks: Sequence[str]) -> str:
    """The task of labels of which each has one."""
    alike = [task for task, one in EACH.items() if set(tasks) == {one}]
    return alike[0] if alike else JOINT.join(tasks)


def is_mixed(task: str | None) -> bool:
    """Whether some labels of a task are there or not and others are values."""
    return task == MIXED or JOINT in (task or "")


def is_several(task: str | None) -> bool:
    """Whether a task is one of several labels."""
    return task in EACH or is_mixed(task)


def task_of(task: str, number: int) -> str:
    """The task of one of several labels."""
    return EACH[task] if task in EACH else task.split(JOINT)[number]


def task_of_each(task: str | None) -> str | None:
    """The task of a single label: that of `EACH`, `mixed`, or the task itself."""
    return MIXED if is_mixed(task) else EACH.get(task, task)


def predicts_values(task: str) -> bool:
    """Whether a task has values, one or several, and no classes."""
    return task_of_each(task) == "regression"
