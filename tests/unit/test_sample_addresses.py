"""A matrix with one file a sample, each at an address of its own."""

import pytest

from deeprules_workflow.configuration import ConfigurationError, resolve
from deeprules_workflow.sample_addresses import open_addresses


def configured(**settings):
    star = {
        "format": "matrix",
        "licence": "CC0",
        "samples": "people",
        "urls": {"a/1": "https://h.org/x.txt?key=secret", "b": "data/y.txt", 3: "data/z.txt"},
        **settings,
    }
    people = {"url": "people.csv", "format": "table"}
    data = {"modality": "tabular", "task": "binary", "label": "kind", "positive": "yes"}
    data["sources"] = {"star": star, "people": people}
    return {"study": "study.yaml", "data": data, "models": {"logistic_regression": {}}}


def resolved(**settings):
    return resolve(configured(**settings), ".", with_study=False)


def test_each_address_becomes_a_source_with_a_pin_of_its_own():
    config = resolved()
    sources = config["data"]["sources"]
    assert set(sources) == {"star", "star_file2", "star_file3", "people"}
    assert sources["star"]["files"] == {"a/1": "star", "b": "star_file2", "3": "star_file3"}
    assert "urls" not in sources["star"] and sources["star"]["samples"] == "people"
    assert sources["star"]["url"] == "https://h.org/x.txt?key=secret"
    assert sources["star_file3"]["url"] == "data/z.txt"
    assert sources["star_file2"]["licence"] == "CC0" and not sources["star_file2"]["files"]
    assert resolve(config, ".", with_study=False) == config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"url": "data/x.txt"}, "star.urls: is for a source of format `matrix` without a `url`"),
        ({"format": "tenx"}, "star.urls: is for a source of format `matrix` without a `url`"),
        ({"sha256": "0" * 64}, "star.sha256: is that of one file; those of `urls` are pinned by"),
        ({"urls": {"a": 3}}, "star.urls: is for a source of format `matrix` without a `url`"),
    ],
)
def test_what_does_not_go_with_addresses_is_told(settings, message):
    with pytest.raises(ConfigurationError) as caught:
        resolved(**settings)
    assert message in str(caught.value)


def test_other_configurations_stay_as_they_are():
    for config in ({}, {"data": None}, {"data": {"sources": []}}, {"data": {"sources": {"a": 1}}}):
        assert open_addresses(config) == config
