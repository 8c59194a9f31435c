"""The shuffled-label control: what the same fit reaches when there is nothing to learn.

Labels are permuted among all examples of a partition, or among those of each batch; within a batch
the link between batch and label stays, so that scores above chance come from the batch. Tune is
shuffled as train is: training stops on it. Source: Ojala and Garriga 2010, JMLR 11:1833.
"""

import copy

import numpy as np
import pandas as pd

from deeprules.control import Cost, Terms
from deeprules.data import Development, Partition
from deeprules.fit.chosen_model import ChosenModel
from deeprules.seeds import derived_seed
from deeprules.statistics.metrics import LOWER_IS_BETTER, scores
from deeprules.wording import format_number

REPEATED = "permutations of the labels"
NEEDS = ()

SCHEMES = ("all", "within_batch")
DRAW = 2
"""What numbers the seeds of the permutations, beside those of the fits."""
COLUMNS = ["model", "kind", "scheme", "repeat", "partition", "metric", "score"]


def run(chosen: ChosenModel, development: Development, terms: Terms) -> pd.DataFrame:
    """Fit a model on permuted labels, `terms.repeats` times a scheme.

    Returns
    -------
    Scores on train and tune against the permuted labels: model, kind, scheme (`all`,
    `within_batch` where batches are declared), repeat (1..), partition, metric, score.

    Raises
    ------
    InputError
        If a fit gives no usable model.
    """
    schemes = _schemes(development)
    rows = []
    for number, scheme in enumerate(schemes):
        for repeat in range(1, terms.repeats + 1):
            draw_seed = derived_seed(terms.seed, repeat, DRAW, number)
            rng = np.random.default_rng(draw_seed)
            drawn = Development(*(shuffled(part, scheme, rng) for part in development))
            what = f"shuffled labels ({scheme}, repeat {repeat})"
            remedy = "leave the control out (`controls: shuffled_labels: 0`)"
            model = chosen.refit(drawn, draw_seed, what, remedy)
            for name, part in drawn._asdict().items():
                predictions = model.predict(part.features, part.examples)
                found = scores(part.dataset.task, part.labels, predictions)
                rows += [
                    [*chosen.facts.values(), scheme, repeat, name, metric, score]
                    for metric, score in found.items()
                ]
    return pd.DataFrame(rows, columns=COLUMNS)


def shuffled(part: Partition, scheme: str, rng: np.random.Generator) -> Partition:
    """A partition with its labels permuted, all of them or those of each batch among themselves.

    Several labels of an example stay together.
    """
    order = np.arange(len(part))
    if scheme == "all":
        order = rng.permutation(order)
    else:
        for rows in part.examples.groupby("batch", sort=True).indices.values():
            order[rows] = rng.permutation(rows)
    changed = copy.copy(part)
    changed.__dict__.pop("labels", None)
    labels = {name: part.examples[name].to_numpy()[order] for name in part.dataset.label_columns}
    changed.examples = part.examples.assign(**labels)
    return changed


def summarise(
    table: pd.DataFrame, development: Development, terms: Terms
) -> tuple[pd.DataFrame, dict]:
    """Each model's score on tune (mean of the final fits) beside those on shuffled labels.

    Returns
    -------
    The table, and `entries`: for each model and scheme model, kind, scheme, real, shuffled (mean),
    best_shuffled, memorised (mean score on shuffled train), fits, p_value, is_better (than every
    fit), sentence.
    """
    objective = terms.objective
    real = {name: model["tune_score"] for name, model in terms.frozen["models"].items()}
    sign = -1 if objective in LOWER_IS_BETTER else 1
    found = []
    chosen = table[table["metric"] == objective]
    for (model, kind, scheme), rows in chosen.groupby(["model", "kind", "scheme"], sort=False):
        tune = sign * rows.loc[rows["partition"] == "tune", "score"].to_numpy()
        memorised = rows.loc[rows["partition"] == "train", "score"].mean()
        at_least = int((tune >= sign * real[model]).sum())
        entry = {
            "model": model,
            "kind": kind,
            "scheme": scheme,
            "real": float(real[model]),
            "shuffled": float(sign * tune.mean()),
            "best_shuffled": float(sign * tune.max()),
            "memorised": float(memorised),
            "fits": len(tune),
            "p_value": (1 + at_least) / (1 + len(tune)),
            "is_better": at_least == 0,
        }
        found.append({**entry, "sentence": _sentence(entry, len(tune))})
    return table, {"entries": found}


def cost(development: Development, terms: Terms) -> Cost:
    """A repeat is a fit among all labels and, where there are batches, one within each."""
    return Cost(terms.settings, len(_schemes(development)))


def _schemes(development: Development) -> tuple[str, ...]:
    return SCHEMES if development.train.dataset.has_batch else SCHEMES[:1]


def _sentence(entry, n):
    """What the control shows of one model."""
    where = "shuffled labels" + (" within each batch" if entry["scheme"] == "within_batch" else "")
    numbers = (
        f"{format_number(entry['real'])} on tune, {format_number(entry['shuffled'])} on {where} "
        f"({n} permutation{'s' * (n != 1)}, the best {format_number(entry['best_shuffled'])})"
    )
    if entry["is_better"]:
        return f"`{entry['model']}` learnt from the labels: {numbers}."
    return f"`{entry['model']}` is no better than on {where}: {numbers}."
