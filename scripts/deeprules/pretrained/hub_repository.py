"""A repository of models on the Hugging Face hub, or in a mirror of it, at one commit.

The hub's interface says which files there are (https://huggingface.co/docs/hub/api). `mirrors`
replaces the hub's address: by that of another server with the same interface, or by a folder that
`hf download --cache-dir` filled.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deeprules.addresses import apply_mirrors, local_path, public_url
from deeprules.download.download import fetch_patiently
from deeprules.errors import InputError
from deeprules.pretrained.pretrained_fetch import Fetch
from deeprules.strict_text import parse_json, read_text

HUB = "https://huggingface.co/"
PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Repository:
    """What a repository holds at a commit.

    Attributes
    ----------
    name : `organisation/model`
    commit : its commit, 40 digits
    place : what stands before the name of a file in its address
    files : {file: SHA-256 that the hub states of it, or None}
    """

    name: str
    commit: str
    place: str
    files: dict[str, str | None]


def open_repository(fetch: Fetch, scratch: Path) -> Repository:
    """The repository that an entry of the configuration names.

    Parameters
    ----------
    fetch : the model; its settings hold `huggingface` and `revision`
    scratch : folder for what the hub answers

    Raises
    ------
    InputError
        If the hub or the mirror cannot be asked, or has not this commit.
    """
    name, commit = fetch.settings["huggingface"], fetch.settings["revision"]
    place = f"{HUB}{name}/resolve/{commit}/"
    root = local_path(apply_mirrors(HUB, fetch.mirrors))
    copied = local_path(apply_mirrors(place, fetch.mirrors))
    if root is not None or copied is not None:
        folder = _snapshot(fetch.name, name, commit, root, copied)
        found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        files = {path.as_posix(): None for path in found}
        return Repository(name, commit, f"{folder}/", files)
    return Repository(name, commit, place, _listed(fetch, name, commit, scratch))


def _snapshot(entry: str, name: str, commit: str, root: Path | None, copied: Path | None) -> Path:
    """The folder of a commit in a mirror on this machine."""
    if copied is not None and copied.is_dir():
        return copied
    cached = (root or copied) / f"models--{name.replace('/', '--')}" / "snapshots"
    if (cached / commit).is_dir():
        return cached / commit
    others = sorted(path.name for path in cached.glob("*")) if cached.is_dir() else []
    has = f"It has the commits {', '.join(others)}. " if others else ""
    raise InputError(
        f"pretrained.{entry}: the mirror {root or copied} of the Hugging Face hub has no commit "
        f"{commit} of {name}. {has}Where there is a network, `hf download {name} --revision "
        f"{commit} --cache-dir <folder>` fills a folder that `mirrors` can name for {HUB}."
    )


def _listed(fetch: Fetch, name: str, commit: str, scratch: Path) -> dict[str, str | None]:
    """Files that the hub lists for a commit."""
    address, source = f"{HUB}api/models/{name}/revision/{commit}", f"pretrained.{fetch.name}"
    answer = scratch / "repository.json"
    try:
        asked = apply_mirrors(f"{address}?blobs=true", fetch.mirrors)
        fetch_patiently(asked, answer, source, fetch.retries, fetch.limits)
    except InputError as error:
        raise InputError(
            f"{error} Where the repository is there and the commit is not, its history was "
            "rewritten: see what changed, and give a commit of today as `revision`. One behind a "
            f"login is fetched by hand: `hf download {name} --revision {commit} --cache-dir "
            f"<folder>`, and that folder under `mirrors` for {HUB}."
        ) from None
    said = parse_json(read_text(answer), public_url(address))
    is_listing = isinstance(said, Mapping) and isinstance(said.get("siblings"), list)
    if not is_listing or not all(isinstance(one, Mapping) for one in said["siblings"]):
        raise InputError(f"{source}: {public_url(asked)} did not answer as the hub does.")
    if said.get("sha") != commit:
        raise InputError(
            f"{source}: {name} was asked for commit {commit} and answered with "
            f"{said.get('sha')}: the revision has moved. Nothing was fetched. See what changed, "
            "and give the commit that you mean as `revision`."
        )
    return {
        str(one.get("rfilename")): (one.get("lfs") or {}).get("sha256") for one in said["siblings"]
    }
