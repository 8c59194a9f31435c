"""Scores on tune of models refitted on growing shares of train: would more data help?

Every model and size is scored on the same bootstrap replicates of tune, each with one of its
fits drawn, as on the test set. Tune has chosen the hyperparameters and stopped the training of
networks, so these scores compare sizes; they are no estimate of the score on new data.
"""

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd

from deeprules.control import Cost, Terms, whole_fits
from deeprules.data import Development, Partition
from deeprules.files import finite_or_none, read_table, write_table
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.prediction_tables import prediction_table, prediction_values
from deeprules.seeds import derived_seed
from deeprules.split.nested_shares import nested_shares
from deeprules.statistics.bootstrap import (
    BootstrappedScores,
    Interval,
    bootstrap_scores,
    choose_resampling,
)
from deeprules.statistics.metrics import METRIC_LABELS, metrics_of, smallest_gain
from deeprules.statistics.power_law import (
    FURTHEST,
    MIN_SIZES,
    PowerLaw,
    fit_power_law,
    overtaking,
)
from deeprules.wording import format_interval, format_number, format_size

log = logging.getLogger("deeprules")

REPEATED = "seeds of the learning curve"
NEEDS = ("fits",)

DRAW = 1
"""What numbers the seeds of the shares, beside those of the fits."""


def run(chosen: ChosenModel, development: Development, terms: Terms) -> pd.DataFrame:
    """Fit a model on every share of train under `terms.repeats` seeds.

    The first fits on all of train are the final ones. Each fit's predictions are kept in
    `terms.folder` as soon as they are made; a measurement that was stopped goes on from there.

    Returns
    -------
    The predictions on tune of every fit: model, kind, share, n, raised, seed, id, label and
    predictions.

    Raises
    ------
    InputError
        If a fit gives no usable model.
    """
    train, tune = development
    final = terms.files.get("fit_predictions", [])
    folder = terms.folder / curve_fingerprint(chosen, terms.code, terms.seed, train, tune)
    tables = []
    for k in range(1, terms.repeats + 1):
        for share in nested_shares(train, _shares(terms), derived_seed(terms.seed, k, DRAW)):
            path = folder / f"share{share.share:g}_seed{k}.parquet"
            if not path.exists() or not path.stat().st_size:
                if len(share.rows) == len(train) and k <= len(final):
                    table = _tune_predictions(final[k - 1])
                else:
                    table = _predict(chosen, train, tune, share, derived_seed(terms.seed, k))
                facts = {"share": share.share, "n": len(share.rows), "raised": share.is_raised}
                head = pd.DataFrame({**chosen.facts, **facts, "seed": k}, index=table.index)
                write_table(path, head.join(table))
            tables.append(read_table(path))
            log.info("seed %d, share %g: %d examples", k, share.share, len(share.rows))
    return pd.concat(tables, ignore_index=True)


def _shares(terms: Terms) -> list[float]:
    """Those that are asked for, and all of train, which curves are continued from."""
    return sorted({*terms.settings["shares"], 1.0})


def _predict(chosen, train, tune, share, seed):
    """Table of the predictions on tune of one fit on one share."""
    what = f"share {share.share:g} of train ({len(share.rows)} examples)"
    remedy = "leave the share out of `controls: learning_curve: shares`"
    some = Development(train.subset(share.rows), tune)
    model = chosen.refit(some, seed, what, remedy)
    return prediction_table(tune, model.predict(tune.features, tune.examples))


def _tune_predictions(path) -> pd.DataFrame:
    """Predictions of a final fit on tune, as `prediction_table` makes them."""
    table = read_table(path)
    return table[table["partition"] == "tune"].drop(columns="partition").reset_index(drop=True)


def curve_fingerprint(
    chosen: ChosenModel, code: str, seed: int, train: Partition, tune: Partition
) -> str:
    """Name of a measurement: another one as soon as model, code, seed or data differ.

    Shares and seeds may be added to a measurement, and threads and memory may change.
    """
    return chosen.fingerprint(f"{code} {seed}", Development(train, tune))


