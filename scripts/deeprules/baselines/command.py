"""A user's own established tool, entered as a baseline: its commands train and score.

`tool` says what they are. The hyperparameters are those that `space` gives the tool.
"""

from deeprules.command.tool_estimator import ToolEstimator

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass", "regression")
KIND = "baseline"
NEEDS = "tool"


def build(hp, train, tool):
    """Estimator that runs the tool's commands."""
    chosen = {
        name: hp.Choice(name, values) if isinstance(values, list) else hp.Fixed(name, values)
        for name, values in tool.space.items()
    }
    return ToolEstimator(tool, train.dataset, chosen)
