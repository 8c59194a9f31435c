"""Splits of the development data of growing stringency: they keep more and more together.

The random split keeps nothing together, not even copies of one content. Each other one keeps its
own units together, and copies. A score that falls from the random split to another one was helped
by what the two sides of a random split share. Source: Whalen et al. 2022, Nat Rev Genet 23:169.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from deeprules.data import Dataset, Partition
from deeprules.errors import InputError
from deeprules.seeds import derived_seed
from deeprules.split.mmseqs import n_bases
from deeprules.split.similar_pairs import similar_pairs, word_length
from deeprules.split.split_warnings import CLASS_TOLERANCE
from deeprules.split.splits import split_examples
from deeprules.split.units import find_units

STRATEGIES = {
    "random": "stratified",
    "group": "group",
    "chromosome": "chromosome",
    "batch": "batch",
    "homology": "homology",
}
"""Splits, and the strategy that draws each of them."""

KEPT = {
    "random": "nothing",
    "group": "groups",
    "chromosome": "chromosomes or blocks of them",
    "batch": "batches",
    "homology": "similar sequences",
}
"""What a split keeps together."""

SHARES = {"train": 0.6, "tune": 0.15, "test": 0.25}
"""Shares of the development data; what a split calls test is the held-out part here."""

MIN_TRAIN = 0.5
"""Share of the wanted training examples below which one split does not shorten the others."""

DRAW = 3
"""What numbers the seeds of the splits, beside those of the fits."""


def available_splits(examples: pd.DataFrame) -> list[str]:
    """The splits for which the table of examples has a column."""
    has = set(examples.columns)
    needs = {"group": {"group"}, "batch": {"batch"}, "homology": {"cluster"}}
    found = [name for name in STRATEGIES if needs.get(name, set()) <= has]
    return [name for name in found if name != "chromosome" or {"chromosome", "start"} & has]


def draw_splits(
    examples: pd.DataFrame, dataset: Dataset, block_size: int | None, seed: int
) -> tuple[pd.DataFrame, list[dict]]:
    """Split the development data in every way that they allow, once each.

    All splits train on equally many examples, drawn within classes, where their units allow it.

    Parameters
    ----------
    examples : train and tune together: id, label, canonical_hash and, as far as they exist, group,
        batch, cluster, chromosome, start and end
    block_size : bases of a block of a chromosome, or None to keep chromosomes whole

    Returns
    -------
    The splits (split, id, partition: train, tune or held_out; examples left out are missing) and
    the facts of each: split, units, train, tune, held_out, note. One that the data do not allow has
    no rows, and a note that says why.
    """
    drawn, facts = {}, []
    for number, name in enumerate(available_splits(examples)):
        own = _own_ties(examples, name)
        split = {"strategy": STRATEGIES[name], "shares": SHARES, "test": [], "tune": []}
        split["block_size"] = block_size if name == "chromosome" else None
        fact = {"split": name, "units": None, "train": 0, "tune": 0, "held_out": 0, "note": ""}
        facts.append(fact)
        try:
            fact["units"] = len(find_units(own, STRATEGIES[name], split["block_size"]))
            if fact["units"] < len(SHARES):
                had = f"the development data have {fact['units']}"
                fact["note"] = f"A split into {len(SHARES)} parts needs as many units; {had}."
                continue
            about = replace(dataset, has_group="group" in own)
            found = split_examples(own, about, split, derived_seed(seed, DRAW, number))
        except InputError as error:
            # The data do not allow this split: the report says why, the others stand.
            fact["note"] = str(error)
            continue
        partition = found.assignment["partition"].to_numpy().astype(object)
        drawn[name] = np.where(partition == "test", "held_out", partition)
        if dataset.classes:
            fact["note"] = _uneven(examples["label"], drawn[name] == "held_out")
    _level(drawn, examples["label"], dataset, seed)
    for fact in facts:
        if fact["split"] in drawn:
            counts = pd.Series(drawn[fact["split"]]).value_counts()
            fact |= {name: int(counts[name]) for name in ("train", "tune", "held_out")}
    tables = [
        pd.DataFrame({"split": name, "id": examples["id"].to_numpy(), "partition": partition})
        for name, partition in drawn.items()
    ]
    columns = ["split", "id", "partition"]
    splits = pd.concat(tables) if tables else pd.DataFrame(columns=columns, dtype=str)
    return splits[splits["partition"] != ""].reset_index(drop=True), facts


def _own_ties(examples: pd.DataFrame, split: str) -> pd.DataFrame:
    """The examples with what a split ties them by, and nothing else."""
    own = examples if split == "group" else examples.drop(columns="group", errors="ignore")
    if split == "random":
        return own.assign(canonical_hash=np.arange(len(own)))
    return own.reset_index(drop=True)


def _uneven(labels: pd.Series, is_held_out: np.ndarray) -> str:
    """A note where a class has another share of the held-out part than of all."""
    excess = labels[is_held_out].value_counts(normalize=True) - labels.value_counts(normalize=True)
    if excess.max() <= CLASS_TOLERANCE:
        return ""
    worst = excess.idxmax()
    return (
        f"{np.mean(labels[is_held_out] == worst):.0%} of the held-out examples are of class "
        f"{worst}, but {np.mean(labels == worst):.0%} of all: scores that depend on prevalence "
        f"differ for that alone."
    )


def _level(drawn: dict, labels: pd.Series, dataset: Dataset, seed: int) -> None:
    """Leave out examples of train so that every split trains on as many, in place."""
    wanted = MIN_TRAIN * SHARES["train"] * len(labels)
    sizes = {name: int((partition == "train").sum()) for name, partition in drawn.items()}
    size = min((n for n in sizes.values() if n >= wanted), default=0)
    for number, (name, partition) in enumerate(drawn.items()):
        if sizes[name] <= size or not size:
            continue
        rows = np.flatnonzero(partition == "train")
        surplus = sizes[name] - size
        strata = labels.iloc[rows] if dataset.classes else None
        if strata is not None and (surplus < strata.nunique() or strata.value_counts().min() < 2):
            strata = None
        _, left_out = train_test_split(
            rows,
            test_size=surplus,
            stratify=strata,
            random_state=derived_seed(seed, DRAW, len(STRATEGIES) + number),
        )
        partition[left_out] = ""


def nearest_in_train(
    part: Partition,
    splits: pd.DataFrame,
    coverage: float,
    scratch: str | Path,
    threads: int = 1,
) -> pd.DataFrame:
    """Identity of each held-out sequence of the random split to the nearest one of its train.

    Parameters
    ----------
    part : the development data, features are codes (N, L)
    splits : see `draw_splits`
    coverage : smallest share of each of the two sequences that an alignment covers

    Returns
    -------
    id and identity (0..1; NaN where no similar sequence was found).
    """
    random = splits[splits["split"] == "random"].set_index("id")["partition"]
    partition = part.examples["id"].map(random)
    held, train = (np.flatnonzero(partition == name) for name in ("held_out", "train"))
    table = pd.DataFrame({"id": part.examples["id"].to_numpy()[held], "identity": np.nan})
    if not len(held):
        return table
    queries, targets = part.features[held], part.features[train]
    word = word_length(n_bases(queries), n_bases(targets))
    pairs = similar_pairs(
        queries, targets, coverage, 0.0, word, scratch, threads, part.dataset.both_strands
    )
    nearest = pairs.groupby("query")["identity"].max()
    table.loc[nearest.index, "identity"] = nearest.to_numpy()
    # A copy is found even where its bases are masked as repetitive.
    contents = part.examples["canonical_hash"]
    table.loc[contents.iloc[held].isin(contents.iloc[train]).to_numpy(), "identity"] = 1.0
    return table
