"""Bring the bytes at an address into a file: http(s), ftp, doi, file:// and plain paths.

pooch's downloaders do the transfers; this module picks one and watches it.
"""

import errno
import ftplib
import logging
import math
import os
import re
import shutil
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pooch
import requests

from deeprules.addresses import local_file, local_files, local_path, public_text, public_url
from deeprules.download.archives import addresses_of_bytes, is_archived
from deeprules.download.bundles import pack
from deeprules.download.watching import (
    BY_HAND,
    DEFAULT_LIMITS,
    Limits,
    LoggedOutput,
    RetryPolicy,
    watched,
)
from deeprules.errors import InputError

log = logging.getLogger("deeprules")

CHUNK_BYTES = 2**18
ASKED_WITH = ("timeout", "headers", "hooks")
"""Options of a transfer with which an archive is asked for its files."""
NETWORK_ERRORS = (
    requests.RequestException,
    ftplib.Error,
    EOFError,
    ConnectionError,
    TimeoutError,
    socket.gaierror,
)
HOPELESS_ERRORS = (
    requests.HTTPError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    requests.TooManyRedirects,
    ftplib.error_perm,
)


@dataclass
class Transfer:
    """What the sender says of the file."""

    final_url: str
    announced_bytes: int | None = None
    has_end: bool = True  # whether a body that was cut would be noticed
    etag: str | None = None
    last_modified: str | None = None

    def note_response(self, response: requests.Response, *_, stream: bool = False, **__) -> None:
        """Keep the headers of the file; a response hook of requests."""
        if response.status_code >= 500 or response.status_code in (408, 425, 429):
            raise requests.ConnectionError(
                f"HTTP {response.status_code} {response.reason} from {public_url(response.url)}"
            )
        if not stream:  # a question to a repository's interface, not the file
            return
        if not response.is_redirect and response.status_code != 200:
            raise requests.HTTPError(response=response)  # a part of the file, or none of it
        self.final_url = response.url
        length = response.headers.get("Content-Length", "").strip()
        is_chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
        if length and not is_chunked and not re.fullmatch("[0-9]{1,18}", length):
            raise requests.exceptions.InvalidHeader(
                f"it states a Content-Length of {length[:40]!r}, which is no number of bytes"
            )
        self.announced_bytes = int(length) if length and not is_chunked else None
        self.has_end = bool(length) or is_chunked
        self.etag = response.headers.get("ETag")
        self.last_modified = response.headers.get("Last-Modified")
        # Some servers call x.gz a compressed "x". requests would store it unpacked: under the
        # name x.gz, and with another checksum than the publisher's.
        response.raw.headers.pop("Content-Encoding", None)


def fetch(
    url: str,
    path: Path,
    *,
    source: str,
    retries: RetryPolicy,
    limits: Limits = DEFAULT_LIMITS,
) -> Transfer:
    """Write the bytes at `url` to `path`, in one attempt.

    After an error, `path` may hold part of the file.

    Raises
    ------
    InputError
        If another attempt would fail as well; the message names `source`.
    OSError, EOFError, ftplib.Error
        One of `NETWORK_ERRORS`, if another attempt may succeed.
    """
    scheme = _scheme(url, source)
    if scheme not in TRANSPORTS:
        raise InputError(
            f"{source}: cannot download {public_url(url)}, because {scheme}:// is not supported. "
            f"Give http(s)://, ftp://, file://, doi:<doi>/<file> or a path; or {BY_HAND}."
        )
    transfer = Transfer(final_url=url)
    log.info("%s: downloading %s", source, public_url(url))
    try:
        with open(path, "wb") as file:
            seconds = math.inf if sys.stderr.isatty() else 30.0
            output = LoggedOutput(file, source, transfer, seconds, limits)
            with watched(output, retries):
                TRANSPORTS[scheme](url, output, transfer, retries)
    except HOPELESS_ERRORS as error:
        # Without its cause, whose text holds the address as it is.
        raise InputError(f"{source}: {public_url(url)} {_refusal(error, url)}.") from None
    except ValueError as error:
        if isinstance(error, InputError | requests.RequestException):
            raise
        raise _no_address(url, source) from None  # its text may hold a part of the address
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EIO):
            raise
        raise InputError(
            f"{source}: {public_url(url)} could not be copied to {path.parent}: {error.strerror}. "
            "Look at the rights of the file and the room on the disk."
        ) from None
    if transfer.announced_bytes not in (None, output.bytes):
        raise ConnectionError(
            f"{output.bytes} of the announced {transfer.announced_bytes} bytes arrived"
        )
    return transfer


