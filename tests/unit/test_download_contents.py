"""What came is the file that was meant, whole, and within limits; else it is refused by name."""

import gzip
import json
import os
import shutil
import threading
import time
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from local_server import READS, Answer

from deeprules.addresses import local_file, local_path
from deeprules.download import watching
from deeprules.download.contents import check_content
from deeprules.download.download import download
from deeprules.download.watching import Limits, RetryPolicy
from deeprules.errors import InputError
from deeprules.gzip_files import BGZF_END

pytestmark = pytest.mark.usefixtures("working_directory")

QUICK = RetryPolicy(attempts=2, first_wait=0.01, connect_timeout=5, read_timeout=5)
DATA = Path("downloads/reads.fa")


def get(url, **settings):
    given = {"source": "reads", "pin_path": "pins/reads.json", "retries": QUICK} | settings
    return download(url, DATA, **given)


def refusal(url, **settings):
    with pytest.raises(InputError) as error:
        get(url, **settings)
    assert list(DATA.parent.iterdir()) == []
    assert "reads: " in str(error.value)
    return str(error.value)


PAGES = {
    "after a comment": b"<!-- served by cache 7 -->\n<html><body>Log in</body></html>",
    "after a mark": b"\xef\xbb\xbf<!DOCTYPE html><html>",
    "after blanks": b"\n\n   \t<HTML>",
    "after a declaration": b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html>',
    "in UTF-16": "<html><head>".encode("utf-16"),
}
OTHERS = {
    "XML": (b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>', "an XML"),
    "S3": (b"<Error><Code>NoSuchKey</Code></Error>", "an XML"),
    "JSON": (b'{"error": "not found"}', "a JSON"),
    "a list": (b'[\n {"message": "rate limit"}]', "a JSON"),
    "a long JSON": (b'{ "errors": [' + b'"x",' * 400_000 + b'""]}', "a JSON"),
    "LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "a pointer"),
    "annex": (b"/annex/objects/SHA256E-s1--0.fa\n", "a pointer"),
    "WARC": (b"WARC/1.0\r\nWARC-Type: response\r\n", "a web archive"),
    "PDF": (b"%PDF-1.7\n", "a PDF"),
    "blanks": (b" \n\n", "an empty file"),
}


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("packed", [False, True])
def test_a_page_is_refused_however_it_begins(server, body, packed):
    body = gzip.compress(body) if packed else body
    assert "a web page" in refusal(server.answer("/reads.fa", body))


@pytest.mark.parametrize(("body", "words"), OTHERS.values(), ids=OTHERS)
def test_error_messages_and_pointers_are_refused(server, body, words):
    assert words in refusal(server.answer("/reads.fa", body))


@pytest.mark.parametrize(
    "body",
    [
        READS,
        b"[sample]\tvalue\na\t1\n",
        b"{id}\tvalue\na\t1\n",
        b'"id","value"\n"a",1\n',
        b"track name=x\nchr1\t1\t2\n",
        b"#version https\nchr1\t1\t2\n",
        b"version\tx\n1\t2\n",
    ],
)
def test_data_are_not_accused(server, body):
    get(server.answer("/reads.fa", body))
    assert DATA.read_bytes() == body


def test_the_architecture_of_a_network_may_be_json(server):
    get(server.answer("/arch.json", b'{"class_name": "Sequential"}'), may_be_json=True)
    assert "web page" in refusal_again(server)


def refusal_again(server):
    with pytest.raises(InputError) as error:
        get(server.answer("/arch.json", b"<html>"), may_be_json=True)
    return str(error.value)


@pytest.mark.parametrize("status", [201, 202, 203, 204, 206, 300, 304])
def test_only_a_whole_answer_is_kept(server, status):
    body = b"" if status in (204, 304) else READS[:1000]
    url = server.answer("/reads.fa", Answer(body, status=status))
    assert f"HTTP {status}" in refusal(url)
    assert len(server.requests) == 1


@pytest.mark.parametrize("length", ["abc", "-5", "1e3", "0x10", "99" * 20, "12; 13"])
def test_a_length_that_is_none_is_told(server, length):
    url = server.answer(
        "/reads.fa", Answer(READS, announce=False, headers={"Content-Length": length})
    )
    assert "Content-Length" in refusal(url)


def test_a_length_that_is_not_reached_is_told(server):
    facts = {"Content-Length": str(len(READS) + 5)}
    url = server.answer("/reads.fa", Answer(READS, announce=False, headers=facts))
    assert "could not be downloaded in 2 attempts" in refusal(url)


def test_chunks_without_an_end_are_told(server):
    chunk = b"%x\r\n%s\r\n" % (len(READS), READS)
    facts = {"Transfer-Encoding": "chunked"}
    cut = server.answer("/reads.fa", Answer(chunk, announce=False, headers=facts))
    assert "could not be downloaded" in refusal(cut)


def test_a_packed_body_that_was_cut_is_told(server):
    packed = gzip.compress(READS)
    for cut in (packed[: len(packed) // 2], packed[:-4], packed[:-1] + b"x"):
        url = server.answer("/reads.fa.gz", Answer(cut, announce=False))
        assert "cut short or damaged" in refusal(url)
    block = bgzf(READS[:1000])
    url = server.answer("/reads.fa.gz", Answer(block, announce=False))
    assert "ends a BGZF file" in refusal(url)
    get(server.answer("/reads.fa.gz", Answer(block + BGZF_END, announce=False)))


def bgzf(content):
    """One block of a BGZF file."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(content) + packer.flush()
    size = (len(packed) + 25).to_bytes(2, "little")
    head = bytes.fromhex("1f8b08040000000000ff0600424302 00".replace(" ", "")) + size
    tail = zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
    return head + packed + tail


def test_a_plain_body_without_a_length_is_told_of(server, caplog):
    get(server.answer("/reads.fa", Answer(READS, announce=False)))
    assert "states no length" in caplog.text


@pytest.mark.parametrize("name", ["reads.fa.gz", "reads.bgz", "model.keras", "reads.zip"])
def test_a_name_that_promises_a_packed_file_is_held_to_it(server, name):
    assert "although its name says so" in refusal(server.answer(f"/{name}", READS))
    Path(name).write_bytes(READS)
    assert "although its name says so" in refusal(name)


# ---- limits


def test_a_file_larger_than_the_limit_is_refused_before_and_while_it_comes(server):
    for announce in (True, False):
        url = server.answer("/reads.fa", Answer(READS, announce=announce))
        assert "download.max_gb" in refusal(url, limits=Limits(max_bytes=1000))
    assert len(server.requests) == 2


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_larger_than_the_disk_is_refused(server, monkeypatch, announced):
    usage = shutil.disk_usage(".")._replace(free=1000)
    monkeypatch.setattr(watching.shutil, "disk_usage", lambda _: usage)
    url = server.answer("/reads.fa", Answer(READS, announce=announced))
    if announced:
        assert "only 1,000 bytes are free" in refusal(url)
    else:
        get(url)


def test_a_packed_file_that_unpacks_without_end_is_refused(server, monkeypatch):
    monkeypatch.setattr("deeprules.download.contents.SMALLEST_BOMB", 1e6)
    url = server.answer("/reads.fa.gz", gzip.compress(b"A" * 20_000_000))
    assert "unpacks to more than" in refusal(url)
    url = server.answer("/reads.fa.gz", gzip.compress(os.urandom(10_000) * 20))
    assert "unpacks to more than" in refusal(url, limits=Limits(max_bytes=100_000))


def drip(handler):
    """Answer with a body that comes a byte at a time."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(ConnectionError):
        for _ in range(400):
            handler.wfile.write(b"A")
            time.sleep(0.02)


@pytest.fixture
def dripping(server, monkeypatch):
    monkeypatch.setattr(server._server.RequestHandlerClass, "do_GET", drip)
    return server


def test_a_server_that_drips_is_left(dripping):
    slow = RetryPolicy(attempts=1, read_timeout=5, window=0.3, slowest=1000)
    started = time.monotonic()
    assert "less than 1000 bytes a second" in refusal(dripping.url("/reads.fa"), retries=slow)
    limits = Limits(max_seconds=0.3)
    assert "download.max_minutes" in refusal(dripping.url("/reads.fa"), limits=limits)
    assert time.monotonic() - started < 5


def test_a_thread_may_download_too(server):
    url, found = server.answer("/reads.fa", READS), []
    thread = threading.Thread(target=lambda: found.append(get(url)))
    thread.start()
    thread.join()
    assert found and DATA.read_bytes() == READS


# ---- what lies on this machine


def test_pipes_devices_circles_and_odd_paths_are_told_at_once(tmp_path):
    os.mkfifo("pipe.fa")
    Path("circle.fa").symlink_to("circle.fa")
    for url in (
        "pipe.fa",
        "/dev/zero",
        "circle.fa",
        "a\0b",
        "~nobody-of-this-name/x.fa",
        "x" * 300,
    ):
        assert "there is no file" in refusal(url)
        assert local_file(url) is None
    Path("reads.fa").write_bytes(READS)
    Path("link.fa").symlink_to("reads.fa")
    assert local_file("link.fa") == tmp_path / "reads.fa"
    assert local_path("http://[x") is None


def test_a_file_that_may_not_be_read_is_told(monkeypatch):
    Path("reads.fa").write_bytes(READS)
    real = open

    def refuse(path, *arguments, **settings):
        if Path(path).name == "reads.fa" and arguments == ("rb",):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **settings)

    monkeypatch.setattr("builtins.open", refuse)
    assert "Permission denied" in refusal("reads.fa")


def test_contents_nested_without_end_are_no_json(tmp_path):
    path = tmp_path / "reads.fa"
    path.write_bytes(b"[" * 100_000)
    assert check_content(path, "reads", "reads.fa", 1e9) is False
    path.write_text(json.dumps([1]))
    with pytest.raises(InputError, match="a JSON text"):
        check_content(path, "reads", "reads.fa", 1e9)
