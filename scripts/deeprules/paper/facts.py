"""What the templates of the paper say of a run beyond what its files hold as it stands."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from deeprules.report.results import KINDS, Results
from deeprules.report.tables import shown
from deeprules.split.strategies import says
from deeprules.wording import format_cell, format_number, format_p, format_setting, listed

KIND_NAMES = {"network": "network", "baseline": "baseline", "nuisance": "nuisance baseline"}
CODE = re.compile(r" \(\w+\)$")
"""The name of a rule, behind what it says."""
UNSTATED = (None, "", "not stated")
BACKENDS = {
    "tensorflow": " on TensorFlow [@abadi2016]",
    "jax": " on JAX [@bradbury2018]",
    "torch": " on PyTorch [@paszke2019]",
}
STRATEGIES = {"random": "[@bergstra2012]", "hyperband": "[@li2018]", "bayesian": "[@snoek2012]"}
TESTS = {
    "delong": "DeLong's test of the difference in AUROC [@delong1988]",
    "mcnemar": "McNemar's exact test of right and wrong decisions [@mcnemar1947]",
}


def is_stated(value) -> bool:
    """Whether a fact of a source was stated."""
    return value not in UNSTATED


def counts_in_words(counts: Mapping[str, int]) -> str:
    """Names with a number each: `cnn 12, random forest 12`; None is a number that is not shown."""
    said = {name: "not shown" if n is None else f"{int(n):,}" for name, n in counts.items()}
    return ", ".join(f"{shown(name)} {n}" for name, n in said.items())


def settings_in_words(settings: Mapping, leave_out: Sequence[str] = ()) -> str:
    """Settings that have a value, as names with values."""
    return ", ".join(
        f"{shown(name)} {_setting(value)}"
        for name, value in settings.items()
        if value is not None and name not in leave_out and not name.startswith("tuner/")
    )


def _setting(value) -> str:
    """A setting; a list of two is a range."""
    if isinstance(value, list) and len(value) == 2:
        return " to ".join(map(format_setting, value))
    return shown(format_cell(value) if isinstance(value, list) else format_setting(value))


def class_counts(results: Results) -> dict[str, int]:
    """Examples by class."""
    return dict(zip(results.classes["label"], results.classes["n"], strict=True))


def association_in_words(found: Mapping) -> str:
    """The association of batch and label: measure, size and p value."""
    name = "Cramer's V" if "cramers_v" in found else "eta squared"
    value = found.get("cramers_v", found.get("eta_squared"))
    return f"{name} {format_number(value)} (p = {format_p(found['p_value'])})"


def division(strategy: str) -> str:
    """How a split strategy divides the examples."""
    return says(strategy, "IN_WORDS") or f"by the strategy {strategy}"


def models_by_kind(results: Results) -> dict[str, list[str]]:
    """Names of the fitted models of each kind."""
    return {kind: [m for m, of in results.kinds.items() if of == kind] for kind in KINDS}


def backend(results: Results) -> str:
    """The backend that networks ran on, with its reference."""
    used = [fit["settings"].get("backend") for fit in results.fit_settings.values()]
    return next((BACKENDS[name] for name in used if name in BACKENDS), "")


def tools(results: Results) -> dict[str, dict]:
    """Command and version of each user's tool, by model."""
    return {
        model: {key: fit["settings"].get(f"tool__{key}") for key in ("command", "version")}
        for model, fit in results.fit_settings.items()
        if "tool__command" in fit["settings"]
    }


def strategy_citation(strategy: str) -> str:
    """The reference of a search strategy."""
    return STRATEGIES.get(strategy, "")


def trials(results: Results, outcome: str) -> dict[str, int]:
    """Trials with an outcome (`trials_completed`, `trials_failed`) of each model that has any."""
    found = {model: results.searches[model][outcome] for model in results.kinds}
    return {model: n for model, n in found.items() if n}


def left_out_in_words(results: Results) -> str:
    """Examples that filters, blacklists and other rules left out in reading, by reason."""
    counts = results.left_out.groupby("reason", sort=False)["n"].sum()
    return "; ".join(f"{CODE.sub('', str(reason))} ({n:,})" for reason, n in counts.items())


