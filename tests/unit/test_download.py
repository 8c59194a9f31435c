"""Downloads against servers on localhost, with the faults planted."""

import gzip
import hashlib
import json
import logging
import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pooch
import pytest
from local_server import READS, Answer, LocalFTPServer

from deeprules.addresses import (
    apply_mirrors,
    local_path,
    public_config,
    public_text,
    public_url,
)
from deeprules.download.download import download
from deeprules.download.pins import pin_file, read_pin
from deeprules.download.transfers import Transfer
from deeprules.download.watching import LoggedOutput, RetryPolicy
from deeprules.errors import InputError

OTHER = READS.replace(b"TTGCA", b"TTGCC", 1)
pytestmark = pytest.mark.usefixtures("working_directory")

QUICK = RetryPolicy(attempts=3, first_wait=0.01, connect_timeout=5, read_timeout=5)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


DATA = Path("resources/downloads/reads/reads.fa")
PIN = Path("records/checksums/reads.json")


def get(url, **settings):
    """A download whose file was then read."""
    settings = {"source": "reads", "pin_path": PIN, "retries": QUICK} | settings
    record = download(url, DATA, **settings)
    pin_file(record, PIN, DATA)
    return record


def refusal(url, **settings):
    """The message of a download that must fail, leaving neither file, part of one, nor pin."""
    with pytest.raises(InputError) as error:
        get(url, **settings)
    assert list(DATA.parent.iterdir()) == []
    assert not PIN.exists()
    return str(error.value)


# ---- provenance and pin


def test_first_download_is_recorded_and_pinned(server):
    facts = {"ETag": '"abc"', "Last-Modified": "Wed, 01 Jan 2020 00:00:00 GMT"}
    url = server.answer("/reads.fa", Answer(READS, headers=facts))
    record = get(url, version="v7")
    assert DATA.read_bytes() == READS
    moment = record.pop("downloaded")
    assert moment.endswith("+00:00")
    assert record.pop("tools").keys() == {"deeprules", "pooch"}
    assert record == {
        "source": "reads",
        "given_url": url,
        "final_url": url,
        "version": "v7",
        "bytes": len(READS),
        "sha256": sha256(READS),
        "pinned_sha256": sha256(READS),
        "first": True,
        "replaced_sha256": None,
        "etag": '"abc"',
        "last_modified": "Wed, 01 Jan 2020 00:00:00 GMT",
    }
    assert json.loads(PIN.read_text()) == {
        "source": "reads",
        "url": url,
        "version": "v7",
        "sha256": sha256(READS),
        "bytes": len(READS),
        "first_downloaded": moment,
    }


def test_same_content_again_leaves_the_pin_alone(server):
    url = server.answer("/reads.fa", READS)
    get(url)
    pin = PIN.read_bytes()
    record = get(url)
    assert record["first"] is False
    assert record["pinned_sha256"] == sha256(READS)
    assert PIN.read_bytes() == pin


def test_changed_file_is_refused_and_named(server):
    url = server.answer("/reads.fa", READS, OTHER)
    get(url)
    pin = PIN.read_bytes()
    DATA.unlink()
    with pytest.raises(InputError) as error:
        get(url)
    date = json.loads(pin)["first_downloaded"]
    for part in (sha256(READS), sha256(OTHER), url, str(PIN), date, "delete"):
        assert part in str(error.value)
    assert list(DATA.parent.iterdir()) == []
    assert PIN.read_bytes() == pin


@pytest.mark.parametrize("expected", [None, sha256(OTHER)])
def test_another_address_with_another_file_is_not_called_a_change(server, expected):
    first = server.answer("/reads.fa", READS)
    get(first)
    with pytest.raises(InputError, match="now names another file") as error:
        get(server.answer("/v2/reads.fa", OTHER), expected_sha256=expected)
    for part in (sha256(READS), sha256(OTHER), first, "/v2/reads.fa", f"delete {PIN}"):
        assert part in str(error.value)
    assert "has changed" not in str(error.value)
    assert DATA.read_bytes() == READS


def test_checksum_of_the_config_to_correct_takes_the_pin_with_it(server):
    url = server.answer("/reads.fa", READS, OTHER)
    get(url)
    with pytest.raises(InputError, match=f"correct `sha256` in the config and delete {PIN}"):
        get(url, expected_sha256=sha256(READS))


def test_changed_file_does_not_replace_the_one_at_hand(server):
    url = server.answer("/reads.fa", READS, OTHER)
    get(url)
    with pytest.raises(InputError, match="has changed"):
        get(url)
    assert DATA.read_bytes() == READS


def test_deleting_the_pin_accepts_the_new_file(server):
    url = server.answer("/reads.fa", READS, OTHER)
    get(url)
    PIN.unlink()
    assert get(url)["first"] is True
    assert read_pin(PIN)["sha256"] == sha256(OTHER)


