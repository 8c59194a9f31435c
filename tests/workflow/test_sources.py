"""What a change of a source, or of what the configuration says of it, runs again."""

import json

import pytest
from projects import planned_jobs, small_config, snakemake, write_project

DATASET = "results/dataset/dataset.json"
PROVENANCE = "results/provenance/mine/data.csv.json"


@pytest.fixture
def project(tmp_path):
    """A project whose one source, a file on this machine, has been built."""
    rows = [f"{'ACGT'[i % 4] * 10}{'ACGT'[i // 4 % 4] * 10},{i % 2}" for i in range(40)]
    (tmp_path / "data.csv").write_text("\n".join(["sequence,label", *rows]))
    write_project(tmp_path / "project", with_source(tmp_path / "project"))
    result = snakemake(tmp_path / "project", DATASET, PROVENANCE)
    assert result.returncode == 0, result.stdout[-3000:]
    return tmp_path / "project"


def with_source(project, duplicates="drop", **settings):
    source = {"url": str(project.parent / "data.csv"), "format": "table", **settings}
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
    write_project(project, with_source(project, duplicates="keep", licence="CC0"))
    assert planned(project, DATASET, PROVENANCE) == {"describe_source"}
    assert snakemake(project, PROVENANCE).returncode == 0
    record = json.loads((project / PROVENANCE).read_text())
    assert record["licence"] == "CC0" and record["format"] == "table" and record["first"]


def test_an_edited_local_file_meets_its_pin(project):
    file = project.parent / "data.csv"
    file.write_text(file.read_text().replace("AAAA", "AACA"))
    assert "download_source" in planned(project, DATASET)
    result = snakemake(project, DATASET)
    assert result.returncode != 0 and "has changed" in result.stdout
    (project / "records" / "checksums" / "mine.json").unlink()
    assert snakemake(project, DATASET).returncode == 0


def test_a_local_file_that_is_gone_is_told_plainly(project):
    (project.parent / "data.csv").unlink()
    (project / "resources" / "downloads" / "mine" / "data.csv").unlink()
    result = snakemake(project, DATASET)
    assert result.returncode != 0 and "there is no file" in result.stdout
