"""Which models have a learning curve, and whether what the configuration names exists."""

from collections.abc import Iterator, Mapping

from deeprules_workflow.schema import nearest


def learning_curve_models(config: Mapping, models: Mapping[str, Mapping]) -> list[str] | None:
    """Names of the models to refit on shares of train, in the order of the configuration.

    Parameters
    ----------
    config : the resolved configuration
    models : {name: entry with its `kind` and, where it starts from one, `pretrained`}

    Returns
    -------
    What `learning_curve: models` lists; all networks and ordinary baselines for `all`, and for
    `auto` where a model starts from a pretrained one; for any other `auto` None, which stands for
    the chosen network and the chosen baseline; an empty list where `shares` is empty.
    """
    wanted = config["learning_curve"]["models"]
    starts = any("pretrained" in entry for entry in models.values())
    if not config["learning_curve"]["shares"]:
        return []
    if wanted == "auto" and not starts:
        return None
    if wanted in ("auto", "all"):
        return [name for name, entry in models.items() if entry["kind"] != "nuisance"]
    return [name for name in models if name in wanted]


def learning_curve_faults(settings: Mapping, models: Mapping) -> Iterator[str]:
    """Names in `learning_curve: models` that are not in `models` of the configuration."""
    listed = settings["models"]
    for name in listed if isinstance(listed, list) else []:
        if name not in models:
            yield (
                f"learning_curve.models: there is no model `{name}`{nearest(name, models)} "
                f"(available: {', '.join(models)})"
            )
