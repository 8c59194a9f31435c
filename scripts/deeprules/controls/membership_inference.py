"""Whether a model tells who was in its training set: two attacks, and what they rule out.

The attack without a reference asks of every final fit whether examples of train are more certain
than those of tune (Yeom et al. 2018, arXiv:1709.01604). The other, LiRA, refits the model on random
halves of train and attacks each fit with the others (`deeprules.statistics.membership`): there,
members and others are drawn at random from the same examples. Groups are members as a whole. A
fit on half of train keeps more of each example than one on all of it, so that this is rather a bit
too much than too little.
"""

import numpy as np
import pandas as pd

from deeprules.control import Cost, Terms, whole_fits
from deeprules.data import Development, Partition
from deeprules.errors import InputError
from deeprules.files import finite_or_none
from deeprules.fit.candidates import Candidate
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.prediction_tables import final_predictions
from deeprules.seeds import derived_seed
from deeprules.statistics.membership import (
    FALSE_POSITIVE_RATES,
    Attack,
    attack,
    confidence_scores,
    halves,
    lira_scores,
    several_confidence_scores,
    value_scores,
)
from deeprules.wording import format_bounds, format_number

REPEATED = "audits"
NEEDS = ("fits",)

DRAW = 3
"""What numbers the seeds of the halves, beside those of the fits."""
COLUMNS = ["model", "kind", "attack", "fits", "members", "others", "statistic"]
COLUMNS += ["value", "lower", "upper"]
MIN_BOUND = 0.05
"""Bound of epsilon below which none is worth telling."""
NO_BOUND = "no epsilon ruled out"
WITHOUT_REFERENCE, LIRA = "without a reference", "LiRA"
CAUGHT = {"auroc": 0.6, f"tpr_at_{FALSE_POSITIVE_RATES[0]:g}": 0.1, "epsilon": 1.0}
"""Lower ends from which on members count as recognised, ten times what guessing finds at 1%."""


