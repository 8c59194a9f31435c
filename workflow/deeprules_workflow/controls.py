"""Which controls a run makes, and whether what the configuration names exists."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from deeprules_workflow.modules import Module
from deeprules_workflow.schema import nearest

SHADOW_FITS = 16
"""Of an audit of data that are not public, or of a network that is to be private, where the
configuration gives no number."""


class Control(NamedTuple):
    """A control that a run makes: its value under `controls`, and what it needs."""

    settings: object
    needs: tuple[str, ...]


def wanted_controls(
    config: Mapping, models: Mapping[str, Mapping], known: Mapping[str, Module]
) -> dict[str, Control]:
    """The controls that a configuration asks for and that the data and models allow, by name.

    One is left out by a value of 0 or `false`, or by an empty value in its mapping.

    Parameters
    ----------
    config : the resolved configuration
    models : {name: entry with its `kind` and, where it starts from one, `pretrained`}
    known : the modules of controls
    """
    has = {
        "batch": config["data"]["batch"] is not None,
        "network": "network" in {entry["kind"] for entry in models.values()},
    }
    found = {}
    for name, settings in config["controls"].items():
        if name == "budget" or not all(has.get(need, True) for need in known[name].needs):
            continue
        is_on = all(settings.values()) if isinstance(settings, Mapping) else settings
        if is_on:
            found[name] = Control(_with_models(settings, models), tuple(known[name].needs))
    return found


def with_shadow_fits(controls: Mapping, is_closed: bool) -> dict:
    """The controls, with shadow fits for an audit where the data are not public.

    That is also so where a network is to be private (`is_closed`).
    """
    wanted = controls["membership_inference"]
    if wanted is True and is_closed:
        wanted = SHADOW_FITS
    return {**controls, "membership_inference": wanted}


def audited_models(config: Mapping, models: Mapping[str, Mapping]) -> list[str]:
    """Models that are audited for membership inference beside the chosen ones.

    That is one to be released, and one that is trained with differential privacy.

    Parameters
    ----------
    config : the resolved configuration
    models : {name: entry with its `kind` and, of a private network, `private`}
    """
    wanted = [config["release"]["model"], *(name for name in models if models[name].get("private"))]
    known = [name for name in wanted if name and models[name]["kind"] != "nuisance"]
    return list(dict.fromkeys(known))


def _with_models(settings: object, models: Mapping[str, Mapping]) -> object:
    """Settings whose `models` are names, in the order of the configuration.

    All networks and ordinary baselines stand for `all`, and for `auto` where a model starts from
    a pretrained one; any other `auto` becomes None, for the chosen network and baseline.
    """
    if not isinstance(settings, Mapping) or "models" not in settings:
        return settings
    wanted, names = settings["models"], None
    if wanted == "all" or (
        wanted == "auto" and any("pretrained" in one for one in models.values())
    ):
        names = [name for name, entry in models.items() if entry["kind"] != "nuisance"]
    elif wanted != "auto":
        names = [name for name in models if name in wanted]
    return {**settings, "models": names}


def control_faults(
    controls: Mapping, known: Mapping[str, Module], models: Mapping
) -> Iterator[str]:
    """Controls that there are not, and models that one of them names and that there are not."""
    for name, settings in controls.items():
        if name == "budget":
            continue
        if name not in known:
            yield (
                f"controls: there is no control `{name}`{nearest(name, known)} "
                f"(available: {', '.join(known)})"
            )
        elif known[name].fault:
            yield f"controls.{name}: the file of the control cannot be read: {known[name].fault}"
        listed = settings.get("models") if isinstance(settings, Mapping) else None
        for model in listed if isinstance(listed, list) else []:
            if model not in models:
                yield (
                    f"controls.{name}.models: there is no model `{model}`{nearest(model, models)} "
                    f"(available: {', '.join(models)})"
                )
