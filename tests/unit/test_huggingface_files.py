"""Models of Hugging Face are fetched as numbers and text: pinned, without code, from any mirror."""

import hashlib
import json
from pathlib import Path

import pytest
from hub_models import (
    CARD,
    COMMIT,
    CONFIG,
    LAYERS,
    NAME,
    bert_tensors,
    fill_cache,
    safetensors,
    serve,
    tiny_files,
)
from local_server import LocalServer

from deeprules.download.transfers import RetryPolicy
from deeprules.errors import InputError
from deeprules.files import read_json
from deeprules.pretrained.huggingface_files import card_licence, take_huggingface
from deeprules.pretrained.pretrained_fetch import Fetch, pin_files
from deeprules.pretrained.safetensors_files import count_weights, read_header

ENTRY = {
    **{"huggingface": NAME, "revision": COMMIT, "trust": False},
    **{"version": "not stated", "licence": "not stated", "citation": "not stated"},
}
TAKEN = ["README.md", "config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"]


@pytest.fixture
def take(tmp_path):
    """Fetch into an empty folder and pin, as rules do; returns origin, folder and the Fetch."""

    def run(mirrors, **settings):
        fetch = Fetch(
            "tiny", ENTRY | settings, tmp_path / "pins", mirrors, True, RetryPolicy(1, 0.0)
        )
        number = len(list(tmp_path.glob("model*")))
        folder, scratch = tmp_path / f"model{number}", tmp_path / f"scratch{number}"
        folder.mkdir()
        scratch.mkdir()
        origin = take_huggingface(fetch, folder, scratch)
        pin_files({"files": fetch.files}, tmp_path / "pins")
        return origin, folder, fetch

    return run


@pytest.fixture
def hub():
    with LocalServer() as server:
        yield server


def test_a_server_with_the_hubs_interface_gives_the_model_and_nothing_that_runs(
    take, hub, tmp_path
):
    files = tiny_files()
    origin, folder, fetch = take(serve(hub, files))
    assert sorted(path.name for path in folder.iterdir()) == TAKEN
    assert all((folder / name).read_bytes() == files[name] for name in TAKEN)
    asked = [path for path, _ in hub.requests]
    assert not any(path.endswith((".py", ".bin")) for path in asked)
    assert origin == {
        **{"given": f"https://huggingface.co/{NAME}", "commit": COMMIT},
        **{"final": hub.url(f"/{NAME}/resolve/{COMMIT}/")},
        **{"licence": "apache-2.0", "card_licence": "apache-2.0"},
    }
    for name in TAKEN:
        sha256 = hashlib.sha256(files[name]).hexdigest()
        assert read_json(tmp_path / "pins" / f"pretrained_tiny_{name}.json")["sha256"] == sha256
    assert sorted(file["file"] for file in fetch.files) == TAKEN


def test_the_hubs_own_cache_serves_as_a_mirror(take, tmp_path):
    files = tiny_files()
    mirrors = fill_cache(tmp_path / "hub", files)
    origin, folder, _ = take(mirrors, licence="MIT")
    assert sorted(path.name for path in folder.iterdir()) == TAKEN
    assert not any(path.is_symlink() for path in folder.iterdir())
    assert (origin["licence"], origin["card_licence"]) == ("MIT", "apache-2.0")
    assert origin["final"].endswith(f"models--laboratory--tiny/snapshots/{COMMIT}/")


def test_a_copy_of_the_hubs_addresses_serves_as_a_mirror(take, tmp_path):
    folder = tmp_path / "copy" / NAME / "resolve" / COMMIT
    folder.mkdir(parents=True)
    for name, content in tiny_files().items():
        (folder / name).write_bytes(content)
    _, taken, _ = take({"https://huggingface.co": (tmp_path / "copy").as_uri()})
    assert sorted(path.name for path in taken.iterdir()) == TAKEN


def test_weights_in_several_files_are_taken_by_their_index(take, hub):
    tensors = bert_tensors()
    halves = list(tensors)[:10], list(tensors)[10:]
    names = [f"model-{part}-of-2.safetensors" for part in (1, 2)]
    parts = {
        name: safetensors({key: tensors[key] for key in half})
        for name, half in zip(names, halves, strict=True)
    }
    index = {
        "weight_map": {key: name for name, half in zip(names, halves, strict=True) for key in half}
    }
    files = tiny_files(
        model__safetensors=None, model__safetensors__index__json=json.dumps(index).encode()
    )
    _, folder, _ = take(serve(hub, files | parts))
    n_weights = sum(tensor.size for tensor in tensors.values())
    assert count_weights(folder.glob("*.safetensors")) == n_weights


