"""Which model of a run is released, and what stands against releasing it."""

import datetime
from collections.abc import Mapping
from pathlib import Path

from deeprules.errors import InputError
from deeprules.ethics import Ethics
from deeprules.predict.packing import constant, recommend
from deeprules.privacy.gate import why_weights_stay
from deeprules.privacy.promise import promises
from deeprules.report.results import Results
from deeprules.report.sections.ethics import against_release
from deeprules.run_record import git_state


def choose_model(results: Results, settings: Mapping) -> dict:
    """The model to release: `model`, `kind` and `why`, for the card and `model.json`.

    Parameters
    ----------
    results : the results of a finished run
    settings : the section `release` of the configuration
    """
    found = recommend(results.verdict, results.frozen)
    if settings["model"]:
        found = {"model": settings["model"], "why": settings["reason"].strip().rstrip(".")}
    return {**found, "kind": results.kinds[found["model"]]}


def require_release(
    results: Results,
    choice: Mapping,
    settings: Mapping,
    workflow_folder: str | Path,
    today: datetime.date | None = None,
) -> None:
    """Stop where anything stands against the release.

    Parameters
    ----------
    choice : what `choose_model` found
    settings : the section `release` of the configuration
    workflow_folder : folder of the code, whose state counts as well as that of the run
    today : day on which approvals must hold

    Raises
    ------
    InputError
        With all that stands against it.
    """
    ethics = Ethics(**results.ethics)
    against = [
        *against_release(results, today or datetime.date.today()),
        *_of_model(results, choice, ethics),
        *_of_verdict(results, settings),
        *_of_code(results, workflow_folder),
        *_of_ledger(results),
    ]
    if not settings["licence"]:
        against.append(
            "The licence of the released model is not stated: name it in `release: licence`, such "
            "as `cc-by-4.0`."
        )
    if against:
        lines = "\n  - ".join(against)
        raise InputError(f"No model of this run can be released:\n  - {lines}")


def _of_model(results: Results, choice: Mapping, ethics: Ethics) -> list[str]:
    """What is against this model, whatever it scored."""
    name, kind = choice["model"], choice["kind"]
    module = (results.config["models"].get(name) or {}).get("module") or name
    found = []
    if kind == "nuisance":
        found.append(f"`{name}` knows composition or metadata alone: it predicts no biology.")
    if "tool__command" in results.fit_settings[name]["settings"]:
        return [f"`{name}` runs a program of your own, which a released folder cannot bring."]
    if elsewhere := _runs_elsewhere(results, name):
        return [elsewhere]
    holds_examples = constant(kind, module, "HOLDS_EXAMPLES", False)
    audit = audit_of(results, name)
    is_private = name in promises(results.fit_settings)
    is_safe = bool(is_private and audit and audit["found"] != "recognised")
    config = {"data": {"sensitivity": ethics.sensitivity}}
    stays = why_weights_stay(config, holds_examples, is_safe)
    if audit is None:
        found.append(
            f"Whether `{name}` tells who was among its training examples was not tested: leave "
            "`controls: membership_inference` on, and let the run make it."
        )
    return [*found, *([stays] if stays else [])]


def _runs_elsewhere(results: Results, name: str) -> str | None:
    """That a model starts from a pretrained one which this environment cannot run."""
    started = (results.config["models"].get(name) or {}).get("pretrained")
    for one in results.pretrained:
        if one["name"] == started and one["contract"].get("python"):
            return (
                f"`{name}` starts from the pretrained model `{started}` "
                f"({one['contract']['framework']}), which runs in an environment of its own that "
                "a released folder cannot bring. Name another model in `release: model`."
            )
    return None


def audit_of(results: Results, model: str) -> dict | None:
    """What the audit of membership inference says of a model; None if it was not audited."""
    found = results.membership_inference["models"] if "membership_inference" in results else []
    return next((one for one in found if one["model"] == model), None)


def _of_verdict(results: Results, settings: Mapping) -> list[str]:
    """A verdict or a test set that nobody may lean on, unless a reason is recorded."""
    if settings["although"]:
        return []
    way = "To release all the same, record why in `release: although`; it stands on the card."
    found = []
    if results.verdict["verdict"] == "withheld":
        found.append(f"The verdict is withheld. {results.verdict['sentence']} {way}")
    if results.reopened:
        n = results.opening["n_openings"]
        found.append(
            f"The test set was opened {n} times, so that its scores may be too good. {way}"
        )
    return found


def _of_code(results: Results, workflow_folder: str | Path) -> list[str]:
    """Code that no commit tells of."""
    found = []
    for when, state in (
        ("When the run was recorded", results.run["git"]),
        ("Now", git_state(workflow_folder)),
    ):
        if state["commit"] is None:
            found.append(f"{when}, no commit told which code it is: {state['note']}. Commit it.")
        elif state["dirty"]:
            changed = ", ".join(one[3:] for one in state["changes"][:5])
            found.append(
                f"{when}, changes of the code were not committed ({changed}). Commit them, and "
                "run again what they change (`snakemake --forcerun record_run`)."
            )
    return found


def _of_ledger(results: Results) -> list[str]:
    """A ledger that was edited; what its reader says stands among the other refusals."""
    try:
        results.openings  # noqa: B018
    except InputError as error:
        return [str(error)]
    return []


def notices(results: Results, settings: Mapping) -> list[str]:
    """What stands on top of the card and of everything that the release predicts."""
    found = []
    if results.verdict["verdict"] == "withheld":
        found.append(results.verdict["sentence"])
    if results.reopened:
        n = results.opening["n_openings"]
        found.append(f"The test set was opened {n} times: its scores may be too good.")
    if found:
        found.append(f"Released all the same, because: {settings['although']}")
    return found
