"""Take a model of the Hugging Face hub over: its numbers, configuration and tokeniser, no code."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from deeprules.addresses import apply_mirrors, public_url
from deeprules.errors import InputError
from deeprules.pretrained.hub_repository import HUB, PLAIN_NAME, Repository, open_repository
from deeprules.pretrained.pretrained_fetch import Fetch
from deeprules.pretrained.safetensors_files import read_header
from deeprules.pretrained.transformers_program import CONFIG, TOKENISER
from deeprules.strict_text import TextError, parse_json, parse_yaml, read_text

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
CARD = "README.md"
VOCABULARIES = TOKENISER[:5]
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
NOT_STATED = "not stated"


def take_huggingface(fetch: Fetch, folder: Path, scratch: Path) -> dict:
    """Fill a folder with a model; returns where it came from and its licence.

    Raises
    ------
    InputError
        If the model brings code or pickles, lacks a part, or a file is not the one meant.
    """
    repository = open_repository(fetch, scratch)
    if CONFIG not in repository.files:
        raise InputError(
            f"pretrained.{fetch.name}: {repository.name} has no {CONFIG} at commit "
            f"{repository.commit}, so it is no model that transformers opens. Correct "
            "`huggingface`, or use another model."
        )
    tokeniser = [name for name in TOKENISER if name in repository.files]
    for name in (CONFIG, *tokeniser):
        _take(fetch, repository, name, folder, scratch)
        if name in (CONFIG, "tokenizer_config.json"):
            _refuse_code(fetch, repository, _read_json(folder / name), name)
    if not set(tokeniser) & set(VOCABULARIES):
        raise InputError(
            f"pretrained.{fetch.name}: {repository.name} has no tokeniser (none of "
            f"{', '.join(VOCABULARIES)}). Use a model that brings one."
        )
    for name in _weights(fetch, repository, folder, scratch):
        _take(fetch, repository, name, folder, scratch)
        read_header(folder / name)
    if CARD in repository.files:
        _take(fetch, repository, CARD, folder, scratch)
    return {
        "given": f"{HUB}{repository.name}",
        "final": public_url(apply_mirrors(repository.place, fetch.mirrors)),
        "commit": repository.commit,
        **_licence(fetch.settings["licence"], folder / CARD),
    }


def _read_json(path: Path) -> object:
    return parse_json(read_text(path), path)


def _take(fetch: Fetch, repository: Repository, name: str, folder: Path, scratch: Path) -> None:
    """Download a file, held against its pin and what the hub states of it."""
    path = fetch.download(f"{repository.place}{name}", scratch, name, may_be_tagged=True)
    found, stated = fetch.files[-1]["sha256"], repository.files[name]
    if stated not in (None, found):
        raise InputError(
            f"pretrained.{fetch.name}: {name} of {repository.name} has the SHA-256 {found}, and "
            f"the hub states {stated} for commit {repository.commit}. It was not kept. Fetch it "
            "again, or correct the mirror."
        )
    shutil.move(path, folder / name)


def _refuse_code(fetch: Fetch, repository: Repository, content: object, name: str) -> None:
    """Refuse a model that names classes of its own, which its repository would bring as Python."""
    named = content.get("auto_map") if isinstance(content, Mapping) else None
    if not named:
        return
    classes = named.values() if isinstance(named, Mapping) else [named]
    shown = ", ".join(sorted({str(one) for one in classes}))
    raise InputError(
        f"pretrained.{fetch.name}: {repository.name} brings Python code of its own (`auto_map` in "
        f"{name}: {shown}), which is never run here. Use a model whose architecture transformers "
        "has itself, such as BERT or ESM, or run this one as a tool of your own (`command`), in "
        "its own environment."
    )


def _weights(fetch: Fetch, repository: Repository, folder: Path, scratch: Path) -> list[str]:
    """Names of the files of safetensors: one, or the parts that an index lists."""
    if WEIGHTS in repository.files:
        return [WEIGHTS]
    if INDEX in repository.files:
        _take(fetch, repository, INDEX, folder, scratch)
        return _parts(fetch, repository, _read_json(folder / INDEX))
    where = f"pretrained.{fetch.name}: {repository.name}"
    pickles = sorted(name for name in repository.files if name.endswith(PICKLES))
    if pickles:
        raise InputError(
            f"{where} has its weights as pickles alone ({', '.join(pickles)}), which can run code "
            "when they are opened; they were not fetched. Ask its authors for safetensors; "
            f"{HUB}spaces/safetensors/convert makes a pull request with them, whose commit can be "
            "the `revision`."
        )
    raise InputError(
        f"{where} has no weights as safetensors ({WEIGHTS} or {INDEX}) at commit "
        f"{repository.commit}. Use a commit or a model that has them."
    )


def _parts(fetch: Fetch, repository: Repository, index: object) -> list[str]:
    """The files that an index of safetensors lists, which must lie beside it."""
    listed = index.get("weight_map") if isinstance(index, Mapping) else None
    names = sorted(set(map(str, listed.values()))) if isinstance(listed, Mapping) else []
    strange = [
        name
        for name in names
        if name not in repository.files
        or not PLAIN_NAME.fullmatch(name)
        or not name.endswith(".safetensors")
    ]
    if not names or strange:
        what = f"names {', '.join(strange)}" if strange else "names no files"
        raise InputError(
            f"pretrained.{fetch.name}: {INDEX} of {repository.name} {what}, and only files of "
            "safetensors beside it can be taken. Use another commit."
        )
    return names


def _licence(stated: str, card: Path) -> dict[str, str | None]:
    """The licence that the configuration states, else that of the card; and what the card says."""
    said = None
    if card.is_file():
        said = card_licence(card.read_text(encoding="utf-8", errors="replace"))
    return {"licence": (said or stated) if stated == NOT_STATED else stated, "card_licence": said}


def card_licence(text: str) -> str | None:
    """The licence in the metadata of a model's card; None where there is none.

    `license: other` has its name and link beside it.
    """
    if not text.startswith("---"):
        return None
    head = text.split("\n---", 1)[0].removeprefix("---")
    try:
        content = parse_yaml(head, CARD, plain_numbers=False)
    except TextError:  # then it states none that can be read, which the report says
        return None
    if not isinstance(content, Mapping) or not content.get("license"):
        return None
    licence = content["license"]
    named = ", ".join(map(str, licence)) if isinstance(licence, list) else str(licence)
    more = [str(content[key]) for key in ("license_name", "license_link") if content.get(key)]
    return f"{named} ({', '.join(more)})" if more else named
