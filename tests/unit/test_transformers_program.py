"""What a model of Hugging Face is given, and what is made of its states."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hub_models import KMER, WIDTH, WORDS, bert_tensors, tiny_files

from deeprules.encoding import encode
from deeprules.errors import InputError
from deeprules.pretrained.activations import activations
from deeprules.pretrained.kipoi_inputs import contract_identity
from deeprules.pretrained.pretrained import Pretrained
from deeprules.pretrained.transformers_program import pooled_states, texts

PYTHON = os.environ.get("DEEPRULES_TRANSFORMERS", "")
needs_transformers = pytest.mark.skipif(
    not Path(PYTHON).is_file(),
    reason="DEEPRULES_TRANSFORMERS names no interpreter with torch and transformers",
)
"""CI has none: PyTorch would be larger than all else together."""
CONTRACT = {
    **{"name": "tiny", "framework": "transformers", "python": PYTHON, "trust": False},
    **{"layer": "last_hidden_state", "pooling": "mean", "lengths": "crop", "seed": 5},
    **{"input": {"length": None, "strand": "as_given", "kmer": KMER}, "folder_sha256": "0"},
}


def contract(**changes):
    settings = CONTRACT["input"] | changes.pop("input", {})
    return {**CONTRACT, "input": settings, **changes}


def codes(*sequences):
    return np.stack(encode(sequences))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["ACG CGT GTT", "GGC GCN CNA"]),
        ({"input": {"kmer": None}}, ["ACGTT", "GGCNA"]),
        ({"input": {"kmer": 1}}, ["A C G T T", "G G C N A"]),
        ({"input": {"kmer": 9}}, ["ACGTT", "GGCNA"]),
        ({"input": {"strand": "reverse_complement"}}, ["AAC ACG CGT", "TNG NGC GCC"]),
        ({"input": {"length": 3}}, ["CGT", "GCN"]),
        ({"input": {"length": 3}, "lengths": "tile"}, ["ACG", "GTT", "GGC", "CNA"]),
    ],
)
def test_a_sequence_is_given_as_text(changes, expected):
    assert texts(codes("ACGTT", "GGCNA"), contract(**changes)) == expected


def test_padding_is_no_letter():
    padded = np.pad(codes("ACGT"), ((0, 0), (2, 1)))
    assert texts(padded, contract()) == ["ACG CGT"]


@pytest.mark.parametrize(
    ("how", "expected"), [("mean", [3, 30]), ("max", [4, 40]), ("first", [9, 90])]
)
def test_states_are_pooled_over_the_tokens_of_the_sequence_alone(how, expected):
    states = np.array([[[9, 90], [2, 20], [4, 40], [9, 90], [9, 90]]], dtype=np.float32)
    keep = np.array([[False, True, True, False, False]])
    np.testing.assert_allclose(pooled_states(states, keep, how), [expected])


def test_pooling_layer_and_the_draw_of_weights_are_part_of_what_activations_depend_on():
    given = Pretrained("tiny", Path("folder"), contract())
    others = [contract(pooling="max"), contract(layer="hidden_states/1")]
    others += [given.with_random_weights().contract, contract(random_weights=6)]
    assert len({contract_identity(one) for one in [given.contract, *others]}) == 5


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    for name, content in tiny_files().items():
        (folder / name).write_bytes(content)
    return folder


def extract(folder, sequences, **changes):
    return activations(Pretrained("tiny", folder, contract(**changes)), codes(*sequences), None)


SEQUENCES = ("ACGTTGCA", "TTTTACGC")


@needs_transformers
def test_the_embeddings_are_those_of_the_words(tiny):
    """The layer of embeddings can be computed by hand: the weights are the model's own."""
    tensors = bert_tensors()
    words = texts(codes(*SEQUENCES), contract())
    expected = []
    for text in words:
        ids = [WORDS.index(word) for word in text.split()]
        places = np.arange(1, len(ids) + 1)  # [CLS] stands first
        states = tensors["embeddings.word_embeddings.weight"][ids]
        states = states + tensors["embeddings.position_embeddings.weight"][places]
        states = states + tensors["embeddings.token_type_embeddings.weight"][0]
        scaled = (states - states.mean(1, keepdims=True)) / states.std(1, keepdims=True)
        expected.append(scaled.mean(axis=0))
    found = extract(tiny, SEQUENCES, layer="hidden_states/0")
    np.testing.assert_allclose(found, expected, atol=1e-5)


@needs_transformers
def test_the_last_state_is_the_last_layer_and_random_weights_give_another(tiny):
    last = extract(tiny, SEQUENCES)
    assert last.shape == (2, WIDTH) and last.dtype == np.float32
    np.testing.assert_array_equal(last, extract(tiny, SEQUENCES, layer="hidden_states/2"))
    drawn = extract(tiny, SEQUENCES, random_weights=5)
    np.testing.assert_array_equal(drawn, extract(tiny, SEQUENCES, random_weights=5))
    assert np.abs(drawn - last).max() > 0.1


