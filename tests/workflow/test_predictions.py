"""A finished run applied to new examples and variants: here, and from another folder."""

import shutil

import numpy as np
import pandas as pd
import pyarrow.parquet
from projects import small_config, snakemake, write_project

LENGTH = 60


def write_new(folder):
    """New sequences, a genome, and variants of it."""
    rng = np.random.default_rng(4)
    sequences = ["".join(row) for row in rng.choice(list("ACGT"), (40, LENGTH))]
    (folder / "new.fa").write_text("".join(f">n{i}\n{one}\n" for i, one in enumerate(sequences)))
    genome = "".join(rng.choice(list("ACGT"), 1000))
    (folder / "genome.fa").write_text(f">chr1\n{genome}\n")
    rows = [(at, genome[at - 1], "A" if genome[at - 1] != "A" else "C") for at in (100, 500)]
    lines = "".join(f"chr1\t{at}\t.\t{ref}\t{alt}\t.\t.\t.\n" for at, ref, alt in rows)
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    (folder / "new.vcf").write_text(head + lines)


def applied(run=None):
    """Sections of a configuration that apply a run."""
    return {
        "predict": {
            "fresh": {"url": "new.fa", "format": "fasta", "run": run, "model": "cnn"},
            "simple": {"url": "new.fa", "format": "fasta", "run": run},
            "hg": {"url": "genome.fa", "format": "genome"},
        },
        "variants": {
            "mine": {
                "url": "new.vcf", "format": "vcf", "genome": "hg", "run": run, "model": "cnn",
                "shuffled": 20,
            }
        },
    }  # fmt: skip


def state(project):
    """Dates of every file of a run, without what Snakemake keeps of it."""
    return {
        str(path.relative_to(project)): path.stat().st_mtime_ns
        for folder in ("results", "records")
        for path in (project / folder).rglob("*")
        if path.is_file()
    }


def test_a_run_is_applied_and_stays_as_it_is(finished_run, tmp_path):
    workflow, project = finished_run / "workflow", tmp_path / "project"
    shutil.copytree(finished_run / "project", project)
    before = state(project)
    write_project(project, small_config(**applied()))
    write_new(project)
    assert "Nothing to be done" in snakemake(project, "-n", workflow=workflow).stdout
    result = snakemake(project, "predict", workflow=workflow)
    assert result.returncode == 0, result.stdout[-3000:]
    after = state(project)
    assert {path: after[path] for path in before} == before
    assert "Nothing to be done" in snakemake(project, "predict", "-n", workflow=workflow).stdout
    found = pd.read_parquet(project / "results" / "predict" / "fresh" / "predictions.parquet")
    assert len(found) == 40 and found["p_positive"].between(0, 1).all()
    effects = pd.read_parquet(project / "results" / "variants" / "mine" / "effects.parquet")
    assert len(effects) == 2 and effects["effect"].notna().all()

    # The same from another folder, by the packed model.
    away = tmp_path / "away"
    away.mkdir()
    shutil.move(project / "results" / "model", away / "model")
    write_project(away, small_config(**applied("model")))
    write_new(away)
    wanted = "results/predict/fresh/predictions.parquet", "results/variants/mine/effects.parquet"
    result = snakemake(away, *wanted, workflow=workflow)
    assert result.returncode == 0, result.stdout[-3000:]
    pd.testing.assert_frame_equal(pd.read_parquet(away / wanted[0]), found)
    assert not (away / "results" / "dataset").exists()
    schema = pyarrow.parquet.read_schema(away / wanted[1])
    assert b"deeprules" in schema.metadata


def test_a_prediction_without_a_finished_run_says_so(tmp_path):
    write_project(tmp_path, small_config(**applied()))
    write_new(tmp_path)
    result = snakemake(tmp_path, "results/predict/fresh/examples.json")
    assert result.returncode != 0
    assert "There is no finished run in" in result.stdout
    assert "Traceback" not in result.stdout


def test_a_prediction_of_nothing_says_what_is_missing(tmp_path):
    write_project(tmp_path, small_config())
    result = snakemake(tmp_path, "predict", "-n")
    assert result.returncode != 0
    assert "There is nothing to predict" in result.stdout