def test_checksum_of_the_config_is_checked(server):
    url = server.answer("/reads.fa", READS)
    message = refusal(url, expected_sha256=sha256(OTHER))
    assert sha256(READS) in message and sha256(OTHER) in message and url in message
    assert get(url, expected_sha256=sha256(READS))["first"] is True


def test_pin_and_config_that_disagree_stop_before_the_download(server):
    url = server.answer("/reads.fa", READS)
    get(url)
    with pytest.raises(InputError) as error:
        get(url, expected_sha256=sha256(OTHER))
    assert sha256(READS) in str(error.value) and sha256(OTHER) in str(error.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("content", ["<<<<<<< ours", "[]", '{"sha256": "abc"}'])
def test_damaged_pin_is_named(server, content):
    PIN.parent.mkdir(parents=True)
    PIN.write_text(content)
    with pytest.raises(InputError, match=r"reads\.json is not a whole pin"):
        get(server.answer("/reads.fa", READS))
    assert server.requests == []


# ---- mirrors, redirects, addresses


def test_longest_mirror_wins():
    mirrors = {"https://a.org/": "ftp://b.org/", "https://a.org/data/": "/srv/data/"}
    assert apply_mirrors("https://a.org/data/x.fa", mirrors) == "/srv/data/x.fa"
    assert apply_mirrors("https://a.org/x.fa", mirrors) == "ftp://b.org/x.fa"
    assert apply_mirrors("https://c.org/x.fa", mirrors) == "https://c.org/x.fa"


def test_mirror_and_redirect_are_recorded(server):
    server.answer("/old/reads.fa", Answer(status=302, headers={"Location": "/new/reads.fa"}))
    final = server.answer("/new/reads.fa", Answer(READS, headers={"ETag": "new"}))
    given = "https://unreachable.invalid/reads.fa"
    record = get(given, mirrors={"https://unreachable.invalid/": server.url("/old/")})
    assert (record["given_url"], record["final_url"]) == (given, final)
    assert record["etag"] == "new"
    assert read_pin(PIN)["url"] == given


@pytest.mark.parametrize(
    "location", ["http://[", "http://127.0.0.1:99999/", "http://.../?t=secret", "\xff"]
)
def test_a_redirect_to_what_is_no_address_is_told(server, location):
    url = server.answer("/x.fa", Answer(status=302, headers={"Location": location}))
    message = refusal(url)
    assert "Check the address" in message and "secret" not in message


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:secret@a.org:81/x?y=1", "https://a.org:81/x?..."),
        (
            "https://a.org/x?id=1&X-Amz-Signature=0f&b=2&file=y#token=5",
            "https://a.org/x?id=1&...&file=y",
        ),
        ("https://a.org/x;jsessionid=secret/y", "https://a.org/x;.../y"),
        ("https://a.org/key=secret/y&t=secret", "https://a.org/key=.../y&..."),
        ("https://a.org/x%3Ftoken=secret", "https://a.org/x%3F..."),
        ("https://a.org/x?id=1;token=secret", "https://a.org/x?..."),
        ("https://a.org/x?id=1%26token=secret&file=x%3Ft%3Dsecret", "https://a.org/x?..."),
        ("https://a.org/geo/?acc=GSE1&file=GSE1%5FRAW.tar", None),
        ("https://me:secret/x.fa", "..."),
        ("git+ssh://a.org/r@0f#M?token=secret", "git+ssh://a.org/r@0f#M?..."),
        ("git+https://me:secret@a.org/r@0f#zoo/M", "git+https://a.org/r@0f#zoo/M"),
        ("me:secret@a.org/x", "me:..."),
        ("http://[secret", "..."),
        ("doi:10.5281/zenodo.1/x", "doi:10.5281/zenodo.1/x"),
        ("data/x.fa", "data/x.fa"),
    ],
)
def test_secrets_are_not_recorded(url, shown):
    shown = shown or url
    assert public_url(url) == shown
    assert public_url(shown) == shown
    asked = url.partition("a.org")[2]  # as errors of a connection show it
    assert "secret" not in public_text(f"no answer to {asked}", url)


