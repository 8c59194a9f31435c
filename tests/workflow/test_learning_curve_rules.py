"""When learning curves are planned, and what their jobs read."""

import pytest
from projects import planned_jobs, small_config, snakemake, write_project

MEASURE, COLLECT = "measure_learning_curve", "collect_learning_curve"


def jobs(folder, **settings):
    write_project(folder, small_config(**({"learning_curve": settings} if settings else {})))
    return planned_jobs(snakemake(folder, "-n").stdout)


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    return jobs(tmp_path_factory.mktemp("curves"), models="all")


def test_unasked_they_wait_until_the_models_are_chosen(tmp_path):
    rules = {job["rule"] for job in jobs(tmp_path)}
    assert COLLECT in rules
    assert MEASURE not in rules


def test_without_shares_there_are_none(tmp_path):
    assert not {MEASURE, COLLECT} & {job["rule"] for job in jobs(tmp_path, shares=[])}


def test_one_job_measures_a_model_at_all_shares_and_seeds(planned):
    measured = [job["output"][0] for job in planned if job["rule"] == MEASURE]
    models = ("cnn", "logistic_regression")
    paths = [f"results/learning_curve/{model}/3_seeds/scores.tsv" for model in models]
    assert sorted(measured) == paths


def test_they_read_development_data_alone_and_the_report_shows_them(planned):
    for job in planned:
        if job["rule"] in (MEASURE, COLLECT):
            assert not any("sealed" in path or "test" in path for path in job["input"])
    (report,) = [job for job in planned if job["rule"] == "write_report"]
    assert "results/learning_curve/curve.tsv" in report["input"]
