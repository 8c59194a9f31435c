"""What the schema cannot say about models of Hugging Face and the networks on them."""

import re
from collections.abc import Iterator, Mapping

from deeprules_workflow.modules import Module

HUGGINGFACE = "huggingface"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
COMMIT = re.compile(r"[0-9a-f]{40}")
LAYER = re.compile(r"last_hidden_state|hidden_states/(0|[1-9][0-9]*)")
OF_OTHERS = ("channels", "axes", "ambiguous")
"""Settings of `input` that a model of letters has no use for."""


def huggingface_faults(where: str, entry: Mapping) -> Iterator[str]:
    """One entry of `pretrained`: what only models of Hugging Face have, or they alone lack."""
    if HUGGINGFACE not in entry:
        for key in ("revision", "pooling", "kmer"):
            given = entry["input"]["kmer"] if key == "kmer" else entry.get(key)
            if given not in (None, "mean"):
                place = "input.kmer" if key == "kmer" else key
                yield f"{where}.{place}: only a model given as `huggingface` has it"
        return
    if not NAME.fullmatch(entry[HUGGINGFACE]):
        yield f"{where}.huggingface: `{entry[HUGGINGFACE]}` is not of the form `organisation/model`"
    if not COMMIT.fullmatch(entry.get("revision", "")):
        given = f"`{entry['revision']}` is no commit" if "revision" in entry else "is required"
        yield (
            f"{where}.revision: {given}; branches and tags move: give all 40 digits of the commit, "
            "as the page of the model lists it under its files"
        )
    if entry["trust"]:
        yield f"{where}.trust: code of a model of Hugging Face is never run; leave it out"
    if entry["layer"] is not None and not LAYER.fullmatch(entry["layer"]):
        yield (
            f"{where}.layer: `{entry['layer']}` is neither `last_hidden_state` nor "
            "`hidden_states/<number>`"
        )
    for key in OF_OTHERS:
        if entry["input"][key] is not None:
            yield f"{where}.input.{key}: a model of Hugging Face is given letters; leave it out"
    if entry["lengths"] == "pad":
        yield (
            f"{where}.lengths: a model of Hugging Face is given a shorter sequence as it is; give "
            "`crop` or `tile`"
        )


def origin_faults(where: str, given: str, module: Module, entry: Mapping) -> Iterator[str]:
    """A module that cannot start from a model of this origin."""
    is_hub = HUGGINGFACE in entry
    if module.origin and module.origin not in entry:
        yield (
            f"{where}: the module `{module.name}` starts from a model of Hugging Face, and "
            f"`{given}` is none; take `kipoi_features`, `kipoi_finetune` or `kipoi_scratch`"
        )
    elif is_hub and not module.origin:
        yield (
            f"{where}: the module `{module.name}` starts from a model of Keras or Kipoi, and "
            f"`{given}` is one of Hugging Face; take `huggingface_features` with its twin "
            "`huggingface_random`, or `huggingface_finetune` with `huggingface_scratch`"
        )


def backend_faults(models: Mapping, known: Mapping[str, Module], compute: Mapping) -> Iterator[str]:
    """A network of one backend of Keras in a run on another."""
    for name, entry in models.items():
        module = known.get(entry.get("module", name))
        if module and module.backend not in ("", compute["backend"]):
            yield (
                f"models.{name}: `{module.name}` trains the weights of a model of PyTorch, which "
                f"Keras can on that backend alone; set `compute: {{backend: {module.backend}}}`, "
                "or take `huggingface_features`, whose head is trained on any"
            )


def twin_faults(models: Mapping, known: Mapping[str, Module]) -> Iterator[str]:
    """A network on a model of Hugging Face without one on random weights of the same kind."""
    used = {
        (entry.get("module", name), entry.get("pretrained")): name for name, entry in models.items()
    }
    for (module, pretrained), name in used.items():
        if module not in known or not known[module].origin or not known[module].twin_of:
            continue
        twin = known[module].twin_of
        end = twin.rpartition("_")[2]
        if pretrained and (twin, pretrained) not in used:
            yield (
                f"models.{name}: what pretraining is worth is told by a twin of random weights; "
                f"add `{name}_{end}: {{module: {twin}, pretrained: {pretrained}}}`"
            )