@needs_transformers
@pytest.mark.parametrize(
    ("sequences", "changes", "message"),
    [
        (
            ["ACGT" * 40],
            {},
            r"pretrained\.tiny\.input\.length: 160 bases are up to 160 tokens, and the model takes "
            r"64\. Give it fewer bases, `input: \{length: 64\}`, with `lengths: crop` for the "
            "centre or `tile` for the mean over windows",
        ),
        (
            SEQUENCES,
            {"input": {"kmer": None}},
            r"pretrained\.tiny\.input\.kmer: its tokeniser does not know 2 of 2 tokens\. It reads "
            r"DNA in another form: a model of k-mers needs `input: \{kmer: 6\}`, or what its card "
            "says; one that was not trained on DNA cannot be used",
        ),
        (
            SEQUENCES,
            {"layer": "hidden_states/9"},
            r"pretrained\.tiny\.layer: the model has no hidden_states/9; its last one is "
            "hidden_states/2",
        ),
    ],
)
def test_what_a_model_cannot_take_is_told(tiny, sequences, changes, message):
    with pytest.raises(InputError, match=message):
        extract(tiny, sequences, **changes)


@needs_transformers
def test_weights_that_are_missing_are_not_drawn_at_random_without_a_word(tiny, tmp_path):
    from hub_models import safetensors

    for path in tiny.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    tensors = bert_tensors()
    del tensors["encoder.layer.1.output.dense.bias"]
    (tmp_path / "model.safetensors").write_bytes(safetensors(tensors))
    with pytest.raises(InputError, match="1 of its tensors are not in its files"):
        extract(tmp_path, SEQUENCES)


@needs_transformers
def test_its_versions_are_those_of_an_environment_that_is_stated():
    """Which versions it was tried with is told by the environment file and the lock."""
    command = [PYTHON, "-c", "import transformers; print(transformers.__version__)"]
    version = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    envs = Path(__file__).parents[2] / "envs"
    stated = (envs / "huggingface.yaml").read_text()
    stated += (envs / "requirements-huggingface.lock").read_text()
    assert f"transformers ={version}" in stated or f"transformers=={version}" in stated


MAKE = """
import sys
from pathlib import Path
import torch
import transformers as library
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

name, folder = sys.argv[1], Path(sys.argv[2])
words = ["<pad>", "<unk>", "<cls>", "<eos>", "<mask>", *"ACGTN"]
tokeniser = Tokenizer(models.WordLevel({one: n for n, one in enumerate(words)}, unk_token="<unk>"))
tokeniser.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
pad = {"pad_token": "<pad>"}
if name == "GPT2":  # it has no token to pad with
    pad = {}
elif name != "Mamba":
    ends = [("<cls>", 2), ("<eos>", 3)]
    tokeniser.post_processor = processors.TemplateProcessing("<cls> $A <eos>", special_tokens=ends)
library.PreTrainedTokenizerFast(
    tokenizer_object=tokeniser, unk_token="<unk>", eos_token="<eos>", **pad
).save_pretrained(folder)
size = {"vocab_size": 10, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
size |= {"intermediate_size": 32, "max_position_embeddings": 128, "pad_token_id": 0}
settings = {
    "GPT2": {"vocab_size": 10, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 128},
    "T5": {"vocab_size": 10, "d_model": 16, "d_ff": 32, "num_layers": 2, "num_heads": 2, "d_kv": 8},
    "Mamba": {"vocab_size": 10, "hidden_size": 16, "num_hidden_layers": 2, "state_size": 4},
    "ModernBert": {**size, "cls_token_id": 2, "sep_token_id": 3, "eos_token_id": 3},
}.get(name, size)
if name == "Esm":
    settings |= {"position_embedding_type": "rotary", "mask_token_id": 4}
config = getattr(library, f"{name}Config")(**settings)
torch.manual_seed(1)
library.AutoModel.from_config(config).save_pretrained(folder)
"""


@needs_transformers
@pytest.mark.parametrize("name", ["Esm", "ModernBert", "GPT2", "T5", "Mamba"])
def test_architectures_of_all_kinds_give_features(tmp_path, name):
    """Whatever stands beside a sequence in a batch, shorter ones among it, its features stay."""
    subprocess.run([PYTHON, "-c", MAKE, name, tmp_path], check=True, capture_output=True)
    given = np.pad(codes(*SEQUENCES), ((0, 0), (0, 4)))
    given[0, :3] = 0
    pretrained = Pretrained("tiny", tmp_path, contract(input={"kmer": None}))
    both = activations(pretrained, given, None)
    assert both.shape == (2, 16)
    np.testing.assert_allclose(activations(pretrained, given[:1], None), both[:1], atol=1e-5)


def test_the_twin_keeps_everything_but_the_weights(tmp_path):
    twin = Pretrained("tiny", tmp_path, contract()).with_random_weights()
    assert twin.contract == {**contract(), "random_weights": 5}