def summarise(
    table: pd.DataFrame, development: Development, terms: Terms
) -> tuple[pd.DataFrame, dict]:
    """All learning curves side by side: intervals, power laws and what they say.

    Returns
    -------
    The table: model, kind, share, n (mean over seeds), raised, seeds, metric, score (mean over
    seeds), lower and upper (95% interval of a single fit). The summary: objective, resampling,
    note, models (each with rise, power_law, doubling, minimum_gain (the smallest worth it, over
    its score on all of train) and sentence), overtaking and notes.
    """
    tune, objective = development.tune, terms.objective
    predictions = dict(list(table.groupby("model", sort=False)))
    kinds = {model: rows["kind"].iloc[0] for model, rows in predictions.items()}
    resampling = choose_resampling(tune.dataset.task, tune.labels, tune.groups)
    fits = {
        (model, share): [prediction_values(fit, tune.dataset) for _, fit in rows.groupby("seed")]
        for model, table in predictions.items()
        for share, rows in table.groupby("share")
    }
    scored = bootstrap_scores(
        tune.dataset.task, tune.labels, fits, resampling, terms.replicates, terms.seed
    )
    table = _curve_table(predictions, kinds, scored, tune.dataset.task)
    rows = table[table["metric"] == objective]
    laws = {name: _power_law(name, part, scored, objective) for name, part in _by_model(rows)}
    summary = {
        "objective": objective,
        "resampling": resampling.unit,
        "note": resampling.note.replace("test set", "tune partition"),
        "models": [
            _model_record(name, part, scored, laws[name], objective, terms.minimum_gain)
            for name, part in _by_model(rows)
        ],
        "overtaking": _overtaking_record(rows, laws),
        "notes": _notes(rows),
    }
    return table, summary


def cost(development: Development, terms: Terms) -> Cost:
    """Fits on every share below 1, and on all of train where no final fit stands for them."""
    seeds, shares = terms.settings["seeds"], _shares(terms)
    final_fits = min(len(model["seeds"]) for model in terms.frozen["models"].values())
    beyond = max(0, seeds - final_fits) / seeds
    return Cost(seeds, whole_fits([one for one in shares if one < 1]) + beyond)


def _by_model(rows: pd.DataFrame):
    return rows.groupby("model", sort=False)


def _curve_table(predictions, kinds, scored: BootstrappedScores, task: str) -> pd.DataFrame:
    """One row a model, share and metric."""
    rows = []
    for model, table in predictions.items():
        for share, fits in table.groupby("share"):
            each = fits.drop_duplicates("seed")
            head = {
                "model": model,
                "kind": kinds[model],
                "share": share,
                "n": round(each["n"].mean()),
                "raised": bool(each["raised"].any()),
                "seeds": len(each),
            }
            for metric in metrics_of(task):
                interval = scored.interval((model, share), metric)
                numbers = {"score": interval.value, "lower": interval.lower}
                rows.append({**head, "metric": metric, **numbers, "upper": interval.upper})
    return pd.DataFrame(rows)


def _power_law(model, rows, scored: BootstrappedScores, objective: str) -> PowerLaw | None:
    """The power law of one model's curve."""
    replicates = [scored.replicates[(model, share), "mean"][objective] for share in rows["share"]]
    return fit_power_law(
        rows["n"].to_numpy(), rows["score"].to_numpy(), np.column_stack(replicates)
    )


def _model_record(model, rows, scored, law, objective, minimum_gain) -> dict:
    """What one curve shows."""
    first, last = rows.iloc[0], rows.iloc[-1]
    rise = scored.gain((model, last["share"]), (model, first["share"]), objective)
    least = smallest_gain(minimum_gain, last["score"])
    return {
        "model": model,
        "kind": last["kind"],
        "smallest": int(first["n"]),
        "largest": int(last["n"]),
        "rise": _numbers(rise),
        "power_law": law
        and {name: _numbers(one) for name, one in law.parameter_intervals().items()},
        "doubling": law and _numbers(law.doubling()),
        "minimum_gain": least,
        "sentence": _sentence(model, first, last, law, objective, least),
    }