CODE = {"AutoModel": "modeling_tiny.TinyModel", "AutoTokenizer": ["words.TinyTokenizer", None]}
WITH_CODE = json.dumps(CONFIG | {"auto_map": CODE}).encode()
OUTSIDE = json.dumps({"weight_map": {"a": "../other.safetensors"}}).encode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"config__json": WITH_CODE},
            "pretrained.tiny: laboratory/tiny brings Python code of its own (`auto_map` in "
            "config.json: ['words.TinyTokenizer', None], modeling_tiny.TinyModel), which is never "
            "run here. Use a model whose architecture transformers has itself, such as BERT or "
            "ESM, or run this one as a tool of your own (`command`), in its own environment.",
        ),
        (
            {"tokenizer_config__json": b'{"auto_map": {"AutoTokenizer": "words.Words"}}'},
            "pretrained.tiny: laboratory/tiny brings Python code of its own (`auto_map` in "
            "tokenizer_config.json: words.Words), which is never run here. Use a model whose "
            "architecture transformers has itself, such as BERT or ESM, or run this one as a tool "
            "of your own (`command`), in its own environment.",
        ),
        (
            {"model__safetensors": None, "pytorch_model__bin": b"\x80\x04."},
            "pretrained.tiny: laboratory/tiny has its weights as pickles alone (pytorch_model.bin, "
            "training_args.bin), which can run code when they are opened; they were not fetched. "
            "Ask its authors for safetensors; "
            "https://huggingface.co/spaces/safetensors/convert makes a pull request with them, "
            "whose commit can be the `revision`.",
        ),
        (
            {"model__safetensors": None, "training_args__bin": None},
            "pretrained.tiny: laboratory/tiny has no weights as safetensors (model.safetensors or "
            f"model.safetensors.index.json) at commit {COMMIT}. Use a commit or a model that has "
            "them.",
        ),
        (
            {"model__safetensors": None, "model__safetensors__index__json": OUTSIDE},
            "pretrained.tiny: model.safetensors.index.json of laboratory/tiny names "
            "../other.safetensors, and only files of safetensors beside it can be taken. Use "
            "another commit.",
        ),
        (
            {"config__json": None},
            f"pretrained.tiny: laboratory/tiny has no config.json at commit {COMMIT}, so it is no "
            "model that transformers opens. Correct `huggingface`, or use another model.",
        ),
        (
            {"vocab__txt": None},
            "pretrained.tiny: laboratory/tiny has no tokeniser (none of tokenizer.json, vocab.txt, "
            "vocab.json, tokenizer.model, spiece.model). Use a model that brings one.",
        ),
    ],
)
def test_what_is_no_model_of_numbers_is_refused_by_name(take, hub, changes, message):
    with pytest.raises(InputError) as error:
        take(serve(hub, tiny_files(**changes)))
    assert str(error.value) == message


def test_a_revision_that_moved_is_refused(take, hub):
    mirrors = serve(hub, tiny_files(), sha="2" * 40)
    with pytest.raises(InputError) as error:
        take(mirrors)
    assert str(error.value) == (
        f"pretrained.tiny: {NAME} was asked for commit {COMMIT} and answered with {'2' * 40}: the "
        "revision has moved. Nothing was fetched. See what changed, and give the commit that you "
        "mean as `revision`."
    )


def test_a_commit_that_is_gone_says_what_to_do(take, hub):
    with pytest.raises(InputError) as error:
        take({"https://huggingface.co/": hub.url("/")})
    assert f"/api/models/{NAME}/revision/{COMMIT}" in str(error.value)
    assert str(error.value).endswith(
        "Where the repository is there and the commit is not, its history was rewritten: see what "
        "changed, and give a commit of today as `revision`. One behind a login is fetched by hand: "
        f"`hf download {NAME} --revision {COMMIT} --cache-dir <folder>`, and that folder under "
        "`mirrors` for https://huggingface.co/."
    )


