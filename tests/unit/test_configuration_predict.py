"""What a finished run is applied to: the sections `predict` and `variants`."""

import copy
from pathlib import Path

import pytest
import yaml

from deeprules_workflow.configuration import ConfigurationError, resolve
from deeprules_workflow.predictions import (
    finished_contents,
    packed_folder,
    predicted_names,
    with_helpers,
)
from deeprules_workflow.source_settings import shown_config

ROOT = Path(__file__).parents[2]
DEMO = yaml.safe_load((ROOT / "config/examples/simulated_sequences/config.yaml").read_text())
APPLIED = {
    "predict": {
        "fresh": {"url": "new.fa", "format": "fasta"},
        "peaks": {"url": "new.bed", "format": "bed", "genome": "hg"},
        "hg": {"url": "genome.fa", "format": "genome"},
        "other": {"url": "genome2.fa", "format": "genome"},
    },
    "variants": {"mine": {"url": "new.vcf", "format": "vcf", "genome": "other"}},
}


def resolved(changes=None, section="predict", name="fresh"):
    config = {**copy.deepcopy(DEMO), **copy.deepcopy(APPLIED)}
    config[section].setdefault(name, {}).update(changes or {})
    return resolve(config, ROOT)


def test_new_examples_need_no_label_and_variants_may_name_a_genome_alone():
    config = resolved()
    assert predicted_names(config) == ["fresh", "peaks"]
    assert list(with_helpers(config, "peaks")) == ["peaks", "hg"]
    assert list(with_helpers(config, "mine")) == ["mine", "other"]
    config = resolved({"regions": "peaks"}, "variants", "mine")
    assert list(with_helpers(config, "mine")) == ["mine", "other", "peaks", "hg"]


def test_a_run_does_not_change_by_what_it_is_applied_to():
    assert shown_config(resolved()) == shown_config(resolve(copy.deepcopy(DEMO), ROOT))


@pytest.mark.parametrize(
    ("changes", "section", "name", "said"),
    [
        ({"model": "cmm"}, "predict", "fresh", "predict.fresh.model: the run has no model `cmm`"),
        ({"format": "matrix"}, "predict", "fresh", "predict.fresh.format: `matrix` reads"),
        ({"header": "("}, "predict", "fresh", "predict.fresh.header: is not a regular"),
        ({"genome": "gh"}, "predict", "peaks", "predict.peaks.genome: there is no source `gh`"),
        ({"genome": "fresh"}, "variants", "mine", "variants.mine.genome: `fresh` is no source"),
        ({"regions": "fresh"}, "variants", "mine", "variants.mine.regions: `fresh` is no source"),
        ({"columns": {"ref": "REF"}}, "variants", "mine", "only a table has columns"),
        ({"url": "a.vcf", "format": "vcf", "genome": "hg"}, "variants", "fresh", "this name too"),
        ({"simulate": {"kind": "variants"}}, "variants", "mine", "either `url` or `simulate`"),
        ({"simulate": {"kind": "peaks"}}, "variants", "mine", "is not one of ['variants']"),
        ({"overlaps": "drop"}, "predict", "fresh", "unknown key `overlaps`"),
    ],
)
def test_each_fault_is_named(changes, section, name, said):
    with pytest.raises(ConfigurationError) as caught:
        resolved(changes, section, name)
    assert any(said in fault for fault in caught.value.faults), caught.value.faults


def test_variants_may_be_simulated_as_a_table_alone():
    simulated = {"simulate": {"kind": "variants"}, "genome": "hg"}
    with pytest.raises(ConfigurationError) as caught:
        resolved({**simulated, "format": "vcf"}, "variants", "drawn")
    assert "variants.drawn.format: simulated variants come as `table`" in str(caught.value)
    entry = resolved({**simulated, "format": "table"}, "variants", "drawn")["variants"]["drawn"]
    assert entry["simulate"]["breaking"] == 0.01 and entry["simulate"]["bases"] == 500_000


def test_a_packed_model_is_known_by_itself_and_within_a_release(tmp_path):
    assert packed_folder(tmp_path) is None
    model = tmp_path / "release" / "model"
    model.mkdir(parents=True)
    (model / "model.json").write_text("{}")
    assert packed_folder(model) == packed_folder(tmp_path / "release") == str(model)


def test_another_archive_under_the_same_name_is_noticed(tmp_path):
    archive, before = tmp_path / "theirs.zip", {}
    for text in ("one", "two"):
        archive.write_text(text)
        assert packed_folder(archive) is None and finished_contents(archive) != before
        before = finished_contents(archive)
    assert list(before) == [str(archive)]
