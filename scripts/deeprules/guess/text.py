"""A draft as the text of a configuration, with a comment at each guess."""

import yaml

from deeprules.guess.draft import Draft
from deeprules.tasks import is_several, predicts_values

HEAD = """# A first configuration, guessed from your files. What is marked `edit` may be wrong: look
# at it, then `make check` tells what was understood. All keys: config/README.md.
study: config/study.yaml
seed: 1

data:
"""
TAIL = """
tuning: {trials: 20, max_epochs: 60, patience: 8}

# Networks and baselines to compare.
models:
"""
FITS = """
fit:
  seeds: 3
"""
OF_SEVERAL = """
# What models of several labels respond to is not told.
interpret: false
"""
BASELINES = ("random_forest", "nearest_neighbours", "support_vector_machine", "gradient_boosting")
OF_CLASSES = ("logistic_regression", "naive_bayes")
WIDTH = 96


def configuration(draft: Draft) -> str:
    """The text of config/config.yaml."""
    lines = [_line(2, "modality", draft.modality, "")]
    order = ("task", "label", "positive", "group", "batch", "covariates")
    given = {key: draft.roles[key] for key in order if key in draft.roles}
    for key, (value, comment) in {**given, **draft.more}.items():
        lines.append(_line(2, key, value, comment))
    lines.append("  sources:")
    for name, (entry, comment) in draft.sources.items():
        lines.append(_line(4, name, entry, comment))
    lines += [f"  # {' '.join(remark.split())}" for remark in draft.unused]
    value, comment = draft.split
    shares = {} if "column" in value else {"shares": {"train": 0.7, "tune": 0.15, "test": 0.15}}
    lines += ["", _line(0, "split", {**value, **shares}, comment)]
    task = draft.roles["task"][0]
    network = "cnn" if draft.modality == "sequence" else "mlp"
    linear = ("ridge",) if predicts_values(task) else OF_CLASSES
    models = "".join(f"  {m}:\n" for m in [*linear, *BASELINES, network])
    more = OF_SEVERAL if is_several(task) else ""
    return HEAD + "\n".join(lines) + "\n" + TAIL + models + FITS + more


def _line(indent: int, key: str, value, comment: str) -> str:
    """A key with its value on one line, and its comment beside it or, if it is long, above."""
    flow = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6)
    flow = flow.strip().removesuffix("...").strip()
    margin = " " * indent
    text = f"{margin}{key}: {flow}"
    comment = " ".join(comment.split())
    if not comment:
        return text
    if len(text) + len(comment) + 4 <= WIDTH:
        return f"{text}  # {comment}"
    return f"{margin}# {comment}\n{text}"