def _scheme(url: str, source: str) -> str:
    """The scheme of an address, whose parts can be told apart."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _no_address(url, source) from None
    return parts.scheme


def _no_address(url: str, source: str) -> InputError:
    return InputError(
        f"{source}: {public_url(url)} is not an address, or leads to one that is not: its host or "
        "port cannot be read. Check the address."
    )


def _http_options(transfer: Transfer, retries: RetryPolicy) -> dict:
    return {
        "progressbar": sys.stderr.isatty(),
        "chunk_size": CHUNK_BYTES,
        "timeout": (retries.connect_timeout, retries.read_timeout),
        "headers": {
            "User-Agent": f"deeprules (pooch {pooch.__version__})",
            "Accept-Encoding": "identity",
        },
        "hooks": {"response": transfer.note_response},
    }


def _from_http(url: str, output: LoggedOutput, transfer: Transfer, retries: RetryPolicy) -> None:
    """The bytes at a web address, or those that a DOI or the page of an archive means."""
    options = _http_options(transfer, retries)
    addresses = [url]
    if urlsplit(url).scheme == "doi" or is_archived(url):
        addresses = addresses_of_bytes(
            url, output.source, {key: options[key] for key in ASKED_WITH}
        )
        log.info("%s: %s is at %s", output.source, public_url(url), public_url(addresses[0]))
    *others, last = addresses
    for address in others:
        with suppress(requests.HTTPError):
            pooch.HTTPDownloader(**options)(address, output, None)
            return
    pooch.HTTPDownloader(**options)(last, output, None)


def _from_ftp(url: str, output: LoggedOutput, transfer: Transfer, retries: RetryPolicy) -> None:
    parts = urlsplit(url)
    port = parts.port or ftplib.FTP_PORT
    user, password = unquote(parts.username or "anonymous"), unquote(parts.password or "")
    with ftplib.FTP(timeout=retries.connect_timeout) as ftp:
        ftp.connect(parts.hostname, port)
        ftp.login(user, password)
        ftp.voidcmd("TYPE I")
        with suppress(ftplib.error_perm):  # not every server answers SIZE and MDTM
            transfer.announced_bytes = ftp.size(parts.path)
            changed = ftp.voidcmd(f"MDTM {parts.path}").split()[1][:14]
            changed = datetime.strptime(changed, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            transfer.last_modified = format_datetime(changed, usegmt=True)
    # pooch takes the whole of user@host:port for the name of the host.
    pooch.FTPDownloader(
        port=port,
        username=user,
        password=password,
        timeout=retries.read_timeout,
        progressbar=sys.stderr.isatty() and transfer.announced_bytes is not None,
        chunk_size=CHUNK_BYTES,
    )(parts._replace(netloc=parts.hostname).geturl(), output, None)


def _from_disk(url: str, output: LoggedOutput, transfer: Transfer, retries: RetryPolicy) -> None:
    parts = urlsplit(url)
    if parts.scheme and parts.netloc not in ("", "localhost"):
        host = parts.netloc.rpartition("@")[2]
        raise InputError(
            f"{output.source}: {public_url(url)} names the host {host!r}. Write "
            "file:///its/absolute/path with three slashes, or the path alone."
        )
    files = local_files(url)
    if files:
        transfer.final_url = pack(files, output).as_uri()
        log.info("%s: %d files were put into one", output.source, len(files))
        return
    path = local_file(url)
    if path is None:
        found = str(local_path(url))
        is_special = os.path.exists(found) and not os.path.isdir(found)
        raise InputError(
            f"{output.source}: {f'{found} is a device or a pipe, and' if is_special else ''} there "
            f"is no file {Path(found).absolute()} (from the url {url!r}). Relative paths are "
            "from the working directory."
        )
    facts = path.stat()
    transfer.final_url = path.as_uri()
    transfer.announced_bytes = facts.st_size
    transfer.last_modified = formatdate(facts.st_mtime, usegmt=True)
    with open(path, "rb") as file:
        shutil.copyfileobj(file, output, CHUNK_BYTES)


TRANSPORTS = {
    "http": _from_http,
    "https": _from_http,
    "ftp": _from_ftp,
    "doi": _from_http,
    "file": _from_disk,
    "": _from_disk,
}


def _refusal(error: Exception, url: str) -> str:
    """What a definite no of the server means and what to do, as the end of a sentence."""
    if not isinstance(error, requests.HTTPError):
        return f"cannot be read: {public_text(error, url)}. Check the address"
    status = f"HTTP {error.response.status_code} {error.response.reason}"
    if error.response.status_code in (401, 403):
        return f"is not open to everyone ({status}). If you may have it, {BY_HAND}"
    return f"cannot be had ({status}). Check the address and the version"
