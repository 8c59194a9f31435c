"""What a run shows on each of the ten tips: checks with a status, and parts not covered yet."""

from deeprules.report.confidence import confidence_findings
from deeprules.report.controls import (
    one_batch_findings,
    pipeline_findings,
    shuffled_findings,
    suitability_findings,
)
from deeprules.report.determinism import determinism_findings
from deeprules.report.findings import Check, Missing
from deeprules.report.giveaways import giveaway_findings
from deeprules.report.ladder import ladder_findings
from deeprules.report.probes import probe_findings
from deeprules.report.results import Results
from deeprules.report.searches import in_trials, listed, searched
from deeprules.report.slices import similarity_findings, slice_findings
from deeprules.report.style import shown
from deeprules.report.tools import tool_findings
from deeprules.report.training_size import size_findings
from deeprules.report.transfer import transfer_findings
from deeprules.wording import format_bounds, format_number

MIN_IN_A_CLASS = 100
"""Examples a class below which a deep network is seldom worth trying (Cho et al. 2015)."""
MANY_FAILED = 0.25
SHOWN = {
    "better": "the network is shown to be better than every baseline",
    "worse": "the network is shown to be worse",
    "not_shown": "no difference is shown",
}
WORTH = {
    "yes": "by enough to be worth it",
    "no": "and no gain that is worth it",
    "open": "and it is open whether a gain is worth it",
}
"""The two answers of a verdict in words."""
UNTRACKED_LEDGER = (
    "The ledger is not under version control: nobody can see whether an entry was removed."
)
LARGE_GAP = 0.1
"""Difference of the objective between train and tune that is worth a warning."""


def appropriate(results: Results) -> list:
    """Tip 1: a verdict from a paired comparison, on enough data."""
    if results.verdict["verdict"] == "withheld":
        checks = [Check("fail", "The verdict is withheld; the reasons stand with it.")]
    else:
        shown, worth = (results.verdict[name] for name in ("difference_shown", "worth_it"))
        words = [SHOWN.get(shown, "no network was entered"), WORTH.get(worth, "")]
        text = f"A paired comparison on test answers it: {', '.join(filter(None, words))}."
        checks = [Check("pass", text)]
    small = results.classes[results.classes["n"] < MIN_IN_A_CLASS]
    if results.dataset["classes"] and len(small):
        listed = ", ".join(f"{row.label} ({row.n})" for row in small.itertuples())
        text = f"Classes with fewer than {MIN_IN_A_CLASS} examples: {listed}."
        checks.append(Check("warn", text))
    return [
        *checks,
        *suitability_findings(results),
        *size_findings(results),
    ]


def baselines(results: Results) -> list:
    """Tip 2: baselines there, tuned like the networks, and nuisance baselines beaten."""
    kinds = results.kinds.values()
    if "baseline" not in kinds:
        return [Check("fail", "No baseline was tuned.")]
    return [
        *_equal_tuning(results),
        *tool_findings(results),
        _nuisance(results),
        *pipeline_findings(results),
        *confidence_findings(results),
    ]


def _equal_tuning(results: Results) -> list[Check]:
    """Whether every model had the same search."""
    strategies = {best["strategy"] for best in results.best.values()}
    objectives = {best["objective"] for best in results.best.values()}
    if len(strategies) > 1 or len(objectives) > 1:
        used = ", ".join(sorted(strategies | objectives))
        return [Check("fail", f"Models were not tuned alike: {used}.")]
    counts = results.trials.groupby("model", sort=False).size()
    budget = searched(results)
    wanted, short, cut = budget.wanted, budget.short, budget.cut
    if cut or set(counts.index) != set(results.kinds):
        text = f"Not every model had {in_trials(wanted)}: {listed(counts.loc[cut])}."
        return [Check("fail", text if cut else "Some models have no recorded trials.")]
    most = "up to " if short else ""
    text = (
        f"All {len(counts)} models were tuned alike: {strategies.pop()} search, "
        f"{most}{in_trials(wanted)}, {shown(objectives.pop())} on tune"
    )
    text += f"; with fewer settings than that to try: {listed(counts.loc[short])}" if short else ""
    return [Check("pass", f"{text}.")]


def _nuisance(results: Results) -> Check:
    """Whether the network (or the baseline, without one) beats the nuisance baseline.

    If it does not, the other side must have, or the verdict is withheld.
    """
    verdict = results.verdict
    if not verdict["nuisance"]:
        return Check("warn", "No nuisance baseline was fitted.")
    if verdict["nuisance_lower"] is None:
        return Check("warn", f"The gain over `{verdict['nuisance']}` was not measured.")
    found = (verdict[f"nuisance_{name}"] for name in ("difference", "lower", "upper"))
    gain = (
        f"The gain of `{verdict['network'] or verdict['baseline']}` over the nuisance baseline "
        f"`{verdict['nuisance']}` is {format_bounds(*found)}."
    )
    if verdict["nuisance_lower"] > 0:
        return Check("pass", gain)
    return Check("fail" if verdict["verdict"] == "withheld" else "warn", gain)