def run(chosen: ChosenModel, development: Development, terms: Terms) -> pd.DataFrame:
    """Attack a model without a reference and, where shadow fits are asked for, with them.

    Returns
    -------
    A row an attack and statistic: model, kind, attack, fits, members, others (scores behind the
    rates), statistic (auroc, tpr_at_0.01, tpr_at_0.001, epsilon), value, lower, upper. Nothing in
    it is of one example.

    Raises
    ------
    InputError
        If a shadow fit gives no usable model, or an attack shows that a network tells more than
        the privacy that it was trained with allows.
    """
    found = {WITHOUT_REFERENCE: _without_reference(development, terms)}
    if shadows(terms):
        found[LIRA] = _likelihood_ratio(chosen, development, terms)
    if chosen.candidate.private:
        require_promise(chosen.candidate, {name: one for name, (_, one) in found.items()})
    rows = [
        [*chosen.facts.values(), name, fits, one.members, one.others, statistic, *values]
        for name, (fits, one) in found.items()
        for statistic, values in one.values.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def require_promise(candidate: Candidate, attacks: dict[str, Attack]) -> None:
    """Stop where an attack disproves the privacy that a network was trained with.

    Of the attacks that of the shadow fits counts where there is one: its members and others differ
    in nothing else.

    Raises
    ------
    InputError
        With what was promised and what was shown.
    """
    name = LIRA if LIRA in attacks else WITHOUT_REFERENCE
    shown, promised = attacks[name].values["epsilon"][0], candidate.private["epsilon"]
    if shown > promised:
        raise InputError(
            f"{candidate.name}: its training promises an epsilon of {promised:g} "
            f"(`privacy: epsilon`), and an attack ({name}) shows that it is at least {shown:.2f}, "
            "with 95% confidence. The promise does not hold: do not release this network. See that "
            "no individual has several examples in the data, and report this as a fault."
        )


def shadows(terms: Terms) -> int:
    """Shadow fits that are asked for; 0 for the attack without a reference alone."""
    return 0 if isinstance(terms.settings, bool) else terms.settings


def _without_reference(development: Development, terms: Terms):
    """Members are train, others are tune, scored by all final fits."""
    members = np.repeat([True, False], [len(part) for part in development])
    parts = development._asdict()
    told = final_predictions(terms.files["fit_predictions"], parts)
    scores = [
        np.concatenate([_scores(part, told[name][fit]) for name, part in parts.items()])
        for fit in range(len(told["train"]))
    ]
    units = np.concatenate([units_of(part) for part in development])
    inside = np.broadcast_to(members, (len(scores), len(members)))
    found = attack(np.array(scores), inside, units, terms.replicates, terms.seed)
    return len(scores), found


def _likelihood_ratio(chosen: ChosenModel, development: Development, terms: Terms):
    """Members and others are halves of train, under each of the shadow fits."""
    train, units = development.train, units_of(development.train)
    inside = drawn_halves(train, units, shadows(terms) // 2, derived_seed(terms.seed, DRAW))
    scores = []
    for number, rows in enumerate(inside):
        what = f"half of train (shadow fit {number + 1})"
        remedy = "make no shadow fits (`controls: membership_inference: true`)"
        seed = derived_seed(terms.seed, number, DRAW)
        half = Development(train.subset(np.flatnonzero(rows)), development.tune)
        model = chosen.refit(half, seed, what, remedy)
        scores.append(_scores(train, model.predict(train.features, train.examples)))
    ratios = lira_scores(np.array(scores), inside)
    return len(inside), attack(ratios, inside, units, terms.replicates, terms.seed)


def drawn_halves(train: Partition, units: np.ndarray, pairs: int, seed: int) -> np.ndarray:
    """Members (2 * pairs, N) of shadow fits: half of the units of each class, whole units."""
    names, first, unit_of = np.unique(units, return_index=True, return_inverse=True)
    strata = train.labels[first] if train.dataset.classes else np.zeros(len(names))
    return halves(strata, pairs, seed)[:, unit_of]


def units_of(part: Partition) -> np.ndarray:
    """What is a member as a whole (N,): the group of an example, or the example itself."""
    return part.examples["group" if part.dataset.has_group else "id"].astype(str).to_numpy()


def _scores(part: Partition, predictions: np.ndarray) -> np.ndarray:
    """Scores of examples (N,) from predictions (N, C) or (N,)."""
    if part.dataset.is_classification and not part.dataset.labels:
        return confidence_scores(predictions, part.labels)
    labels = part.labels.reshape(len(part), -1)
    predictions = predictions.reshape(labels.shape)
    are_classes = part.dataset.are_classes if part.dataset.labels else np.zeros(1, dtype=bool)
    spread = np.maximum(np.nanstd(labels, axis=0), 1e-12)[~are_classes]
    found = value_scores(predictions[:, ~are_classes], labels[:, ~are_classes], spread)
    present = several_confidence_scores(predictions[:, are_classes], labels[:, are_classes])
    return np.nansum(found, axis=1) + present


def summarise(
    table: pd.DataFrame, development: Development, terms: Terms
) -> tuple[pd.DataFrame, dict]:
    """The table, and what it says of each model.

    Returns
    -------
    The table; shadows (fits asked for); unit (what is a member as a whole); models (model, kind,
    found (`recognised`, `trace` or `nothing`), attacks ({attack: {statistic: {value, lower, upper},
    fits, members, others}}), sentence); notes.
    """
    models = [
        _summary(model, rows, shadows(terms)) for model, rows in table.groupby("model", sort=False)
    ]
    notes = [
        "Without a reference, the others are the examples of tune, which stopped the training and "
        "chose the hyperparameters; as the split makes them, they may differ from train by more "
        "than not having been in it."
    ]
    if not shadows(terms):
        notes.append(
            "No shadow fits were asked for (`controls: membership_inference`), so that LiRA, the "
            "stronger attack, was not tried."
        )
    for name, rows in table[table["value"].isna()].groupby("attack", sort=False):
        rates = " and ".join(
            dict.fromkeys(one.removeprefix("tpr_at_") for one in rows["statistic"])
        )
        notes.append(f"{name}: there are too few others for a false positive rate of {rates}.")
    unit = "group" if development.train.dataset.has_group else "example"
    return table, {"shadows": shadows(terms), "unit": unit, "models": models, "notes": notes}


def cost(development: Development, terms: Terms) -> Cost:
    """One audit: fits on halves of train."""
    return Cost(1, whole_fits([0.5] * shadows(terms)))


def _summary(model: str, rows: pd.DataFrame, n_shadows: int) -> dict:
    """What the attacks say of one model."""
    attacks = {}
    for name, part in rows.groupby("attack", sort=False):
        facts = {key: int(part[key].iloc[0]) for key in ("fits", "members", "others")}
        for row in part.itertuples():
            values = {"value": row.value, "lower": row.lower, "upper": row.upper}
            facts[row.statistic] = {key: finite_or_none(one) for key, one in values.items()}
        attacks[name] = facts
    found = "nothing"
    if any((one["auroc"]["lower"] or 0) > 0.5 for one in attacks.values()):
        found = "trace"
    if any(
        (one[name]["lower"] or 0) >= least
        for one in attacks.values()
        for name, least in CAUGHT.items()
    ):
        found = "recognised"
    facts = {"model": model, "kind": rows["kind"].iloc[0], "found": found, "attacks": attacks}
    return {**facts, "sentence": _sentence(model, found, attacks)}


def _sentence(model: str, found: str, attacks: dict) -> str:
    """What the attacks say of one model, in words."""
    said = "; ".join(f"{name}, {_numbers(one)}" for name, one in attacks.items())
    match found:
        case "recognised":
            return f"`{model}`: an attack tells who was in its training set ({said})."
        case "trace":
            return (
                f"`{model}`: an attack tells who was in its training set better than guessing, "
                f"but for few with certainty ({said})."
            )
    return (
        f"`{model}`: no attack that was tried tells who was in its training set better than "
        f"guessing ({said}). A stronger one may."
    )


def _numbers(attack: dict) -> str:
    """AUROC, members found at few false alarms, and the bound of epsilon."""
    words = [f"AUROC {format_bounds(*attack['auroc'].values())}"]
    rate = attack[f"tpr_at_{FALSE_POSITIVE_RATES[0]:g}"]
    if rate["value"] is not None:
        words.append(f"{format_bounds(*rate.values())} of members found at 1% false alarms")
    bound = attack["epsilon"]["value"]
    is_told = bound >= MIN_BOUND
    words.append(f"epsilon at least {format_number(bound, 1)}" if is_told else NO_BOUND)
    return ", ".join(words)