def test_secrets_are_not_written_with_the_configuration():
    secret, token = "https://me:secret@a.org/x", "https://a.org/y?token=secret"
    sources = {"one": {"url": secret}, "two": {"url": token}, "three": {"simulate": {}}}
    config = {"seed": 1, "data": {"task": "binary", "sources": sources}, "mirrors": {secret: token}}
    config["pretrained"] = {
        "net": {"url": token, "architecture": secret, "trust": False},
        "own": {"pretrain": {"sequences": token}},
    }
    shown = public_config(config)
    assert "secret" not in json.dumps(shown)
    assert shown["data"]["sources"]["three"] == {"simulate": {}} and shown["seed"] == 1
    assert config["data"]["sources"]["one"]["url"] == secret


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("data/my x.fa", "data/my x.fa"),
        ("file:///data/my%20x.fa", "/data/my x.fa"),
        ("https://a.org/x.fa", None),
        ("doi:10.5281/zenodo.1/x", None),
    ],
)
def test_paths_on_this_machine(url, path):
    assert local_path(url) == (path and Path(path))


def test_bytes_are_kept_as_sent(server):
    packed = gzip.compress(READS)
    url = server.answer("/reads.fa.gz", Answer(packed, headers={"Content-Encoding": "gzip"}))
    get(url)
    assert DATA.read_bytes() == packed
    assert server.requests[0][1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><p>Log in", b"\n<HTML>", b""])
def test_page_or_nothing_instead_of_data(server, body):
    message = refusal(server.answer("/reads.fa", body))
    assert "web page" in message if body else "empty file" in message


def test_an_empty_local_file_is_not_blamed_on_a_page(tmp_path):
    (tmp_path / "reads.fa").touch()
    message = refusal("reads.fa")
    assert "an empty file" in message and "browser" not in message and "copied" in message


# ---- faults of the connection


def test_dropped_connection_restarts_cleanly(server):
    url = server.answer("/reads.fa", Answer(READS, stop_after=300_000), OTHER)
    get(url)
    assert DATA.read_bytes() == OTHER
    assert len(server.requests) == 2


def test_connection_that_always_drops(server):
    url = server.answer("/reads.fa", Answer(READS, stop_after=300_000))
    message = refusal(url)
    assert "3 attempts" in message and "mirrors" in message and url in message
    assert len(server.requests) == 3


def test_busy_server_is_asked_again_with_growing_waits(server, caplog):
    url = server.answer("/reads.fa", Answer(status=503), Answer(status=429), READS)
    with caplog.at_level(logging.WARNING):
        get(url)
    assert [line.split()[-2] for line in caplog.messages] == ["0.01", "0.02"]
    assert DATA.read_bytes() == READS


def test_server_that_stays_busy(server):
    assert "HTTP 503" in refusal(server.answer("/reads.fa", Answer(status=503)))
    assert len(server.requests) == 3


@pytest.mark.parametrize(("status", "words"), [(404, "Check the address"), (403, "by hand")])
def test_definite_no_is_not_asked_again(server, status, words):
    message = refusal(server.answer("/reads.fa", Answer(status=status)))
    assert f"HTTP {status}" in message and words in message
    assert len(server.requests) == 1


def test_endless_redirect_is_not_asked_again(server):
    url = server.answer("/reads.fa", Answer(status=302, headers={"Location": "/reads.fa"}))
    assert "cannot be read" in refusal(url)
    assert len(server.requests) == 31


def test_silent_server_times_out_and_is_asked_again(server):
    url = server.answer("/reads.fa", Answer(READS, stall=5), READS)
    get(url, retries=RetryPolicy(first_wait=0.01, read_timeout=0.2))
    assert DATA.read_bytes() == READS


def test_slow_server_is_waited_for(server):
    get(server.answer("/reads.fa", Answer(READS, stall=0.3, announce=False)))
    assert DATA.read_bytes() == READS
    assert len(server.requests) == 1


def test_nobody_listens(server):
    url = server.url("/reads.fa").replace(str(server._server.server_port), "9")
    assert "3 attempts" in refusal(url)


LIBRARY = Path(__file__).parents[2] / "scripts"


def start_process(url, **streams):
    """A download of `url` in a process of its own."""
    code = (
        "from deeprules.download.download import download\n"
        f"download({url!r}, {str(DATA)!r}, source='reads', pin_path={str(PIN)!r})"
    )
    environment = os.environ | {"PYTHONPATH": str(LIBRARY)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, **streams)


def test_killed_download_leaves_nothing_that_looks_whole(server):
    url = server.answer("/reads.fa", Answer(READS, stall=30), READS)
    process = start_process(url)
    assert server.halfway.wait(30)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not DATA.exists() and not PIN.exists()
    assert len(list(DATA.parent.iterdir())) == 1  # a hidden part, under another name
    assert get(url)["first"] is True
    assert DATA.read_bytes() == READS
    assert list(DATA.parent.iterdir()) == [DATA]


# ---- progress


def test_size_is_logged_now_and_then(tmp_path, caplog):
    transfer = Transfer("", announced_bytes=4_000_000)
    with caplog.at_level(logging.INFO), open(tmp_path / "x", "wb") as file:
        LoggedOutput(file, "reads", transfer, seconds=3600).write(b"a" * 1_000_000)
        LoggedOutput(file, "reads", transfer, seconds=0).write(b"a" * 1_000_000)
        LoggedOutput(file, "reads", Transfer(""), seconds=0).write(b"a" * 5_000)
    assert caplog.messages == ["reads: 1.0 MB of 4.0 MB", "reads: 5,000 bytes"]


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_bar_on_a_terminal_only(server, terminal):
    url = server.answer("/reads.fa", READS)
    reader, writer = pty.openpty() if terminal else os.pipe()
    if terminal:
        termios.tcsetwinsize(writer, (24, 80))
    with open(reader, "rb", 0) as shown:
        assert start_process(url, stderr=writer).wait() == 0
        os.write(writer, b"end")
        assert (b"100%" in shown.read(65536)) is terminal
    os.close(writer)


# ---- other schemes


def test_local_files_as_path_and_url(tmp_path):
    file = tmp_path / "my reads.fa"
    file.write_bytes(READS)
    os.utime(file, (0, 0))
    record = get("my reads.fa")
    assert DATA.read_bytes() == READS
    assert record["final_url"] == file.as_uri()
    assert record["last_modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert get(file.as_uri())["first"] is False


def test_local_file_that_was_edited_is_refused(tmp_path):
    (tmp_path / "reads.fa").write_bytes(READS)
    get("reads.fa")
    (tmp_path / "reads.fa").write_bytes(OTHER)
    with pytest.raises(InputError, match="has changed"):
        get("reads.fa")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("data/none.fa", "there is no file /"),
        ("file:///none.fa", "there is no file /none.fa"),
        (".", "there is no file"),
        ("file://data/reads.fa", "three slashes"),
        ("s3://bucket/reads.fa", "s3:// is not supported"),
        ("http://[::1/reads.fa", "its host or port cannot be read"),
        ("http://a..b/reads.fa", "its host or port cannot be read"),
        ("ftp://me:secret@127.0.0.1:99999/reads.fa", "its host or port cannot be read"),
        ("ftp://me:secret/reads.fa", "its host or port cannot be read"),
        ("doi://10.5281/zenodo.4924875/x.fa", "not of the form"),
        ("doi:zenodo.4924875/x.fa", "not of the form"),
    ],
)
def test_addresses_that_cannot_work(url, words):
    assert words in refusal(url)


