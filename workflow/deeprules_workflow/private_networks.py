"""Networks that are trained with differential privacy: their terms, and where there can be none."""

from collections.abc import Iterator, Mapping

from deeprules_workflow.modules import Module

SETTLED = {"backend": "jax", "gpu": 0, "precision": "float32"}
"""What `compute` has to say: what the package that trains has been tried with."""


def is_private(config: Mapping) -> bool:
    """Whether a network of a resolved configuration is trained with differential privacy."""
    return any(entry.get("private") for entry in config["models"].values())


def private_terms(config: Mapping) -> dict:
    """`epsilon` and `delta`, and the `fits` that keep them together.

    The search is none of them: there is none, as every hyperparameter is settled before the data
    are seen.
    """
    privacy = config["privacy"]
    terms = {key: float(privacy[key]) for key in ("epsilon", "delta")}
    return terms | {"fits": config["fit"]["seeds"]}


def private_faults(config: Mapping, known: Mapping[str, Module]) -> Iterator[str]:
    """A promise without a network that keeps it, or a network that could not.

    Parameters
    ----------
    known : modules of models, by name
    """
    named = [name for name, entry in config["models"].items() if entry.get("private")]
    missing = [key for key in ("epsilon", "delta") if config["privacy"][key] is None]
    if not named:
        if len(missing) < 2:
            yield (
                "privacy.epsilon, privacy.delta: no network keeps this promise. Write `private: "
                "true` under a network of `models`, or leave both out"
            )
        return
    if missing:
        yield (
            f"privacy.{missing[0]}: is needed by `models.{named[0]}.private`; such as `privacy: "
            "{epsilon: 3, delta: 1.0e-5}`"
        )
    if len(named) > 1:
        yield (
            f"models: {', '.join(named)} are `private`, and each would spend the whole of "
            "privacy.epsilon on the same examples; keep one"
        )
    yield from _of_data(named[0], config)
    yield from _of_run(named[0], config)
    for name in named:
        yield from _of_network(name, config["models"], known)


def _of_data(name: str, config: Mapping) -> Iterator[str]:
    """Data of which a promise would not be true, or that a step before training looks at."""
    data, where = config["data"], f"models.{name}.private"
    if data.get("modality") == "tabular":
        yield (
            f"{where}: only networks of sequences are trained with differential privacy; those of "
            "tables standardise features by numbers of train, which goes past the noise"
        )
    if data.get("task") == "regression":
        yield (
            f"{where}: only networks of classes are trained with differential privacy; of a "
            "regression, labels are brought to units of train, which goes past the noise"
        )
    if data["group"] is not None:
        yield (
            f"{where}: with `data.group` an individual may have several examples, and the promise "
            "would hold for one of them alone. Take one example of each, and leave `group` out"
        )


def _of_run(name: str, config: Mapping) -> Iterator[str]:
    """Settings of the run beside which it cannot be."""
    for key, value in SETTLED.items():
        if config["compute"][key] != value:
            yield f"compute.{key}: `models.{name}.private` needs `{value}`"
    if not config["controls"]["membership_inference"]:
        yield (
            f"controls.membership_inference: has to be on with `models.{name}.private`, whose "
            "promise it tests"
        )
    if config["pretrained"]:
        yield f"pretrained: has no place beside `models.{name}.private`; make a run of its own"


def _of_network(name: str, models: Mapping, known: Mapping[str, Module]) -> Iterator[str]:
    """A model that is no network, has no twin, or has something to choose."""
    entry, where = models[name], f"models.{name}.private"
    module = known.get(entry.get("module", name))
    if module is None:
        return
    if module.kind != "network" or module.needs or module.inputs != ("features",):
        yield f"{where}: only for networks that take the sequences alone, not `{module.name}`"
        return
    twins = [
        one
        for one, other in models.items()
        if other.get("module", one) == module.name and not other.get("private")
    ]
    if not twins:
        yield (
            f"{where}: add the same network without privacy (`{module.name}: {{}}`), so that the "
            "report can tell what it costs"
        )
    for key, value in entry["space"].items():
        if isinstance(value, list):
            yield (
                f"models.{name}.space.{key}: a search would spend privacy of its own; give one "
                "value, chosen before or on public data"
            )
