"""Bring the bytes at an address into a file: http(s), ftp, doi, file:// and plain paths.

pooch's downloaders do the transfers; this module picks one and watches it.
"""

import ftplib
import logging
import math
import re
import shutil
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pooch
import requests

from deeprules.download.addresses import local_path, public_url
from deeprules.errors import InputError

log = logging.getLogger("deeprules")

CHUNK_BYTES = 2**18
DOI = re.compile(r"doi:10\.\d{4,9}(\.\d+)*/[^/]+/.+")
DRYAD = "doi:10.5061/"
BY_HAND = "download the file by hand and give its path, or file:///its/absolute/path, as `url`"
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
    requests.TooManyRedirects,
    ftplib.error_perm,
)


@dataclass(frozen=True)
class RetryPolicy:
    """How often to try and how long to wait, in seconds; each wait is twice the one before."""

    attempts: int = 5
    first_wait: float = 5.0
    connect_timeout: float = 15.0
    read_timeout: float = 60.0


@dataclass
class Transfer:
    """What the sender says of the file."""

    final_url: str
    announced_bytes: int | None = None
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
        self.final_url = response.url
        length = response.headers.get("Content-Length")
        self.announced_bytes = None if length is None else int(length)
        self.etag = response.headers.get("ETag")
        self.last_modified = response.headers.get("Last-Modified")
        # Some servers call x.gz a compressed "x". requests would store it unpacked: under the
        # name x.gz, and with another checksum than the publisher's.
        response.raw.headers.pop("Content-Encoding", None)


class LoggedOutput:
    """An open file for pooch to write to, which logs its size every `seconds`."""

    def __init__(self, file, source: str, transfer: Transfer, seconds: float):
        self.file, self.source, self.transfer, self.seconds = file, source, transfer, seconds
        self.bytes = 0
        self.last_line = time.monotonic()

    def write(self, data: bytes) -> None:
        self.file.write(data)
        self.bytes += len(data)
        if time.monotonic() - self.last_line >= self.seconds:
            self.last_line = time.monotonic()
            total = self.transfer.announced_bytes
            of_total = "" if total is None else f" of {readable_size(total)}"
            log.info("%s: %s%s", self.source, readable_size(self.bytes), of_total)

    def flush(self) -> None:
        self.file.flush()


def fetch(url: str, path: Path, *, source: str, retries: RetryPolicy) -> Transfer:
    """Write the bytes at `url` to `path`, in one attempt.

    After an error, `path` may hold part of the file.

    Raises
    ------
    InputError
        If another attempt would fail as well; the message names `source`.
    OSError, EOFError, ftplib.Error
        One of `NETWORK_ERRORS`, if another attempt may succeed.
    """
    scheme = urlsplit(url).scheme
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
            output = LoggedOutput(file, source, transfer, seconds)
            TRANSPORTS[scheme](url, output, transfer, retries)
    except HOPELESS_ERRORS as error:
        raise InputError(f"{source}: {public_url(url)} {_refusal(error)}.") from error
    if transfer.announced_bytes not in (None, output.bytes):
        raise ConnectionError(
            f"{output.bytes} of the announced {transfer.announced_bytes} bytes arrived"
        )
    return transfer


def readable_size(size: int) -> str:
    """A number of bytes, for people."""
    return f"{size:,} bytes" if size < 100_000 else f"{size / 1e6:,.1f} MB"


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
    if urlsplit(url).hostname in ("doi.org", "dx.doi.org", "www.doi.org"):
        raise InputError(
            f"{output.source}: {url} is the page of a DOI, not a file. Give doi:<doi>/<file>."
        )
    pooch.HTTPDownloader(**_http_options(transfer, retries))(url, output, None)


def _from_doi(url: str, output: LoggedOutput, transfer: Transfer, retries: RetryPolicy) -> None:
    works = f"Zenodo, figshare and Dataverse work, as doi:<doi>/<file>; from elsewhere, {BY_HAND}"
    if not DOI.fullmatch(url):
        raise InputError(f"{output.source}: {url!r} is not of the form doi:<doi>/<file>. {works}.")
    if url.startswith(DRYAD):
        raise InputError(f"{output.source}: {url} is at Dryad, which cannot be read. {works}.")
    try:
        pooch.DOIDownloader(**_http_options(transfer, retries))(url, output, None)
    except requests.RequestException:
        raise
    except ValueError as error:
        reason = str(error).partition(". ")[0].rstrip(".")
        raise InputError(f"{output.source}: {url} was not found: {reason}. {works}.") from error
    except (KeyError, IndexError) as error:
        raise InputError(
            f"{output.source}: the repository of {url} lists no files. Check the DOI. {works}."
        ) from error


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
        raise InputError(
            f"{output.source}: {url} names the host {parts.netloc!r}. Write "
            "file:///its/absolute/path with three slashes, or the path alone."
        )
    path = local_path(url).resolve()
    if not path.is_file():
        raise InputError(
            f"{output.source}: there is no file {path} (from the url {url!r}). Relative paths are "
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
    "doi": _from_doi,
    "file": _from_disk,
    "": _from_disk,
}


def _refusal(error: Exception) -> str:
    """What a definite no of the server means and what to do, as the end of a sentence."""
    if not isinstance(error, requests.HTTPError):
        return f"cannot be read: {error}. Check the address"
    status = f"HTTP {error.response.status_code} {error.response.reason}"
    if error.response.status_code in (401, 403):
        return f"is not open to everyone ({status}). If you may have it, {BY_HAND}"
    return f"cannot be had ({status}). Check the address and the version"