def test_a_mirror_without_the_commit_lists_those_that_it_has(take, tmp_path):
    mirrors = fill_cache(tmp_path / "hub", tiny_files(), "3" * 40)
    with pytest.raises(InputError) as error:
        take(mirrors)
    assert str(error.value) == (
        f"pretrained.tiny: the mirror {tmp_path / 'hub'} of the Hugging Face hub has no commit "
        f"{COMMIT} of {NAME}. It has the commits {'3' * 40}. Where there is a network, `hf "
        f"download {NAME} --revision {COMMIT} --cache-dir <folder>` fills a folder that `mirrors` "
        "can name for https://huggingface.co/."
    )


def test_an_answer_that_is_none_of_the_hub_is_told(take, hub):
    hub.answer(f"/api/models/{NAME}/revision/{COMMIT}", b'{"sha": 3}')
    with pytest.raises(InputError, match="did not answer as the hub does"):
        take({"https://huggingface.co/": hub.url("/")})


def test_weights_that_are_not_those_that_the_hub_states_are_refused(take, hub):
    mirrors = serve(hub, tiny_files())
    other = safetensors(bert_tensors(seed=2))
    hub.answer(f"/{NAME}/resolve/{COMMIT}/model.safetensors", other)
    with pytest.raises(InputError, match=r"and the hub states .* It was not kept") as error:
        take(mirrors)
    assert hashlib.sha256(other).hexdigest() in str(error.value)


def test_a_file_that_changed_under_the_same_commit_breaks_its_pin(take, hub):
    take(serve(hub, tiny_files()))
    config = json.dumps(CONFIG | {"num_attention_heads": 4}).encode()
    with pytest.raises(InputError, match=r"pretrained_tiny_config\.json|config\.json has changed"):
        take(serve(hub, tiny_files(config__json=config)))


def test_words_and_lengths_that_look_like_xml_are_taken(take, hub):
    """A header of 15,392 bytes begins with ` <`, the words of ESM with `<cls>`."""
    content = safetensors(bert_tensors())
    length, header = int.from_bytes(content[:8], "little"), 0x3C20
    body = content[8 : 8 + length].ljust(header) + content[8 + length :]
    padded = header.to_bytes(8, "little") + body
    assert padded.startswith(b" <")
    words = b"<cls>\n<pad>\n<eos>\n<unk>\nA\nC\nG\nT\n"
    card = b"<p align=center>A model</p>\n"
    changes = {"model__safetensors": padded, "vocab__txt": words, "README__md": card}
    origin, folder, _ = take(serve(hub, tiny_files(**changes)))
    assert (folder / "model.safetensors").read_bytes() == padded
    assert (folder / "vocab.txt").read_bytes() == words
    assert origin["licence"] == "not stated"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer to a file"),
        (b"<!DOCTYPE html><html>no</html>", "a web page"),
    ],
)
def test_what_came_in_place_of_a_file_is_told(take, hub, content, what):
    with pytest.raises(InputError, match=rf"{what}.*nothing was kept"):
        take(serve(hub, tiny_files(vocab__txt=content)))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (safetensors(bert_tensors())[:-4], "it has .* bytes and its header speaks of"),
        (b"\x80\x04" * 40, "it does not begin with a header of the format"),
        ((20).to_bytes(8, "little") + b"{" * 30, "its header is not readable"),
        (safetensors({}).replace(b'"pt"', b'"pt",'), "is no whole file of safetensors"),
    ],
)
def test_a_file_that_is_no_whole_one_of_safetensors_is_refused(tmp_path, content, what):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=what):
        read_header(path)


def test_the_header_tells_the_tensors(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors(bert_tensors()))
    header = read_header(path)
    assert header["embeddings.LayerNorm.weight"]["shape"] == [16]
    assert len([name for name in header if "query.weight" in name]) == LAYERS


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (CARD, "apache-2.0"),
        (
            "---\nlicense: other\nlicense_name: own\nlicense_link: LICENSE\n---\n",
            "other (own, LICENSE)",
        ),
        ("---\nlicense: [mit, apache-2.0]\n---\n", "mit, apache-2.0"),
        ("---\ntags: [dna]\n---\nlicense: mit\n", None),
        ("# A model\nlicense: mit\n", None),
        ("---\nlicense: [\n---\n", None),
        ("", None),
    ],
)
def test_the_licence_is_read_from_the_metadata_of_the_card(text, licence):
    assert card_licence(text) == licence


def test_every_file_of_a_tokeniser_is_text_or_a_vocabulary():
    from deeprules.pretrained.huggingface_files import PICKLES, TOKENISER

    assert not [name for name in TOKENISER if name.endswith((*PICKLES, ".py"))]
    assert all(Path(name).name == name for name in TOKENISER)
