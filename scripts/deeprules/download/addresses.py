"""Addresses of files: mirrors, paths on this machine, and what of them may be shown.

It needs the standard library alone: the workflow itself imports it before any job.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

SECRET = re.compile(r"((?:^|[&_-])(?:sig|signature|token|key|jwt)=)[^&]*", re.IGNORECASE)


def apply_mirrors(url: str, mirrors: Mapping[str, str]) -> str:
    """`url` with its start replaced by that start's mirror; the longest matching start wins."""
    start = max(filter(url.startswith, mirrors), key=len, default=None)
    return url if start is None else mirrors[start] + url.removeprefix(start)


def local_path(url: str) -> Path | None:
    """The file that a path or a file:// address means; None for any other address."""
    parts = urlsplit(url)
    if parts.scheme not in ("", "file"):
        return None
    return Path(unquote(parts.path) if parts.scheme else url).expanduser()


def public_url(url: str) -> str:
    """`url` without what must not be shown: a password, the signature of a signed address."""
    parts = urlsplit(url)
    if not parts.netloc:
        return url
    query = SECRET.sub(r"\1...", parts.query)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query).geturl()


def public_config(config: Mapping) -> dict:
    """A configuration with every address in it as `public_url` gives it."""
    data = config["data"]
    sources = {
        name: {**source, "url": public_url(source["url"])} if "url" in source else source
        for name, source in data["sources"].items()
    }
    mirrors = {public_url(start): public_url(to) for start, to in config["mirrors"].items()}
    pretrained = {name: _public_origin(entry) for name, entry in config["pretrained"].items()}
    return {
        **config,
        "data": {**data, "sources": sources},
        "mirrors": mirrors,
        "pretrained": pretrained,
    }


def _public_origin(entry: Mapping) -> dict:
    """The entry of a pretrained model with its addresses as `public_url` gives them."""
    places = ("url", "folder", "architecture", "sequences")
    shown = {key: public_url(entry[key]) for key in places if entry.get(key)}
    inner = {"pretrain": _public_origin(entry["pretrain"])} if "pretrain" in entry else {}
    return {**entry, **shown, **inner}
