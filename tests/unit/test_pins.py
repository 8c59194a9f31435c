"""Pins: made when a file was read, binding from then on; local files are free until an opening."""

import json

import pytest
from local_server import LocalServer

from deeprules.download.download import download
from deeprules.download.pins import (
    PIN_KEYS,
    local_files,
    pin_file,
    read_pin,
    telling_how_to_edit,
    was_opened,
)
from deeprules.errors import InputError

FIRST, SECOND = b">a\nACGT\n", b">a\nACGG\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    return tmp_path


def get(url, **settings):
    given = {"source": "reads", "pin_path": "pins/reads.json", "was_opened": False} | settings
    return download(url, "reads.fa", **given)


def test_a_file_that_was_not_read_yet_is_not_pinned(project):
    with LocalServer() as server:
        url = server.answer("/reads.fa", FIRST, SECOND)
        get(url)
        assert read_pin("pins/reads.json") is None
        record = get(url)  # the first one could not be read; its publisher has corrected it
        pin_file(record, "pins/reads.json", "reads.fa")
        server.answer("/reads.fa", FIRST)
        with pytest.raises(InputError, match="has changed"):
            get(url)


def test_a_local_file_may_change_until_the_test_set_was_opened(project, caplog):
    (project / "mine.fa").write_bytes(FIRST)
    pin_file(first := get("mine.fa"), "pins/reads.json", "reads.fa")
    (project / "mine.fa").write_bytes(SECOND)
    caplog.set_level("INFO")
    second = get("mine.fa")
    assert second["replaced_sha256"] == first["sha256"]
    assert first["sha256"] in caplog.text and second["sha256"] in caplog.text
    assert read_pin("pins/reads.json")["sha256"] == first["sha256"]  # until it was read
    pin_file(second, "pins/reads.json", "reads.fa")
    pin = read_pin("pins/reads.json")
    assert pin["sha256"] == second["sha256"]
    assert [one["sha256"] for one in pin["earlier"]] == [first["sha256"]]
    (project / "mine.fa").write_bytes(FIRST)
    with pytest.raises(InputError, match="has changed"):
        get("mine.fa", was_opened=True)
    pin_file(get("mine.fa"), "pins/reads.json", "reads.fa")
    assert len(read_pin("pins/reads.json")["earlier"]) == 2


def test_a_checksum_of_the_config_binds_a_local_file_too(project):
    (project / "mine.fa").write_bytes(FIRST)
    record = get("mine.fa")
    pin_file(record, "pins/reads.json", "reads.fa")
    (project / "mine.fa").write_bytes(SECOND)
    with pytest.raises(InputError, match="not the file that the config expects"):
        get("mine.fa", expected_sha256=record["sha256"])


def test_a_copy_that_was_edited_is_not_pinned(project):
    (project / "mine.fa").write_bytes(FIRST)
    record = get("mine.fa")
    (project / "reads.fa").write_bytes(SECOND)
    with pytest.raises(InputError, match="no longer the file that was downloaded"):
        pin_file(record, "pins/reads.json", "reads.fa")
    assert read_pin("pins/reads.json") is None


def test_a_copy_from_elsewhere_is_edited_elsewhere_and_a_local_file_where_it_is(project):
    (project / "mine.fa").write_bytes(FIRST)
    with LocalServer() as server:
        away = get(server.answer("/reads.fa", FIRST), source="away")
    records = {"here": get("mine.fa", source="here"), "away": away}
    assert local_files(records) == {"here": "mine.fa"}
    files = {"here": "copies/mine.fa", "away": "copies/away.fa"}
    told = {}
    for name in files:
        with (
            pytest.raises(InputError) as caught,
            telling_how_to_edit(files, local_files(records)),
        ):
            raise InputError(f"{'mine.fa' if name == 'here' else files[name]}, row 3: no base.")
        told[name] = str(caught.value)
    assert told["here"] == "mine.fa, row 3: no base."
    assert told["away"] == (
        "copies/away.fa, row 3: no base.\nTo edit copies/away.fa, which came from elsewhere, save "
        "it in another folder and give its path there as the `url` of the source."
    )


def test_an_edited_copy_in_place_of_a_file_from_elsewhere_takes_its_pin(project):
    with LocalServer() as server:
        pin_file(get(server.answer("/reads.fa", FIRST)), "pins/reads.json", "reads.fa")
    (project / "mine.fa").write_bytes(SECOND)
    pin_file(get("mine.fa"), "pins/reads.json", "reads.fa")
    pin = read_pin("pins/reads.json")
    assert pin["url"] == "mine.fa" and len(pin["earlier"]) == 1


def test_a_pin_that_came_in_between_is_not_overwritten(project):
    with LocalServer() as server:
        url = server.answer("/reads.fa", FIRST, SECOND)
        first, second = get(url), get(url)
        pin_file(first, "pins/reads.json")
        with pytest.raises(InputError, match="has changed"):
            pin_file(second, "pins/reads.json")
    assert read_pin("pins/reads.json")["sha256"] == first["sha256"]


def test_a_pin_with_an_address_as_it_was_written_once_still_holds(project):
    with LocalServer() as server:
        url = server.answer("/reads.fa", FIRST) + "?id=1&token=secret"
        pin_file(get(url), "pins/reads.json")
        pin = json.loads((project / "pins" / "reads.json").read_text())
        pin["url"] = pin["url"].replace("...", "token=...")
        (project / "pins" / "reads.json").write_text(json.dumps(pin))
        get(url)
        server.answer("/reads.fa", SECOND)
        with pytest.raises(InputError, match="has changed") as error:
            get(url)
    assert "token" not in str(error.value)


PIN_OF_ODD_TYPES = [
    json.dumps({**dict.fromkeys(PIN_KEYS, "x"), "sha256": "0" * 64, "bytes": 5, **odd})
    for odd in ({"url": 5}, {"bytes": "5"}, {"earlier": "x"}, {"first_downloaded": None})
]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "null", '{"sha256": null}', "[" * 100_000, "\udcff", *PIN_OF_ODD_TYPES],
)
def test_a_broken_pin_is_told(project, content):
    (project / "pins").mkdir()
    (project / "pins" / "reads.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="is not a whole pin"):
        read_pin("pins/reads.json")


def test_an_opening_is_seen_in_any_file_of_the_ledger(project):
    assert not was_opened("ledger")
    (project / "ledger").mkdir()
    (project / "ledger" / "openings.lock").touch()
    (project / "ledger" / "openings.jsonl").touch()
    assert not was_opened("ledger")
    (project / "ledger" / "openings.jsonl").write_text("{}\n")
    assert was_opened("ledger")
