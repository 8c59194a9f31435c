"""Addresses of files: mirrors, paths on this machine, and what of them may be shown.

It needs the standard library alone: the workflow itself imports it before any job.
"""

import functools
import glob
import re
from collections.abc import Callable, Mapping
from hashlib import blake2b
from pathlib import Path
from urllib.parse import unquote, unquote_plus, urlsplit

SHOWN_OF_QUERY = {
    *("acc", "accession", "assembly", "build", "chromosome", "compression", "dataset", "db", "dl"),
    *("doi", "download", "end", "export", "field", "fields", "file", "fileid", "filename"),
    *("format", "genome", "gid", "id", "ids", "limit", "name", "organism", "page"),
    *(
        "persistentid",
        "raw",
        "ref",
        "release",
        "result",
        "retmode",
        "rettype",
        "sheet",
        "size",
        "species",
        "start",
    ),
    *("table", "taxid", "taxon", "term", "track", "type", "v", "version"),
}
"""Parts of a query that say which file is meant; any other may be a key to it."""

HIDDEN = "..."
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>`]*[^\s'\"<>`,.;:)\]]")
REST_OF_QUERY = re.compile(r"\?[^\s?'\"<>`)]*=[^\s'\"<>`)]*")
PARAMETERS = re.compile(r"([;&=?]|%3[bdf]|%26)([^/]+)", re.IGNORECASE)
"""Parameters within a name in a path, or within a value of a query: they may be a key as well."""
MIN_LETTERS = 4
"""Letters from which on a secret is looked for in a text; a shorter one would match anywhere."""


def apply_mirrors(url: str, mirrors: Mapping[str, str]) -> str:
    """`url` with its start replaced by that start's mirror; the longest matching start wins."""
    start = max(filter(url.startswith, mirrors), key=len, default=None)
    return url if start is None else mirrors[start] + url.removeprefix(start)


def local_path(url: str) -> Path | None:
    """The file that a path or a file:// address means; None for any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("", "file"):
        return None
    path = Path(unquote(parts.path) if parts.scheme else url)
    try:
        return path.expanduser()
    except RuntimeError:  # ~name of nobody
        return path


def local_file(url: str) -> Path | None:
    """The plain file on this machine that an address means, its links followed.

    None for other addresses, and where there is none: no device, pipe, folder or circle of links.
    """
    path = local_path(url)
    try:
        return path.resolve() if path is not None and path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # no permission, a circle, a zero byte
        return None


def local_files(url: str) -> list[Path]:
    """The files on this machine that a folder, or a pattern such as `counts/*.tab`, means, sorted.

    Empty for other addresses, and for one plain file. Hidden files are left out.
    """
    path = local_path(url)
    if path is None or local_file(url) is not None:
        return []
    try:
        pattern = glob.iglob(str(path), recursive=True)
        found = path.rglob("*") if path.is_dir() else map(Path, pattern)
        return sorted(file for file in found if file.is_file() and not file.name.startswith("."))
    except (OSError, RuntimeError, ValueError):  # as in `local_file`
        return []


def public_url(url: str) -> str:
    """What may be shown of an address: no password, and no part of it that may be a key.

    Scheme, host, port and path are shown, of the query what stands in `SHOWN_OF_QUERY`, and of
    the fragment nothing (but the folder of a repository). A path on this machine stays as it is.
    """
    try:
        parts = urlsplit(url)
        is_path = parts.scheme in ("", "file") and not parts.netloc
        if is_path:
            return url
        if not parts.netloc and parts.scheme != "doi":
            return f"{parts.scheme}:{HIDDEN}"
        _ = parts.port  # a ValueError if a password stands in its place
    except ValueError:
        return HIDDEN
    return parts._replace(
        netloc=parts.netloc.rpartition("@")[2],
        path=_public_path(parts.path) if parts.netloc else parts.path,
        query=_public_query(parts.query),
        fragment=_public_path(parts.fragment) if parts.scheme.startswith("git+") else "",
    ).geturl()


def public_text(text: object, *urls: str) -> str:
    """A text of someone else's, such as an error, with nothing secret of any address in it.

    Parameters
    ----------
    urls : addresses whose secrets are looked for by themselves as well
    """
    shown = ADDRESS.sub(lambda match: public_url(match[0]), str(text))
    shown = REST_OF_QUERY.sub(lambda match: f"?{_public_query(match[0][1:])}", shown)
    for secret in sorted(set().union(*map(_secrets, urls)), key=len, reverse=True):
        shown = shown.replace(secret, HIDDEN)
    return shown


def marked_url(url: str) -> str:
    """`public_url`, with a mark of the whole where something is hidden: it shows a change only.

    Eight digits tell one address from the next, and too little to find a password by.
    """
    public = public_url(url)
    if public == url:
        return url
    return f"{public} [{blake2b(url.encode('utf-8', 'surrogatepass'), digest_size=4).hexdigest()}]"


def _public_path(path: str) -> str:
    """A path without what stands behind a mark of parameters in the name of a file or folder."""
    return PARAMETERS.sub(lambda match: match[1] + HIDDEN, path)


def _public_query(query: str) -> str:
    """The parts of a query that may be shown, and once that others are hidden."""
    kept = []
    for part in query.split("&"):
        shown = part if _is_public(part) or not part else HIDDEN
        if shown != HIDDEN or HIDDEN not in kept:
            kept.append(shown)
    return "&".join(kept)


def _is_public(part: str) -> bool:
    """Whether a part of a query may be shown: its name is known, and no other part is in it."""
    name, _, value = part.partition("=")
    return name.lower() in SHOWN_OF_QUERY and not PARAMETERS.search(value)


def _secrets(url: str) -> set[str]:
    """What is hidden of an address, as it stands there and decoded."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return set()
    if not parts.netloc and parts.scheme != "doi":
        return set()
    found = set(parts.netloc.rpartition("@")[0].split(":", 1)) | {parts.fragment}
    found |= {match[2] for match in PARAMETERS.finditer(parts.path)}
    for part in parts.query.split("&"):
        if not _is_public(part):
            name, _, value = part.partition("=")
            found |= {value or name, *re.split(PARAMETERS.pattern, value)[2::3]}
    found |= {unquote_plus(secret) for secret in found}
    return {secret for secret in found if len(secret) >= MIN_LETTERS and secret != HIDDEN}


def public_config(config: Mapping) -> dict:
    """A configuration with every address in it as `public_url` gives it."""
    data, mirrors = config["data"], public_mirrors(config["mirrors"])
    sources = {name: public_origin(source) for name, source in data["sources"].items()}
    pretrained = {name: public_origin(entry) for name, entry in config["pretrained"].items()}
    return {
        **config,
        "data": {**data, "sources": sources},
        "mirrors": mirrors,
        "pretrained": pretrained,
    }


def address_at(config: Mapping, place: str) -> str:
    """The address at a place of the configuration, `key/key/...`, as it is, with its secrets."""
    return functools.reduce(lambda entry, key: entry[key], place.split("/"), config)


def public_mirrors(mirrors: Mapping[str, str], show: Callable[[str], str] = public_url) -> dict:
    """Mirrors with every address as `show` gives it."""
    return {show(start): show(to) for start, to in mirrors.items()}


def public_origin(entry: Mapping, show: Callable[[str], str] = public_url) -> dict:
    """The entry of a source or a pretrained model with its addresses as `show` gives them."""
    places = ("url", "folder", "architecture", "sequences")
    shown = {key: show(entry[key]) for key in places if entry.get(key)}
    inner = {"pretrain": public_origin(entry["pretrain"], show)} if "pretrain" in entry else {}
    return {**entry, **shown, **inner}
