"""The configuration of models of Hugging Face: what is understood, and what is refused by name."""

from pathlib import Path

import pytest

from deeprules_workflow.configuration import ConfigurationError, model_entry, resolve

FOLDER = Path(__file__).parents[2]
HUB = {"huggingface": "laboratory/tiny", "revision": "1" * 40}
MODELS = {
    "hub": {"module": "huggingface_features", "pretrained": "tiny"},
    "hub_random": {"module": "huggingface_random", "pretrained": "tiny"},
}
DATA = {
    "modality": "sequence",
    "task": "binary",
    "label": "label",
    "positive": "yes",
    "sources": {"one": {"format": "table", "url": "one.tsv"}},
}


def resolved(entry, models=MODELS, **more):
    config = {"study": "s.yaml", "data": DATA, "models": models, "pretrained": {"tiny": entry}}
    return resolve({**config, **more}, FOLDER, with_study=False)


def faults(entry, models=MODELS, **more):
    with pytest.raises(ConfigurationError) as error:
        resolved(entry, models, **more)
    return list(error.value.faults)


def test_a_model_and_its_twin_are_understood():
    config = resolved(HUB)
    entry = config["pretrained"]["tiny"]
    assert (entry["layer"], entry["pooling"], entry["input"]["kmer"]) == (None, "mean", None)
    features, twin = (model_entry(name, config, FOLDER) for name in ("hub", "hub_random"))
    assert features["twin_of"] == twin["module"] == "huggingface_random"
    assert (features["random_weights"], twin["random_weights"]) == (False, True)
    assert features["pretrained"] == twin["pretrained"] == "tiny"
    assert resolved(HUB | {"layer": "hidden_states/4", "pooling": "first", "lengths": "tile"})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"huggingface": "laboratory/tiny"},
            "pretrained.tiny.revision: is required; branches and tags move: give all 40 digits of "
            "the commit, as the page of the model lists it under its files",
        ),
        (
            HUB | {"trust": True},
            "pretrained.tiny.trust: code of a model of Hugging Face is never run; leave it out",
        ),
        (
            HUB | {"layer": "encoder.layer.1"},
            "pretrained.tiny.layer: `encoder.layer.1` is neither `last_hidden_state` nor "
            "`hidden_states/<number>`",
        ),
        (
            HUB | {"input": {"channels": "ACGT"}},
            "pretrained.tiny.input.channels: a model of Hugging Face is given letters; leave it "
            "out",
        ),
        (
            HUB | {"lengths": "pad"},
            "pretrained.tiny.lengths: a model of Hugging Face is given a shorter sequence as it "
            "is; give `crop` or `tile`",
        ),
        (
            HUB | {"url": "weights.h5"},
            "pretrained.tiny: give exactly one of `kipoi`, `folder`, `url`, `huggingface` and "
            "`pretrain`, not `url` and `huggingface`",
        ),
    ],
)
def test_a_faulty_entry_is_told(entry, message):
    assert faults(entry) == [message]


@pytest.mark.parametrize("given", ["main", "v1.0", "1" * 39])
def test_a_revision_that_can_move_is_refused(given):
    assert faults(HUB | {"revision": given}) == [
        f"pretrained.tiny.revision: `{given}` is no commit; branches and tags move: give all 40 "
        "digits of the commit, as the page of the model lists it under its files"
    ]


@pytest.mark.parametrize("given", ["tiny", "https://huggingface.co/a/b", "../a", "a/b/c", "a/.."])
def test_what_is_no_name_of_a_repository_is_refused(given):
    assert faults(HUB | {"huggingface": given}) == [
        f"pretrained.tiny.huggingface: `{given}` is not of the form `organisation/model`"
    ]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"revision": "1" * 40}, "revision"),
        ({"pooling": "max"}, "pooling"),
        ({"input": {"kmer": 6}}, "input.kmer"),
    ],
)
def test_what_other_models_have_no_use_for_is_told(changes, place):
    models = {"kept": {"module": "kipoi_features", "pretrained": "tiny"}}
    message = f"pretrained.tiny.{place}: only a model given as `huggingface` has it"
    assert faults({"kipoi": "DeepSTARR", **changes}, models) == [message]


def test_features_without_a_twin_of_random_weights_are_refused():
    assert faults(HUB, {"hub": MODELS["hub"]}) == [
        "models.hub: what pretraining is worth is told by a twin of random weights; add "
        "`hub_random: {module: huggingface_random, pretrained: tiny}`"
    ]


TUNED = {
    "hub": {"module": "huggingface_finetune", "pretrained": "tiny"},
    "hub_scratch": {"module": "huggingface_scratch", "pretrained": "tiny"},
}


def test_weights_are_trained_on_pytorch_alone_and_beside_a_twin():
    config = resolved(HUB, TUNED, compute={"backend": "torch"})
    tuned, twin = (model_entry(name, config, FOLDER) for name in TUNED)
    assert (tuned["twin_of"], tuned["way"]) == (twin["module"], "fine-tuned")
    assert (tuned["random_weights"], twin["random_weights"]) == (False, True)
    assert tuned["inputs"] == twin["inputs"] == ("features",)
    for backend in ("tensorflow", "jax"):
        assert faults(HUB, TUNED, compute={"backend": backend}) == [
            f"models.{name}: `{entry['module']}` trains the weights of a model of PyTorch, which "
            "Keras can on that backend alone; set `compute: {backend: torch}`, or take "
            "`huggingface_features`, whose head is trained on any"
            for name, entry in TUNED.items()
        ]
    assert faults(HUB, {"hub": TUNED["hub"]}, compute={"backend": "torch"}) == [
        "models.hub: what pretraining is worth is told by a twin of random weights; add "
        "`hub_scratch: {module: huggingface_scratch, pretrained: tiny}`"
    ]


@pytest.mark.parametrize("module", ["kipoi_features", "kipoi_finetune", "kipoi_scratch"])
def test_modules_of_keras_do_not_take_it(module):
    assert faults(HUB, {"tuned": {"module": module, "pretrained": "tiny"}}) == [
        f"models.tuned.pretrained: the module `{module}` starts from a model of Keras or Kipoi, "
        "and `tiny` is one of Hugging Face; take `huggingface_features` with its twin "
        "`huggingface_random`, or `huggingface_finetune` with `huggingface_scratch`"
    ]


def test_its_modules_take_no_other_model():
    message = (
        "starts from a model of Hugging Face, and `tiny` is none; take `kipoi_features`, "
        "`kipoi_finetune` or `kipoi_scratch`"
    )
    found = faults({"kipoi": "DeepSTARR"})
    assert len(found) == 2 and all(message in fault for fault in found)