def training_in_words(model: str, settings: Mapping) -> str:
    """How a network was trained; what is not among its settings is not said."""
    optimizer = settings.get("optimizer") or {}
    stopping = settings.get("early_stopping") or {}
    said = {
        "the loss {}": shown(settings["loss"]) if "loss" in settings else None,
        "the optimizer {}": optimizer.get("name"),
        "a learning rate of {}": optimizer.get("learning_rate"),
        "batches of {}": settings.get("batch_size"),
        "at most {} epochs": settings.get("max_epochs"),
        "early stopping after {} epochs without a lower loss on tune": stopping.get("patience"),
        "{} arithmetic": settings.get("precision"),
    }
    parts = [text.format(format_setting(value)) for text, value in said.items() if value]
    size = settings.get("parameters")
    had = f" had {size:,} parameters and" if size else ""
    kept = " The weights of its best epoch were kept." if stopping else ""
    if not parts:
        return ""
    return f"The network {shown(model)}{had} was trained with {listed(parts, quoted=False)}.{kept}"


def weighted(results: Results) -> list[str]:
    """Models whose fits weighed the classes."""
    if not results.dataset["classes"]:
        return []
    settings = {model: fit["settings"] for model, fit in results.fit_settings.items()}
    return [m for m, s in settings.items() if s.get("class_weights") or s.get("uses_class_weights")]


def regularisation(results: Results, network: str) -> list[str]:
    """What a network was given against overfitting."""
    fit = results.fit_settings[network]
    values, stopping = fit["hyperparameters"], fit["settings"].get("early_stopping")
    said = [
        f"dropout of {format_setting(values['dropout'])}" if values.get("dropout") else "",
        f"an L2 penalty of {format_setting(values['l2'])}" if values.get("l2") else "",
        "batch normalisation" if values.get("batch_normalisation") else "",
        "early stopping on the loss of tune" if stopping else "",
    ]
    return [one for one in said if one]


def gap_in_words(results: Results) -> str:
    """Scores of the chosen network and baseline on train and tune, means over seeds."""
    fits = results.fits[results.fits["metric"] == results.objective]
    means = fits.groupby(["model", "partition"])["value"].mean()
    said = [
        f"{shown(name)} {format_number(means[name, 'train'])} on train and "
        f"{format_number(means[name, 'tune'])} on tune"
        for kind, name in results.chosen.items()
        if kind != "nuisance" and (name, "train") in means.index
    ]
    return f"{shown(results.objective)} of the chosen models was, as means over seeds: " + (
        "; ".join(said) + "."
    )


def least_gain(results: Results) -> str:
    """The smallest gain worth a network."""
    share = results.verdict["minimum_share_of_error"]
    metric = shown(results.objective)
    if share is not None:
        return f"{share:.0%} of what the best baseline lacks to {metric} 1"
    return f"{format_setting(results.config['evaluation']['minimum_gain'])} in {metric}"


def would_change(results: Results) -> list[str]:
    """What would change the verdict, without learning curves: they have a paragraph of their own.

    Of more data they may say that these would change nothing.
    """
    told = results.learning_curve if "learning_curve" in results else {"models": []}
    curves = [one["sentence"] for one in (*told["models"], told.get("overtaking")) if one]
    return [one for one in results.verdict["would_change"] if one not in curves]


def metric_names(results: Results) -> list[str]:
    """The scores of the test as they are written."""
    return [shown(metric) for metric in results.metrics]


def mean_scores(results: Results) -> dict[str, pd.Series]:
    """Mean and interval of the objective on test, by model."""
    rows = results.scores[results.scores["seed"] == "mean"]
    rows = rows[rows["metric"] == results.objective].set_index("model")
    return {name: rows.loc[name] for name in rows.index}


def tests(results: Results) -> Sequence[str]:
    """The tests of differences that were made."""
    return [TESTS[name] for name in dict.fromkeys(results.tests["test"]) if name in TESTS]


def parameters(results: Results) -> dict[str, int]:
    """Number of parameters of each network that counted them."""
    settings = {model: fit["settings"] for model, fit in results.fit_settings.items()}
    return {model: s["parameters"] for model, s in settings.items() if "parameters" in s}


def feature_noun(results: Results) -> str:
    """What a feature is called."""
    return "base" if results.dataset["modality"] == "sequence" else "feature"


def gains_over_baselines(results: Results) -> list[tuple]:
    """Gains of the chosen network over each baseline in the objective, as rows of a table."""
    rows = results.comparison[results.comparison["metric"] == results.objective]
    rows = rows[rows["versus_kind"] == "baseline"]
    return list(rows[rows["network"] == results.chosen.get("network")].itertuples())
