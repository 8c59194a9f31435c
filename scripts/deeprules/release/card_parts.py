"""The fields of a model card, each a function from a run to text."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from deeprules.ethics import Ethics
from deeprules.paper import facts
from deeprules.paper.paste import markdown_table
from deeprules.privacy.promise import promise_in_words, promises
from deeprules.release.choice import audit_of
from deeprules.report.results import Results
from deeprules.report.sections.panel import panel_in_words
from deeprules.report.tables import shown
from deeprules.wording import format_bounds, format_number, format_p, listed

SUPPLEMENT = "All trials with their settings stand in the supplementary table `trials.tsv`."
NAMED = 10
"""Features of a small panel that are named."""
KINDS = {"network": "a deep network", "baseline": "a model of classical machine learning"}


def paragraphs_of(*texts: str) -> str:
    """Those of the texts that say something, as paragraphs."""
    return "\n\n".join(text.strip() for text in texts if text and text.strip())


def model(results: Results, choice: Mapping, said: Mapping[str, str]) -> str:
    """What the model is, and why it is this one."""
    seeds = results.run["seeds"]["final_fits"]
    takes = (
        f"DNA or RNA sequences of {results.dataset['n_features']:,} bases"
        if results.dataset["modality"] == "sequence"
        else f"rows of {results.dataset['n_features']:,} numbers"
    )
    return paragraphs_of(
        f"`{choice['model']}` is {KINDS[choice['kind']]}, fitted under {seeds} "
        f"seed{'s' * (seeds > 1)}; the mean of the fits predicts. It takes {takes}. It is this "
        f"model, because {choice['why']}.",
        said["output"],
    )


def use(results: Results) -> str:
    """How the folder is used."""
    kind = "fa" if results.dataset["modality"] == "sequence" else "tsv"
    return (
        "One command, with any Python 3.11, 3.12 or 3.13 and nothing else set up; at its first use "
        "it makes an environment beside itself from `requirements.txt`:\n\n"
        f"```bash\npython3 predict.py mine.{kind} predictions.tsv\n```\n\n"
        "`python3 predict.py --check` predicts the example and compares it with what is expected, "
        "to 1e-6. `sha256sum --check checksums.sha256` tells whether the folder is whole. Files of "
        "models are read as code: take them only from whom you trust."
    )


def intended(results: Results, settings: Mapping) -> str:
    """What the model is for."""
    study = results.study["study"]
    return paragraphs_of(
        settings["intended_use"] or "",
        f"The study asks: {study['question']} The model predicts this endpoint: "
        f"{study['endpoint'].rstrip('.')}. One example is: {study['unit'].rstrip('.')}.",
    )


def not_intended(results: Results, ethics: Ethics) -> str:
    """What the model must not be used for."""
    said = [
        "Nothing in this run shows what causes what."
        if results.study["study"]["design"] in ("observational", "simulated")
        else "What the design allows to be said of causes holds for the endpoint alone.",
        "It was not tested for decisions about a single person.",
        "Data from elsewhere (another laboratory, platform, population or organism) need a test of "
        "their own first.",
    ]
    if ethics.populations["not_covered"]:
        said.append(f"Not covered: {'; '.join(ethics.populations['not_covered'])}.")
    return " ".join(said)


def population(results: Results, ethics: Ethics) -> str:
    """Of which organism and population the test set is."""
    n = results.split["sizes"]["test"]["n"]
    tested = f"The test set holds {n:,} examples: {results.study['study']['unit'].rstrip('.')}."
    covered = ethics.populations["covered"]
    if covered:
        return f"{tested} They are of: {'; '.join(covered)}."
    return (
        f"{tested} The study has not stated of which organism and population they are: ask its "
        "authors before you apply the model to any other."
    )


def sources(results: Results) -> str:
    """Where the data come from, with licence and checksum."""
    return "\n".join(
        f"- {one['source']}: {one.get('given_url') or one['url']}, version {one['version']}, "
        f"licence {one['licence']}, citation: {one['citation']}; SHA-256 {one['sha256']}"
        for one in results.provenance
    )


def training(results: Results, choice: Mapping, said: Mapping[str, str]) -> str:
    """How the model was fitted, with its settings."""
    values = results.searches[choice["model"]]["hyperparameters"]
    settings = facts.settings_in_words(values) or "it has none"
    fitted = results.fit_settings[choice["model"]]["settings"]
    trained = (
        facts.training_in_words(choice["model"], fitted) if choice["kind"] == "network" else ""
    )
    search = said["search"].replace(SUPPLEMENT, "").strip()
    return paragraphs_of(search, trained, f"Settings of the released model: {settings}.")


def ensemble_scores(results: Results, name: str) -> pd.DataFrame:
    """Scores of the mean of the fits on test that are defined: metric, value, lower, upper."""
    rows = results.scores
    rows = rows[(rows["model"] == name) & (rows["seed"] == "ensemble")]
    return rows[np.isfinite(rows["value"])]


def scores(results: Results, choice: Mapping) -> pd.DataFrame:
    """Scores on test with their 95% intervals."""
    rows = ensemble_scores(results, choice["model"])
    return pd.DataFrame(
        {
            "score": [shown(metric) for metric in rows["metric"]],
            "on test, with its 95% interval": [
                format_bounds(row.value, row.lower, row.upper) for row in rows.itertuples()
            ],
        }
    )


def tested(results: Results, choice: Mapping) -> str:
    """What the scores on test are of, and the scores: the folder predicts the mean of the fits."""
    seeds = results.run["seeds"]["final_fits"]
    of_what = (
        f"These are scores of the mean prediction of the {seeds} fits, which is what the folder "
        "predicts; their intervals are of that mean. The verdict compares means of the scores of "
        "single fits."
        if seeds > 1
        else ""
    )
    return paragraphs_of(of_what, markdown_table(scores(results, choice)))


def subgroups(results: Results, choice: Mapping) -> str:
    """Scores by subgroup, or why there are none."""
    if "subgroups" not in results:
        return (
            "No column of the data was declared as a subgroup (sex, ancestry, age, site), so it is "
            "not known whether the model fails some people, or some sites, more than others."
        )
    rows = results.subgroups
    rows = rows[rows["model"] == choice["model"]]
    known = rows[rows["too_small"].isna()]
    table = pd.DataFrame(
        {
            "subgroup": known["column"] + ": " + known["subgroup"],
            "examples": known["n"].astype(int).map("{:,}".format),
            "score": known["measure"].map(shown),
            "value, with its 95% interval": [
                format_bounds(row.value, row.lower, row.upper) for row in known.itertuples()
            ],
            "outside it": known["rest"].map(format_number),
            "adjusted p": known["adjusted"].map(format_p),
        }
    )
    summary = next(
        one for one in results.subgroup_summary["models"] if one["model"] == choice["model"]
    )
    return paragraphs_of(*summary["sentences"], markdown_table(table) if len(table) else "")


def limits(results: Results, choice: Mapping, said: Mapping[str, str]) -> str:
    """What slices, probes, other splits and cautions say against the model."""
    slices = [one for one in results.slice_summary["models"] if one["model"] == choice["model"]]
    found = [
        text
        for one in slices
        for text in (*one["worst"], one["lowest"], one["similarity"])
        if text is not None
    ]
    scored = " ".join(found) or "This model was not scored in slices of the test set."
    probes = said["nuisance_probes"] if choice["kind"] == "network" else ""
    return paragraphs_of(
        said["limits"],
        scored,
        probes,
        said["split_stringency"],
        said["confidence"],
        said["cautions"],
    )


def learnt(results: Results, choice: Mapping) -> str:
    """What the model responds to, as far as it was looked at, and what nearly says the same."""
    said = []
    found = results.interpretation if "interpretation" in results else None
    if found is not None and found["model"] == choice["model"]:
        said += found["sentences"] or ["No motif that it responds to is a finding."]
    for one in results.features if "features" in results else []:
        if one["model"] == choice["model"]:
            said += one["sentences"] or ["No feature that it responds to is a finding."]
    panel = results.panel_summary if "panel_summary" in results else None
    if panel is not None and panel["model"] == choice["model"]:
        names = results.panel["feature"].drop_duplicates()
        names = [name for name in names if name != "(intercept)"][:NAMED]
        said.append(f"{panel_in_words(panel)} Of it are {listed(names)}.")
    if not said:
        return "What this model responds to was not looked at in the run."
    return f"{' '.join(said)} This is about the model, not about the cell."


def concerns(ethics: Ethics) -> str:
    """Concerns that whoever uses the model must know of."""
    if not ethics.file:
        return "The study has no ethics register: nobody has said who may be harmed."
    told = [
        f"- {one['concern']} ({one['severity']}, {one['status']}"
        + (f": {one['resolution']})" if one["resolution"] else ")")
        for one in ethics.concerns_that_are("open", "accepted")
    ]
    return "\n".join(told) or "No concern of the ethics register is open."


def privacy(results: Results, choice: Mapping, ethics: Ethics) -> str:
    """What the model may tell of its training examples."""
    said = [
        f"The data are {ethics.sensitivity}."
        if ethics.is_stated
        else "Who may see the data was not stated; they were taken for public."
    ]
    audit = audit_of(results, choice["model"])
    untested = "Whether the model tells who was among its training examples was not tested."
    said.append(audit["sentence"] if audit else untested)
    promise = promises(results.fit_settings).get(choice["model"])
    if promise:
        return " ".join([promise_in_words(choice["model"], promise), *said])
    return " ".join([*said, "It must not be taken for private."])


def licence(results: Results, settings: Mapping) -> str:
    """Licence of the model, and those of its data."""
    stated = [f"{one['source']}: {one['licence']}" for one in results.provenance]
    stated += [f"{one['name']}: {one['record']['licence']}" for one in results.pretrained]
    return (
        f"The model is given under {settings['licence']}; the code in the folder under the MIT "
        f"licence. The data that it was made from have licences of their own: {'; '.join(stated)}."
    )


def made(results: Results, said: Mapping[str, str]) -> str:
    """Code, versions and cost."""
    packages = results.run["packages"]
    used = listed([f"{name} {version}" for name, version in packages.items()], quoted=False)
    return paragraphs_of(
        f"Made by the workflow deeprules at commit {results.run['git']['commit']}, with Python "
        f"{results.run['python']} and {used}. Recorded on {results.run['recorded'][:10]}.",
        said["cost"],
    )