@pytest.fixture
def dataverse(server, monkeypatch):
    """The server as a Dataverse to which every DOI leads."""
    monkeypatch.setattr(pooch.downloaders, "doi_to_url", lambda doi, **_: server.url("/page"))
    return server


DATAVERSE_FILES = json.dumps(
    {
        "data": {
            "latestVersion": {
                "files": [{"dataFile": {"filename": "reads.fa", "id": 5, "md5": "0"}}]
            }
        }
    }
).encode()
LISTING = "/api/datasets/:persistentId"


def test_doi_is_resolved_by_its_repository(dataverse):
    packed = Answer(gzip.compress(DATAVERSE_FILES), headers={"Content-Encoding": "gzip"})
    dataverse.answer(LISTING, Answer(status=503), packed)
    final = dataverse.answer("/api/access/datafile/5", Answer(READS, headers={"ETag": "five"}))
    record = get("doi:10.7910/DVN/ABC/reads.fa")
    assert DATA.read_bytes() == READS
    assert (record["final_url"], record["etag"]) == (final, "five")


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        (DATAVERSE_FILES.replace(b"reads", b"other"), "there is no file 'reads.fa' in this record"),
        (b'{"data": {}}', "lists no files"),
        (Answer(status=404), "127.0.0.1 is no archive that can be read"),
    ],
)
def test_doi_without_the_file(dataverse, listing, words):
    dataverse.answer(LISTING, listing)
    message = refusal("doi:10.7910/DVN/ABC/reads.fa")
    assert words in message and "doi:<doi>/<file>" in message


@pytest.mark.parametrize("facts", [True, False])
def test_ftp(facts):
    with LocalFTPServer({"/pub/reads.fa": READS}, facts=facts) as ftp:
        record = get(ftp.url("/pub/reads.fa", user="me:secret@"))
        assert set(ftp.users) == {"me"}
        assert record["given_url"] == ftp.url("/pub/reads.fa")
    assert DATA.read_bytes() == READS
    assert record["last_modified"] == ("Thu, 02 Jan 2020 03:04:05 GMT" if facts else None)


def test_ftp_faults():
    with LocalFTPServer({"/pub/reads.fa": READS}, stop_after=1000) as ftp:
        assert "1000 of the announced" in refusal(ftp.url("/pub/reads.fa"))
        assert "550" in refusal(ftp.url("/pub/none.fa"))
