"""What a change of a source, or of what the configuration says of it, runs again."""

import json
import os
import shutil
from base64 import b64encode

import pytest
from local_server import Answer, LocalServer
from projects import planned_jobs, small_config, snakemake, write_project

DATASET = "results/dataset/dataset.json"
PROVENANCE = "results/provenance/mine/data.csv.json"


ROWS = [f"{'ACGT'[i % 4] * 10}{'ACGT'[i // 4 % 4] * 10},{i % 2}" for i in range(40)]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with a project whose one source, a file beside it, has been built."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "data.csv").write_text("\n".join(["sequence,label", *ROWS]))
    write_project(folder / "project", with_source())
    result = snakemake(folder / "project", DATASET, PROVENANCE)
    assert result.returncode == 0, result.stdout[-3000:]
    return folder


@pytest.fixture
def project(built, tmp_path):
    """A copy of that project, with a copy of its source, that a test may change."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return tmp_path / "project"


def with_source(duplicates="drop", **settings):
    source = {"url": "../data.csv", "format": "table", **settings}
    return small_config(
        data__sources={"mine": source},
        data__positive="1",
        data__group=None,
        data__batch=None,
        data__duplicates=duplicates,
        split__strategy="stratified",
    )


def planned(project, *targets):
    result = snakemake(project, *targets, "--dry-run")
    assert result.returncode == 0, result.stdout[-3000:]
    return {job["rule"] for job in planned_jobs(result.stdout)}


def test_a_licence_reruns_neither_the_download_nor_the_data_set(project):
    assert planned(project, DATASET, PROVENANCE) == set()
    write_project(project, with_source(duplicates="keep", licence="CC0"))
    assert planned(project, DATASET, PROVENANCE) == {"describe_source"}
    assert snakemake(project, PROVENANCE).returncode == 0
    record = json.loads((project / PROVENANCE).read_text())
    assert record["licence"] == "CC0" and record["format"] == "table" and record["first"]


def test_the_content_of_a_local_file_decides_and_after_an_opening_it_is_fixed(project):
    file, pin = project.parent / "data.csv", project / "records" / "checksums" / "mine.json"
    first = json.loads(pin.read_text())
    os.utime(file)  # touched: newer, and the same
    assert planned(project, DATASET) == set()
    file.write_text(file.read_text().replace("AAAA", "AACA"))
    os.utime(file, (0, 0))  # edited, and with an older date
    assert planned(project, DATASET) == {"download_source", "build_dataset"}
    result = snakemake(project, DATASET)
    assert result.returncode == 0 and first["sha256"] in result.stdout
    second = json.loads(pin.read_text())
    assert [one["sha256"] for one in second["earlier"]] == [first["sha256"]]
    ledger = project / "records" / "ledger"
    ledger.mkdir()
    (ledger / "openings.jsonl").write_text("{}\n")
    file.write_text(file.read_text().replace("AACA", "AAGA"))
    result = snakemake(project, DATASET)
    assert result.returncode != 0 and "has changed" in result.stdout
    assert json.loads(pin.read_text()) == second


SECRETS = ("hunter2secret", "tok3n-of-mine", "s1gnature", "fr4gment", "key-of-the-redirect")


def test_nothing_secret_of_an_address_is_printed_or_written(tmp_path):
    project = tmp_path / "project"
    with LocalServer() as server:
        there = server.answer("/there.csv", "\n".join(["sequence,label", *ROWS]).encode())
        moved = {"Location": f"{there}?apikey={SECRETS[4]}"}
        url = server.answer("/data.csv", Answer(status=302, headers=moved))
        url = url.replace("//", f"//someone:{SECRETS[0]}@")
        url += f"?id=7&token={SECRETS[1]}&X-Amz-Signature={SECRETS[2]}#{SECRETS[3]}"
        config = with_source()
        config["data"]["sources"]["mine"]["url"] = url
        write_project(project, config)
        wanted = (DATASET, PROVENANCE, "results/config.yaml")
        done = snakemake(project, *wanted)
        assert done.returncode == 0, done.stdout[-3000:]
        assert "?id=7&..." in (project / PROVENANCE).read_text()
        config["data"]["sources"]["mine"]["url"] = url.replace(SECRETS[2], SECRETS[2] + "2")
        write_project(project, config)
        server.answers.clear()
        failed = snakemake(project, *wanted, "--printshellcmds")
    assert failed.returncode != 0 and "HTTP 404" in failed.stdout
    assert "id=7" in failed.stdout
    (project / "config.yaml").unlink()
    written = [path for path in project.rglob("*") if path.is_file()]
    texts = [done.stdout, failed.stdout, *(path.read_bytes().decode("latin-1") for path in written)]
    encoded = [b64encode(secret.encode()).decode()[:-4] for secret in SECRETS]
    assert not [one for one in (*SECRETS, *encoded) if any(one in text for text in texts)]


def test_a_local_file_that_is_gone_is_told_plainly(project):
    (project.parent / "data.csv").unlink()
    (project / "resources" / "downloads" / "mine" / "data.csv").unlink()
    result = snakemake(project, DATASET)
    assert result.returncode != 0 and "there is no file" in result.stdout
