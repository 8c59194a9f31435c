"""Pins: the SHA-256 that a file has had since it was first read, one file for each source.

A pin is made when a file was read successfully, so that an edit which a message about the file
asked for does not end in a second message. From then on it is binding, but for files on this
machine: those may change until the test set was opened, and the pin says what they were before.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from deeprules.addresses import local_path, public_url
from deeprules.errors import InputError
from deeprules.files import file_sha256, read_json, write_json

PIN_KEYS = {
    **dict.fromkeys(("source", "url", "version", "sha256"), str),
    **{"bytes": int, "first_downloaded": str},
}
"""Keys of a pin and the types of their values."""


def read_pin(pin_path: str | Path) -> dict | None:
    """The pin in `pin_path`, or None before the first download."""
    pin_path = Path(pin_path)
    if not pin_path.exists():
        return None
    try:
        pin = read_json(pin_path)
    except (OSError, ValueError, RecursionError):
        pin = None
    is_whole = isinstance(pin, dict) and set(PIN_KEYS) <= pin.keys()
    is_whole = is_whole and all(isinstance(pin[key], PIN_KEYS[key]) for key in PIN_KEYS)
    is_whole = is_whole and isinstance(pin.get("earlier", []), list)
    if not is_whole or not re.fullmatch("[0-9a-f]{64}", str(pin["sha256"])):
        raise InputError(
            f"{pin_path} is not a whole pin. Restore it from version control, or delete it to pin "
            "the next file that is read."
        )
    return pin


def pin_file(record: Mapping, pin_path: str | Path, path: str | Path | None = None) -> None:
    """Pin a file that was read successfully; a pin of the same file is left as it is.

    Parameters
    ----------
    record : what `download` returned of it
    path : the file, if it is still there: it must be the one that was downloaded

    Raises
    ------
    InputError
        If it is not, or the pin is that of another file.
    """
    pin_path = Path(pin_path)
    if path is not None and file_sha256(path) != record["sha256"]:
        raise InputError(
            f"{path}: is no longer the file that was downloaded (SHA-256 {record['sha256']}). "
            "Delete it and run again."
        )
    pin = read_pin(pin_path)
    if pin is not None and pin["sha256"] == record["sha256"]:
        return
    seen = {"url": record["given_url"], **{key: record[key] for key in ("source", "version")}}
    seen |= {"sha256": record["sha256"], "bytes": record["bytes"]}
    if pin is not None and pin["sha256"] != record.get("replaced_sha256"):
        check_checksum(seen, place_of(seen, record["final_url"]), None, pin, pin_path)
    new = {**seen, "first_downloaded": record["downloaded"]}
    content = {key: new[key] for key in PIN_KEYS}
    if pin is not None:
        former = {key: pin[key] for key in ("sha256", "bytes", "first_downloaded")}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        content["earlier"] = [*pin.get("earlier", []), {**former, "until": now}]
    write_json(pin_path, content)


def local_files(records: Mapping[str, Mapping]) -> dict[str, str]:
    """The path of each source on this machine, by which a person knows it and may edit it.

    Parameters
    ----------
    records : what `download` returned, by source
    """
    urls = {name: (record["given_url"], record["final_url"]) for name, record in records.items()}
    paths = {name: local_path(given) or local_path(final) for name, (given, final) in urls.items()}
    return {name: str(path) for name, path in paths.items() if path is not None}


@contextmanager
def telling_how_to_edit(
    files: Mapping[str, str | Path], local: Mapping[str, str]
) -> Iterator[None]:
    """Around the reading of sources: an error about a copy from elsewhere says how to edit it.

    An edited copy would not be the file that was downloaded, and a second error.

    Parameters
    ----------
    files : the downloaded file of each source
    local : those that lie on this machine, as `local_files` gives them
    """
    try:
        yield
    except InputError as error:
        copies = [str(path) for name, path in files.items() if name not in local]
        named = ", ".join(path for path in copies if path in str(error))
        if not named:
            raise
        raise InputError(
            f"{error}\nTo edit {named}, which came from elsewhere, save it in another folder and "
            "give its path there as the `url` of the source."
        ) from None


def was_opened(ledger: str | Path) -> bool:
    """Whether anything stands in a ledger of openings; whether it is sound is not asked here."""
    kept = [path for path in Path(ledger).rglob("*") if path.suffix in (".jsonl", ".txt")]
    return any(path.is_file() and path.stat().st_size for path in kept)


def check_agreement(
    source: str, url: str, expected: str | None, pin: dict | None, pin_path: Path
) -> None:
    """Refuse a SHA-256 in the config that is not that of the pin, before anything is fetched."""
    if pin is None or expected in (None, pin["sha256"]):
        return
    if public_url(pin["url"]) != public_url(url):
        raise _another_file(f"{source}: {public_url(url)}", expected, pin, pin_path)
    raise InputError(
        f"{source}: the config and the pin disagree. SHA-256 in the config: {expected}; in "
        f"{pin_path}, set on {pin['first_downloaded']}: {pin['sha256']}. If the pin is right, "
        f"correct `sha256` in the config; if the config is right, delete {pin_path}. Then run "
        "again."
    )


def _another_file(place: str, sha256: str, pin: dict, pin_path: Path) -> InputError:
    """The error for a source that is no longer the file of its pin, by its own address."""
    return InputError(
        f"{place}: the source now names another file than the one that is pinned; nothing was "
        f"kept. Its SHA-256: {sha256}; in {pin_path}, set on {pin['first_downloaded']} from "
        f"{public_url(pin['url'])} (version {pin['version']}): {pin['sha256']}. If the other file "
        f"is meant, delete {pin_path} and run again; if not, put the former `url` back."
    )


def check_checksum(
    seen: dict, place: str, expected: str | None, pin: dict | None, pin_path: Path
) -> None:
    """Refuse a file that has not the SHA-256 of the config, or not that of its pin."""
    if expected not in (None, seen["sha256"]):
        raise InputError(
            f"{place} is not the file that the config expects; it was not kept. "
            f"Its SHA-256: {seen['sha256']}; in the config: {expected}. Check the address and the "
            "version; if this file is the right one, correct `sha256` in the config"
            f"{'' if pin is None else f' and delete {pin_path}'}."
        )
    if pin is not None and pin["sha256"] != seen["sha256"]:
        if public_url(pin["url"]) != seen["url"]:
            raise _another_file(place, seen["sha256"], pin, pin_path)
        raise InputError(
            f"{place} has changed; the altered file was not kept. "
            f"Its SHA-256: {seen['sha256']}; in {pin_path}, set on {pin['first_downloaded']} from "
            f"{public_url(pin['url'])} (version {pin['version']}): {pin['sha256']}. Find out why "
            "it changed: another release, a damaged mirror, an edited file. To accept the new "
            f"file, delete {pin_path} and run again."
        )


def place_of(seen: Mapping, final_url: str) -> str:
    """The file as a message names it: source, given and final address."""
    final = public_url(final_url)
    fetched = "" if final == seen["url"] else f" (fetched from {final})"
    return f"{seen['source']}: {seen['url']}{fetched}"