def _sentence(model, first, last, law, objective: str, least: float) -> str:
    """One curve in words, by the rule of the verdict: a gain above 0 that is worth it."""
    label = METRIC_LABELS[objective]
    measured = (
        f"`{model}`: {label} on tune {format_number(first['score'])} with {first['n']:,} training "
        f"examples, {format_number(last['score'])} with {last['n']:,}."
    )
    if law is None:
        return f"{measured} No curve was fitted: that takes {MIN_SIZES} sizes with a score."
    gain = law.doubling()
    expected = f"twice as many are expected to add {format_interval(gain)}"
    if gain.upper < least:
        return f"{measured} More data would add little: {expected}."
    if gain.lower > 0 and gain.value >= least:
        return f"{measured} More data would help: {expected}."
    return f"{measured} Whether more data would help is not settled: {expected}."


def _overtaking_record(rows: pd.DataFrame, laws: Mapping[str, PowerLaw | None]) -> dict | None:
    """Where the best network would overtake the best baseline; None if one is missing."""
    last = rows.groupby("model", sort=False).tail(1)
    last = last[[laws[model] is not None for model in last["model"]]]
    best = {
        kind: last[last["kind"] == kind].nlargest(1, "score")["model"].tolist()
        for kind in ("network", "baseline")
    }
    if not (best["network"] and best["baseline"]):
        return None
    network, baseline = best["network"][0], best["baseline"][0]
    smallest = int(rows[rows["model"].isin([network, baseline])]["n"].min())
    size = overtaking(laws[network], laws[baseline], smallest)
    return {
        "network": network,
        "baseline": baseline,
        **{name: round(n) if np.isfinite(n) else None for name, n in size.items()},
        "sentence": _overtaking_sentence(network, baseline, size, smallest, laws[network].full),
    }


def _overtaking_sentence(
    network: str, baseline: str, size: Mapping[str, float], smallest: int, full: float
) -> str:
    """The crossing of two curves in words."""
    furthest = FURTHEST * full

    def shown(n: float) -> str:
        if n <= smallest:
            return f"at most {smallest:,}"
        return format_size(n) if np.isfinite(n) else f"more than {furthest:,.0f}"

    interval = f"[{shown(size['lower'])}, {shown(size['upper'])}]"
    if size["n"] == np.inf:
        ending = "" if size["lower"] == np.inf else f"; 95% interval of that size {interval}"
        return (
            f"`{network}` is not expected to overtake `{baseline}` within {FURTHEST} times the "
            f"{full:,.0f} training examples of this run{ending}."
        )
    if size["n"] <= smallest:
        return (
            f"`{network}` is ahead of `{baseline}` at every size measured, from {smallest:,} "
            f"training examples on; 95% interval of the size where it overtakes {interval}."
        )
    verb = "overtakes" if size["n"] <= full else "would overtake"
    return (
        f"`{network}` {verb} `{baseline}` at about {shown(size['n'])} training examples {interval}."
    )


def _notes(rows: pd.DataFrame) -> list[str]:
    """Shares that are not what was asked for."""
    raised = rows[rows["raised"]].drop_duplicates("share")
    return [
        f"Share {row.share:g} of train would have left a class with too few examples; it was "
        f"raised to {row.n:,}, the fewest that do not."
        for row in raised.itertuples()
    ]


def _numbers(interval: Interval) -> dict[str, float | None]:
    """An interval for JSON; None for what is not defined."""
    values = {"value": interval.value, "lower": interval.lower, "upper": interval.upper}
    return {name: finite_or_none(value) for name, value in values.items()}
