"""Downloads: whole or absent, held against their pin, with a record of where they came from."""

import logging
import os
import time
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pooch

from deeprules.addresses import apply_mirrors, local_path, public_text, public_url
from deeprules.download.contents import check_content
from deeprules.download.pins import check_agreement, check_checksum, place_of, read_pin
from deeprules.download.transfers import NETWORK_ERRORS, Transfer, fetch
from deeprules.download.watching import DEFAULT_LIMITS, Limits, RetryPolicy, readable_size
from deeprules.errors import InputError
from deeprules.files import file_sha256, take_name

log = logging.getLogger("deeprules")

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
    was_opened: bool = True,
    may_be_json: bool = False,
    may_be_tagged: bool = False,
    retries: RetryPolicy = DEFAULT_RETRIES,
    limits: Limits = DEFAULT_LIMITS,
) -> dict:
    """Download `url` to `path`, check it against its pin and return where it came from.

    `url` is http(s)://, ftp://, file://, a path, or `doi:<doi>/<file>`. The pin is made by
    `pins.pin_file`, once the file was read; from then on every download must have the same
    SHA-256. Only a file of this machine may be edited until the test set was opened.

    Parameters
    ----------
    was_opened : whether the test set was opened
    may_be_json : whether JSON is what was asked for; elsewhere it is a server's error message
    may_be_tagged : whether it may begin with `<` and be no page; see `check_content`

    Raises
    ------
    InputError
        If the file cannot be had, is cut or no data, or differs from `expected_sha256` or from
        the pin. `path` is then as it was.
    """
    path, pin_path, mirrored = Path(path), Path(pin_path), apply_mirrors(url, mirrors or {})
    pin = read_pin(pin_path)
    may_differ = local_path(mirrored) is not None and not was_opened
    binding = None if may_differ else pin
    check_agreement(source, url, expected_sha256, binding, pin_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A fixed name: a run after a killed one writes over what that one left.
    unfinished = path.with_name(f".unfinished-{path.name}")
    try:
        transfer = fetch_patiently(mirrored, unfinished, source, retries, limits)
        seen = {
            "source": source,
            "url": public_url(url),
            "version": version,
            "sha256": file_sha256(unfinished),
            "bytes": unfinished.stat().st_size,
        }
        place = place_of(seen, transfer.final_url)
        _check_whole(unfinished, place, transfer, limits, may_be_json, may_be_tagged)
        check_checksum(seen, place, expected_sha256, binding, pin_path)
        take_name(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    log.info("%s: %s, SHA-256 %s", source, readable_size(seen["bytes"]), seen["sha256"])
    return {
        "source": source,
        "given_url": seen["url"],
        "final_url": public_url(transfer.final_url),
        "version": version,
        "downloaded": datetime.now(UTC).isoformat(timespec="seconds"),
        "bytes": seen["bytes"],
        "sha256": seen["sha256"],
        "pinned_sha256": seen["sha256"],
        "first": pin is None,
        "replaced_sha256": _replaced(source, pin, seen),
        "etag": transfer.etag,
        "last_modified": transfer.last_modified,
        "tools": {"deeprules": VERSION, "pooch": pooch.__version__.removeprefix("v")},
    }


def _replaced(source: str, pin: dict | None, seen: Mapping) -> str | None:
    """The SHA-256 of the pin that a file of this machine no longer has."""
    if pin is None or pin["sha256"] == seen["sha256"]:
        return None
    log.info(
        "%s: the file has changed since it was pinned (SHA-256 then %s, now %s). The test set was "
        "not opened yet, so it may; once the new file was read, its pin takes the place of the "
        "former one.",
        *(source, pin["sha256"], seen["sha256"]),
    )
    return pin["sha256"]


def _check_whole(path: Path, place: str, transfer: Transfer, limits: Limits, *may_be: bool) -> None:
    """Refuse what is no data or was cut; say so where a cut cannot be told."""
    is_whole = check_content(path, place, transfer.final_url, limits.max_bytes, *may_be)
    if not is_whole and not transfer.has_end:
        log.warning(
            "%s: the server states no length, so a file that was cut would not be noticed. Give "
            "`sha256` in the config if the publisher states it.",
            place,
        )


def fetch_patiently(
    url: str, path: Path, source: str, retries: RetryPolicy, limits: Limits
) -> Transfer:
    """Write the bytes at `url` to `path`, in several attempts; nothing is held against a pin.

    Raises
    ------
    InputError
        If none succeeds; the message names `source`.
    """
    for attempt in range(1, retries.attempts + 1):
        try:
            return fetch(url, path, source=source, retries=retries, limits=limits)
        except NETWORK_ERRORS as error:
            said = public_text(error, url)
            if attempt == retries.attempts:
                raise InputError(
                    f"{source}: {public_url(url)} could not be downloaded in {attempt} attempts. "
                    f"The last one failed with: {said}. Check the address and the connection, or "
                    "name another place to download from under `mirrors` in the config."
                ) from None  # the error's own text holds the address as it is
            wait = retries.first_wait * 2 ** (attempt - 1)
            log.warning(
                "%s: attempt %d of %d failed (%s); the next one is in %g s",
                *(source, attempt, retries.attempts, said, wait),
            )
            time.sleep(wait)
