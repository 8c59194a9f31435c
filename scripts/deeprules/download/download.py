"""Downloads: whole or absent, pinned by checksum, with a record of where they came from."""

import logging
import os
import re
import time
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pooch

from deeprules.download.addresses import apply_mirrors, local_path, public_url
from deeprules.download.transfers import NETWORK_ERRORS, RetryPolicy, Transfer, fetch, readable_size
from deeprules.errors import InputError
from deeprules.files import file_sha256, read_json, take_name, write_json

log = logging.getLogger("deeprules")

PIN_KEYS = {"source", "url", "version", "sha256", "bytes", "first_downloaded"}
PROJECT = Path(__file__).parents[3] / "pyproject.toml"
DEFAULT_RETRIES = RetryPolicy()
VERSION = tomllib.loads(PROJECT.read_text())["project"]["version"]


def download(
    url: str,
    path: str | os.PathLike,
    *,
    source: str,
    pin_path: str | os.PathLike,
    version: str = "not stated",
    expected_sha256: str | None = None,
    mirrors: Mapping[str, str] | None = None,
    retries: RetryPolicy = DEFAULT_RETRIES,
) -> dict:
    """Download `url` to `path`, check it against its pin and return where it came from.

    `url` is http(s)://, ftp://, file://, a path, or `doi:<doi>/<file>`. The first download
    writes the pin; every later one must have the same SHA-256.

    Raises
    ------
    InputError
        If the file cannot be had, or differs from `expected_sha256` or from the pin.
        `path` and the pin are then as they were.
    """
    path, pin_path = Path(path), Path(pin_path)
    pin = read_pin(pin_path)
    _check_agreement(source, url, expected_sha256, pin, pin_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A fixed name: a run after a killed one writes over what that one left.
    unfinished = path.with_name(f".unfinished-{path.name}")
    try:
        mirrored = apply_mirrors(url, mirrors or {})
        transfer = _fetch_patiently(mirrored, unfinished, source, retries)
        seen = {
            "source": source,
            "url": public_url(url),
            "version": version,
            "sha256": file_sha256(unfinished),
            "bytes": unfinished.stat().st_size,
        }
        _check_content(unfinished, seen, transfer)
        _check_checksum(seen, transfer, expected_sha256, pin, pin_path)
        take_name(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if pin is None:
        write_json(pin_path, {**seen, "first_downloaded": now})
    log.info("%s: %s, SHA-256 %s", source, readable_size(seen["bytes"]), seen["sha256"])
    return {
        "source": source,
        "given_url": public_url(url),
        "final_url": public_url(transfer.final_url),
        "version": version,
        "downloaded": now,
        "bytes": seen["bytes"],
        "sha256": seen["sha256"],
        "pinned_sha256": seen["sha256"],
        "first": pin is None,
        "etag": transfer.etag,
        "last_modified": transfer.last_modified,
        "tools": {"deeprules": VERSION, "pooch": pooch.__version__.removeprefix("v")},
    }


def read_pin(pin_path: str | os.PathLike) -> dict | None:
    """The pin in `pin_path`, or None before the first download."""
    pin_path = Path(pin_path)
    if not pin_path.exists():
        return None
    try:
        pin = read_json(pin_path)
        missing = PIN_KEYS - pin.keys()
    except (InputError, AttributeError):
        missing = PIN_KEYS
    if missing or not re.fullmatch("[0-9a-f]{64}", pin["sha256"]):
        raise InputError(
            f"{pin_path} is not a whole pin. Restore it from version control, or delete it to pin "
            "the file of the next download."
        )
    return pin


def _fetch_patiently(url: str, path: Path, source: str, retries: RetryPolicy) -> Transfer:
    for attempt in range(1, retries.attempts + 1):
        try:
            return fetch(url, path, source=source, retries=retries)
        except NETWORK_ERRORS as error:
            if attempt == retries.attempts:
                raise InputError(
                    f"{source}: {public_url(url)} could not be downloaded in {attempt} attempts. "
                    f"The last one failed with: {error}. Check the address and the connection, or "
                    "name another place to download from under `mirrors` in the config."
                ) from error
            wait = retries.first_wait * 2 ** (attempt - 1)
            log.warning(
                "%s: attempt %d of %d failed (%s); the next one is in %g s",
                *(source, attempt, retries.attempts, error, wait),
            )
            time.sleep(wait)


def _check_agreement(
    source: str, url: str, expected: str | None, pin: dict | None, pin_path: Path
) -> None:
    if pin is None or expected in (None, pin["sha256"]):
        return
    if pin["url"] != public_url(url):
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
        f"{pin['url']} (version {pin['version']}): {pin['sha256']}. If the other file is meant, "
        f"delete {pin_path} and run again; if not, put the former `url` back."
    )


def _check_content(path: Path, seen: dict, transfer: Transfer) -> None:
    with open(path, "rb") as file:
        start = file.read(1024).lstrip().lower()
    is_page = start.startswith((b"<!doctype html", b"<html"))
    if seen["bytes"] == 0 or is_page:
        raise InputError(
            f"{_place(seen, transfer)} is {'a web page' if is_page else 'an empty file'}, not "
            f"data; nothing was kept. {_remedy_of_content(transfer)}"
        )


def _remedy_of_content(transfer: Transfer) -> str:
    if local_path(transfer.final_url):
        return "Check how the file was made or copied, or give the path of another one."
    return (
        "Open the address in a browser: it may be the page about the file, or a login page. Give "
        "the address of the file itself."
    )


def _check_checksum(
    seen: dict, transfer: Transfer, expected: str | None, pin: dict | None, pin_path: Path
) -> None:
    if expected not in (None, seen["sha256"]):
        raise InputError(
            f"{_place(seen, transfer)} is not the file that the config expects; it was not kept. "
            f"Its SHA-256: {seen['sha256']}; in the config: {expected}. Check the address and the "
            "version; if this file is the right one, correct `sha256` in the config"
            f"{'' if pin is None else f' and delete {pin_path}'}."
        )
    if pin is not None and pin["sha256"] != seen["sha256"]:
        if pin["url"] != seen["url"]:
            raise _another_file(_place(seen, transfer), seen["sha256"], pin, pin_path)
        raise InputError(
            f"{_place(seen, transfer)} has changed; the altered file was not kept. "
            f"Its SHA-256: {seen['sha256']}; in {pin_path}, set on {pin['first_downloaded']} from "
            f"{pin['url']} (version {pin['version']}): {pin['sha256']}. Find out why it changed: "
            "another release, a damaged mirror, an edited file. To accept the new file, delete "
            f"{pin_path} and run again."
        )


def _place(seen: dict, transfer: Transfer) -> str:
    """The file as a message names it: source, given and final address."""
    final = public_url(transfer.final_url)
    fetched = "" if final == seen["url"] else f" (fetched from {final})"
    return f"{seen['source']}: {seen['url']}{fetched}"