def training(results: Results) -> list:
    """Tip 3: several seeds, settings of every fit, a run record."""
    fits = results.fits.groupby("model")["seed"].nunique()
    checks = []
    if fits.min() > 1:
        text = f"Every final model was fitted under {fits.min()} seeds, with its settings recorded."
        checks.append(Check("pass", text))
    else:
        checks.append(Check("warn", "Final models were fitted under one seed: no spread is known."))
    git = results.run["git"]
    if git["commit"] is None:
        checks.append(Check("warn", f"The code's commit is unknown ({git['note']})."))
    elif git["dirty"] or git["dirty"] is None:
        checks.append(Check("warn", "The code held changes that were not committed."))
    else:
        text = f"Code, packages, hardware and seeds are recorded (commit {git['commit'][:8]})."
        checks.append(Check("pass", text))
    return [
        *checks,
        *determinism_findings(results),
        *one_batch_findings(results),
    ]


def data(results: Results) -> list:
    """Tip 4: question, provenance, audit and batch."""
    audit, explore = results.audit, results.explore
    checks = [Check("pass", "Question, design and plan are declared; every file has a checksum.")]
    if explore["confounded"]:
        checks.append(Check("fail", "Batch and label are confounded."))
    if audit["status"] == "warn":
        n = len(audit["warnings"])
        checks.append(Check("warn", f"The audit gave {n} warning{'s' * (n != 1)}."))
    if explore["batch_predictable"] and not explore["confounded"]:
        checks.append(Check("warn", "The batch can be predicted from the features."))
    if not results.dataset["has_batch"]:
        checks.append(Check("warn", "No batch is declared, so batch effects were not measured."))
    checks += giveaway_findings(results)
    for key in ("licence", "version"):
        bare = [r["source"] for r in results.provenance if r.get(key) in (None, "not stated")]
        if bare:
            checks.append(Check("warn", f"No {key} is stated for {', '.join(bare)}."))
    return checks


def representation(results: Results) -> list:
    """Tip 5: a network for this kind of data, and nothing lost on the way into it."""
    missing = [*transfer_findings(results), Missing("several labels at once")]
    networks = [name for name, kind in results.kinds.items() if kind == "network"]
    if not networks:
        return [Check("fail", "No network was fitted."), *missing]
    dataset, names = results.dataset, ", ".join(f"`{name}`" for name in networks)
    if dataset["modality"] == "tabular":
        text = f"{dataset['n_features']:,} features a row; networks: {names}."
        return [Check("pass", text), *missing]
    length = dataset["length"]
    if length["cropped"]:
        text = f"{length['cropped']} of {dataset['n_examples']} sequences were cropped."
        return [Check("warn", text), *missing]
    text = f"Whole sequences, {dataset['n_features']} bases wide; networks: {names}."
    return [Check("pass", text), *missing]


def tuning(results: Results) -> list[Check]:
    """Tip 6: recorded trials of networks and baselines that did not fail."""
    networks = results.trials[results.trials["kind"] == "network"]
    if networks.empty:
        return [Check("fail", "No trial of a network is recorded.")]
    trials = results.trials[results.trials["kind"] != "nuisance"]
    counts = trials.groupby("model", sort=False).size()
    failed = (networks["status"] == "failed").mean()
    checks = []
    if failed > MANY_FAILED:
        checks.append(Check("warn", f"{failed:.0%} of the networks' trials failed."))
    text = f"All trials are recorded: {listed(counts)}; the objective is measured on tune alone."
    return [Check("pass", text), *checks]


def overfitting(results: Results) -> list:
    """Tip 7: a test set opened once, a bounded gap, intervals on every score."""
    checks = []
    if not results.reopened:
        checks.append(Check("pass", "The test set was opened once."))
    if not results.ledger_tracked:
        checks.append(Check("warn", UNTRACKED_LEDGER))
    if "network" in results.chosen:
        checks.append(_gap(results, results.chosen["network"]))
    checks.append(_intervals(results))
    if results.split["warnings"]:
        checks.append(Check("warn", " ".join(results.split["warnings"])))
    return [
        *checks,
        *shuffled_findings(results),
        *similarity_findings(results),
        *ladder_findings(results),
    ]


def _intervals(results: Results) -> Check:
    """Whether every score that is defined has the interval of a single fit."""
    means = results.scores[results.scores["seed"] == "mean"]
    bare = means[means["value"].notna() & means[["lower", "upper"]].isna().any(axis=1)]
    if means.empty or len(bare):
        listed = ", ".join(f"`{name}`" for name in bare["model"].unique()) or "all models"
        return Check("fail", f"Test scores have no interval: {listed}.")
    return Check("pass", "Every test score has an interval.")


def _gap(results: Results, model: str) -> Check:
    """Train minus tune in the objective, over seeds."""
    objective = results.frozen["objective"]
    fits = results.fits[(results.fits["model"] == model) & (results.fits["metric"] == objective)]
    means = fits.groupby("partition")["value"].mean()
    gap = means["train"] - means["tune"]
    text = (
        f"The {shown(objective)} of `{model}` on train is {format_number(gap)} above that on tune."
    )
    return Check("warn" if gap > LARGE_GAP else "pass", text)


def transparency(results: Results) -> list:
    """Tip 8."""
    return [Missing("importance of features and positions"), Missing("motifs"), Missing("panel")]


def interpretation(results: Results) -> list:
    """Tip 9."""
    return [*slice_findings(results), *probe_findings(results)]


def ethics(results: Results) -> list:
    """Tip 10."""
    return [Missing("ethics register"), Missing("model card"), Missing("privacy audit")]
