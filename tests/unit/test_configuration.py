"""The configuration: complete when it is right, and all of its faults at once when it is not."""

import copy
import datetime
from pathlib import Path

import pytest
import yaml

from deeprules_workflow.configuration import (
    ConfigurationError,
    filename,
    load_study,
    model_entry,
    read_config_files,
    resolve,
    study_sha256,
)
from deeprules_workflow.modules import find_models, floor_of

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "config" / "examples").glob("*/config.yaml"))

BOTH = 'MODALITIES = ("sequence", "tabular")\n'
SEQUENCE = 'MODALITIES = ("sequence",)\n'
TABULAR = 'MODALITIES = ("tabular",)\n'
ANY_TASK = 'TASKS = ("binary", "multiclass", "regression")\n'
ON_ACTIVATIONS = 'INPUTS = ("activations",)\n'
FROM_PRETRAINED = 'NEEDS = "pretrained"\n'
NUISANCE = f'KIND = "nuisance"\nFLOOR = True\n{ANY_TASK}'
LIBRARY = {
    "networks/cnn.py": SEQUENCE + ANY_TASK,
    "networks/mlp.py": TABULAR + ANY_TASK,
    "networks/kipoi_features.py": SEQUENCE + ANY_TASK + FROM_PRETRAINED + ON_ACTIVATIONS,
    "networks/kipoi_finetune.py": SEQUENCE + ANY_TASK + FROM_PRETRAINED,
    "baselines/logistic_regression.py": BOTH + 'TASKS = ("binary",)\n',
    "baselines/majority_class.py": BOTH + NUISANCE,
    "baselines/composition.py": SEQUENCE + NUISANCE,
    "baselines/metadata.py": f'{BOTH}{NUISANCE}INPUTS = ("metadata",)\n',
    "datasets/fasta.py": 'MODALITY = "sequence"\n',
    "datasets/bed.py": 'MODALITY = "sequence"\n',
    "datasets/table.py": 'MODALITY = "sequence"\n',
    "datasets/matrix.py": 'MODALITY = "tabular"\nraise RuntimeError("readers are not imported")\n',
}
CONTROLS = ROOT / "scripts" / "deeprules" / "controls"
LIBRARY |= {f"controls/{path.name}": path.read_text() for path in CONTROLS.glob("[a-z]*.py")}
STUDY = {
    "question": "Does the planted fault get noticed?",
    "endpoint": "The class",
    "positive_class": "yes",
    "design": "simulated",
    "unit": "a sequence",
    "replicates": "none",
    "plan": "Compare the two models.",
}
CONFIG = {
    "study": "study.yaml",
    "data": {
        "modality": "sequence",
        "task": "binary",
        "label": "label",
        "positive": "yes",
        "sources": {
            "ones": {"url": "ones.fa", "format": "fasta", "values": {"label": "yes"}},
            "zeros": {"url": "zeros.fa", "format": "fasta", "values": {"label": "no"}},
        },
    },
    "models": {"logistic_regression": None, "cnn": None},
}
MATRIX = {
    "modality": "tabular",
    "sources": {"counts": {"url": "counts.tsv", "format": "matrix"}},
}


@pytest.fixture
def folder(tmp_path):
    """A workflow with a small library and the study."""
    for name, text in LIBRARY.items():
        path = tmp_path / "scripts" / "deeprules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY))
    return tmp_path


def changed(changes, base=CONFIG):
    """A copy of `base` in which mappings are merged with `changes`; None takes a key away."""
    config = copy.deepcopy(base)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(config.get(key), dict):
            config[key] = changed(value, config[key])
        else:
            config[key] = value
    return config


def tabular(changes=None):
    """A configuration of a matrix instead of sequences, with `changes`."""
    data = {**CONFIG["data"], **MATRIX}
    models = {"logistic_regression": None, "mlp": None}
    return changed(changes or {}, {**CONFIG, "data": data, "models": models})


def faults(config, folder):
    with pytest.raises(ConfigurationError) as caught:
        resolve(config, folder)
    return caught.value.faults


def test_defaults_are_filled_in_at_every_level(folder):
    config = resolve(CONFIG, folder)
    assert config["seed"] == 1
    assert config["split"]["shares"] == {"train": 0.7, "tune": 0.15, "test": 0.15}
    assert config["data"]["length"] == {"policy": "error", "bases": None, "anchor": "center"}
    assert config["data"]["sources"]["ones"]["licence"] == "not stated"
    assert config["data"]["sources"]["zeros"]["values"] == {"label": "no"}
    assert config["models"]["cnn"] == {"module": "cnn", "space": {}}


def test_an_empty_section_takes_its_defaults(folder):
    assert resolve({**CONFIG, "split": None}, folder)["split"]["strategy"] == "stratified"


def test_resolving_twice_changes_nothing_and_the_original_is_kept(folder):
    original = copy.deepcopy(CONFIG)
    once = resolve(original, folder)
    assert resolve(once, folder) == once
    assert original == CONFIG


def test_the_order_of_models_is_kept(folder):
    models = {"cnn": None, "logistic_regression": None}
    assert list(resolve({**CONFIG, "models": models}, folder)["models"])[:2] == list(models)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"data": {"batch": 1}}, lambda c: c["data"]["batch"] == "1"),
        ({"data": {"classes": {0: "no", 1: "yes"}}}, lambda c: "0" in c["data"]["classes"]),
        (
            {"data": {"sources": {"ones": {"version": datetime.date(2024, 5, 1)}}}},
            lambda c: c["data"]["sources"]["ones"]["version"] == "2024-05-01",
        ),
        (
            {"split": {"strategy": "chromosome", "test": [1, "X"]}},
            lambda c: c["split"]["test"] == ["1", "X"],
        ),
        ({"tuning": {"trials": "7"}}, lambda c: c["tuning"]["trials"] == 7),
        (
            {"evaluation": {"minimum_gain": "1e-2"}},
            lambda c: c["evaluation"]["minimum_gain"] == 0.01,
        ),
        (
            {"models": {"cnn": {"space": {"rate": ["1e-3", 0.1], "mode": "kept", "norm": "true"}}}},
            lambda c: (
                c["models"]["cnn"]["space"] == {"rate": [0.001, 0.1], "mode": "kept", "norm": True}
            ),
        ),
    ],
)
def test_text_and_numbers_are_read_as_the_schema_means_them(folder, changes, expected):
    assert expected(resolve(changed(changes), folder))


def test_objective_follows_the_task(folder):
    values = tabular({"data": {"task": "regression", "positive": None}, "models": {"mlp": None}})
    values["models"] = {"mlp": None}
    (folder / "study.yaml").write_text(yaml.safe_dump({**STUDY, "positive_class": None}))
    assert resolve(values, folder)["tuning"]["objective"] == "r2"
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    assert resolve(CONFIG, folder)["tuning"]["objective"] == "auprc"


def test_models_that_always_run_are_added_where_they_apply(folder):
    def added(config):
        return resolve(config, folder)["models"].keys() - config["models"].keys()

    assert added(CONFIG) == {"majority_class", "composition"}
    assert added(tabular({"data": {"covariates": ["age"]}})) == {"majority_class", "metadata"}


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        ('INPUTS = ("features", "covariates")', "`own` takes covariates; name their columns"),
        ('INPUTS = ("covariates", "features")', "INPUTS must be some of features, activations"),
        ('INPUTS = ("features", "colour")', "INPUTS must be some of features, activations"),
    ],
)
def test_a_model_whose_inputs_are_not_there_is_refused(folder, declared, fault):
    path = folder / "scripts" / "deeprules" / "networks" / "own.py"
    path.write_text(f"{SEQUENCE}{ANY_TASK}{declared}\n")
    config = changed({"models": {"own": None}})
    assert any(fault in one for one in faults(config, folder))
    if "takes covariates" in fault:
        config = resolve(
            changed({"models": {"own": None}, "data": {"covariates": ["age"]}}), folder
        )
        assert model_entry("own", config, folder)["inputs"] == ("features", "covariates")


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ({"module": "cnn"}, "module"),
        ({"module": "majority_class"}, "module"),
        ({"module": "logistic_regression", "space": {}}, "module"),
        ({"space": {"learner": "linear"}}, "space"),
        ({"module": "composition", "space": {"C": 1e-3}}, "space"),
    ],
)
def test_a_model_that_always_runs_can_be_neither_replaced_nor_weakened(folder, entry, key):
    with pytest.raises(ConfigurationError) as refused:
        resolve(changed({"models": {"composition": entry}}), folder)
    assert any(
        fault.startswith(f"models.composition.{key}: `composition` is a floor")
        for fault in refused.value.faults
    )


def test_a_model_that_always_runs_may_be_named_and_have_versions(folder):
    models = {
        "composition": None,
        "linear_composition": {"module": "composition", "space": {"learner": "linear"}},
    }
    resolved = resolve(changed({"models": models}), folder)["models"]
    assert resolved["composition"] == {"space": {}, "module": "composition"}
    assert resolve(resolve(changed({"models": models}), folder), folder)["models"] == resolved


def test_a_model_may_be_a_version_of_a_module(folder):
    config = resolve(changed({"models": {"small_cnn": {"module": "cnn"}}}), folder)
    entry = model_entry("small_cnn", config, folder)
    assert (entry["module"], entry["kind"]) == ("cnn", "network")
    assert model_entry("logistic_regression", config, folder)["kind"] == "baseline"
    assert model_entry("majority_class", config, folder)["kind"] == "nuisance"


def test_a_number_is_what_it_says(folder):
    changes = {"tuning": {"trials": 5.0}, "evaluation": {"minimum_gain": -0.0}}
    config = resolve(changed(changes), folder)
    assert repr(config["tuning"]["trials"]) == "5"
    assert repr(config["evaluation"]["minimum_gain"]) == "0.0"


NUMBER_FAULTS = [
    (
        {"evaluation": {"minimum_gain": float("nan")}},
        "evaluation.minimum_gain: nan is not a finite",
    ),
    (
        {"split": {"shares": {"train": float("nan")}}},
        "split.shares.train: nan is not a ",
    ),
    ({"homology": {"coverage": ".nan"}}, "homology.coverage: '.nan' is not of type 'number'"),
    ({"controls": {"budget": float("inf")}}, "controls.budget: inf is not a finite number"),
    ({"controls": {"budget": "1e999"}}, "controls.budget: inf is not a finite number"),
    ({"controls": {"budget": "1_0"}}, "controls.budget: '1_0' is not of type 'number', 'null'"),
    ({"controls": {"budget": "Infinity"}}, "controls.budget: 'Infinity' is not of type 'number'"),
    ({"compute": {"core_watts": float("-inf")}}, "compute.core_watts: -inf is "),
    (
        {"controls": {"learning_curve": {"shares": [0.1, float("nan")]}}},
        "controls.learning_curve.shares[1]: nan is not a ",
    ),
    (
        {"models": {"cnn": {"space": {"l2": [0.1, float("nan")]}}}},
        "models.cnn.space.l2[1]: nan is ",
    ),
    ({"models": {"cnn": {"space": {"l2": float("inf")}}}}, "models.cnn.space.l2: inf is not a "),
    ({"tuning": {"trials": 10**30}}, "tuning.trials: must be between -9007199254740992 and"),
    ({"tuning": {"trials": "9" * 60}}, "tuning.trials: '9"),
    ({"tuning": {"trials": True}}, "tuning.trials: True is not of type 'integer'"),
    ({"evaluation": {"minimum_gain": True}}, "evaluation.minimum_gain: True is not of type"),
    ({"seed": 2**32}, "seed: 4294967296 is greater than the maximum of 4294967295"),
]


@pytest.mark.parametrize(("changes", "message"), NUMBER_FAULTS)
def test_numbers_that_no_setting_can_mean_are_named(folder, changes, message):
    (fault,) = faults(changed(changes), folder)
    assert fault.startswith(message)


SCHEMA_FAULTS = [
    (
        {"controls": {"membership_inference": 1}},
        "controls.membership_inference: 1 is not one of [False, True, 0, 8, 16, 32, 64, 128]",
    ),
    (
        {"privacy": {"smallest_count": 0}},
        "privacy.smallest_count: 0 is less than the minimum of 2",
    ),
    ({"tuning": {"trails": 5}}, "tuning: unknown key `trails`; did you mean `trials`?"),
    ({"modles": {}}, "unknown key `modles`; did you mean `models`?"),
    ({"tuning": {"trials": "ten"}}, "tuning.trials: 'ten' is not of type 'integer'"),
    ({"tuning": {"trials": 0}}, "tuning.trials: 0 is less than the minimum of 1"),
    ({"tuning": {"trials": 2.5}}, "tuning.trials: 2.5 is not of type 'integer'"),
    ({"data": {"covariates": 5}}, "data.covariates: 5 is not of type 'array'"),
    (
        {"split": {"strategy": "grouped"}},
        "split.strategy: 'grouped' is not one of ['batch', 'chromosome', 'group', 'homology', "
        "'predefined', 'stratified']; did you mean `group`?",
    ),
    (
        {"data": {"label": False}},
        "data.label: False is not of type 'string', 'array'; put it in quotes if it is meant as "
        "text",
    ),
    (
        {"data": {"classes": {True: "x"}}},
        "data.classes: YAML reads a key as True; put it in quotes",
    ),
    ({"split": {"test": [["chr1"]]}}, "split.test[0]: ['chr1'] is not of type 'string', 'integer'"),
    ({"split": "group"}, "split: 'group' is not of type 'object'"),
    (
        {"data": {"sources": {"my peaks": {"url": "a.fa", "format": "fasta"}}}},
        "data.sources: the name `my peaks` does not match ^[A-Za-z0-9_]+\\Z",
    ),
    (
        {"data": {"sources": {"ones": {"sha256": "abc"}}}},
        "data.sources.ones.sha256: 'abc' does not match '^[0-9a-f]{64}\\\\Z'",
    ),
    (
        {"data": {"sources": {"peaks\n": {"url": "a.fa", "format": "fasta"}}}},
        "data.sources: the name `peaks\n` does not match ^[A-Za-z0-9_]+\\Z",
    ),
    (
        {"models": {"cnn\n": None}},
        "models: the name `cnn\n` does not match ^[a-z][a-z0-9_]*\\Z",
    ),
    (
        {"data": {"sources": {"ones": {"simulate": {"kind": "sequences", "lenght": 9}}}}},
        "data.sources.ones.simulate: unknown key `lenght`; did you mean `length`?",
    ),
    (
        {"data": {"sources": {"ones": {"simulate": {"kind": "genes"}}}}},
        "data.sources.ones.simulate.kind: 'genes' is not one of ['sequences', 'expression', "
        "'labels', 'peaks', 'genome']; did you mean `genome`?",
    ),
    ({"study": "a" * 5000}, f"{'a' * 5000}: cannot be read: File name too long"),
    (
        {"models": {"cnn": {"space": {"filters": [None]}}}},
        "models.cnn.space.filters[0]: None is not of type 'string', 'number', 'boolean'",
    ),
    (
        {"models": {"cnn": {"space": {"filters": []}}}},
        "models.cnn.space.filters: must not be empty",
    ),
]


@pytest.mark.parametrize(("changes", "message"), SCHEMA_FAULTS)
def test_what_breaks_the_schema_is_named(folder, changes, message):
    assert message in faults(changed(changes), folder)


@pytest.mark.parametrize("key", ["study", "data", "models"])
def test_a_missing_section_is_named(folder, key):
    config = {name: value for name, value in CONFIG.items() if name != key}
    assert f"{key}: is required" in faults(config, folder)


def test_an_empty_configuration_is_refused(folder):
    assert faults({}, folder) == tuple(f"{key}: is required" for key in ("study", "data", "models"))


CONTRADICTIONS = [
    ({"data": {"positive": None}}, "data.positive: is required for a binary task"),
    (
        {"data": {"task": "multiclass"}},
        "data.positive: only a binary task has a positive class, not multiclass",
    ),
    (
        {"data": {"classes": {"yes": "bound"}}},
        "data.positive: `yes` is renamed by `classes`; write `bound`",
    ),
    ({"data": {"classes": {"yes": None}}}, "data.positive: `yes` is left out by `classes`"),
    (
        {"data": {"exclude": {"id": {"listed_in": "bad"}}}},
        "data.exclude.id.listed_in: there is no source `bad`",
    ),
    (
        {"data": {"include": {"id": {"listed_in": "ones"}}}},
        "data.include.id.listed_in: source `ones` must have the format `list` or `table`",
    ),
    (
        {"data": {"exclude": {"age": {"above": 5, "below": 5}}}},
        "data.exclude.age: no number lies between 5 and 5",
    ),
    (
        {"data": {"include": {"id": {"listed_in": "ones", "above": 5}}}},
        "data.include.id: give `listed_in` or limits, not both",
    ),
    ({"data": {"batch_correction": "linear"}}, "data.batch_correction: "),
    ({"data": {"exclude": {"age": {"over": 5}}}}, "data.exclude.age: unknown key `over`"),
    ({"data": {"exclude": {"id": {"listd_in": "bad"}}}}, "data.exclude.id: unknown key `listd_in`"),
    ({"data": {"exclude": {"failed": True}}}, "data.exclude.failed: True is not of type"),
    (
        {"data": {"strand": "given"}, "models": {"cnn": {"space": {"strands": ["average"]}}}},
        "models.cnn.space.strands: the other strand is no data with data.strand: given",
    ),
    ({"data": {"covariates": ["label"]}}, "data.covariates: `label` is the label itself"),
    ({"data": {"group": "label"}}, "data.group: `label` is the label itself"),
    ({"data": {"length": {"policy": "crop_or_pad"}}}, "data.length.bases: is required"),
    (
        {"data": {"intervals": {"width": 200}}},
        "data.intervals: only sources of format `bed` hold intervals",
    ),
    (
        {"data": {"intervals": {"width": 200}, "length": {"bases": 300}}},
        "data.intervals.width: is 200, but data.length.bases is 300; give only one",
    ),
    ({"data": {"transform": "log1p"}}, "data.transform: only tabular data have it"),
    ({"data": {"samples": "table"}}, "data.samples: there is no source `table`"),
    ({"data": {"samples": "ones"}}, "data.samples: source `ones` must have the format `table`"),
    ({"split": {"strategy": "group"}}, "data.group: is required for `split.strategy: group`"),
    ({"split": {"strategy": "batch"}}, "data.batch: is required for `split.strategy: batch`"),
    (
        {"data": {"modality": "tabular"}, "split": {"strategy": "homology"}},
        "split.strategy: `homology` is for sequence data, not tabular",
    ),
    (
        {"split": {"shares": {"train": 0.8}}},
        "split.shares: must add up to 1, but train 0.8, tune 0.15, test 0.15 make 1.1",
    ),
    ({"split": {"block_size": 1000}}, "split.block_size: only `strategy: chromosome` has blocks"),
    ({"split": {"test": ["chr8"]}}, "split.test: `strategy: stratified` has no units to name"),
    (
        {"split": {"strategy": "chromosome", "test": ["chr8"], "tune": ["chr8"]}},
        "split.tune: chr8 stands in split.test as well",
    ),
    ({"tuning": {"objective": "r2"}}, "tuning.objective: `r2` does not score a binary task"),
    (
        {"models": {"lgistic_regression": None}},
        "models.lgistic_regression: there is no model `lgistic_regression`; did you mean "
        "`logistic_regression`? (available: cnn, composition, kipoi_features, ",
    ),
    (
        {"models": {"small": {"module": "cn"}}},
        "models.small.module: there is no model `cn`; did you mean `cnn`?",
    ),
    (
        {"models": {"mlp": None}},
        "models.mlp: `mlp` is for tabular data, not sequence (available: cnn, composition, kipoi",
    ),
    (
        {"data": {"task": "multiclass", "positive": None}},
        "models.logistic_regression: `logistic_regression` is for binary tasks, not multiclass",
    ),
    ({"models": {"metadata": None}}, "models.metadata: `metadata` needs data.batch or data.cov"),
    (
        {"models": {"cnn": {"space": {"filters": [32, "many"]}}}},
        "models.cnn.space.filters: the choices must be of one type, not numbers and text",
    ),
    ({"data": {"positive": "no"}}, "data.positive: is `no`, but the study names `yes`"),
    ({"study": "other.yaml"}, "other.yaml: there is no such file"),
]


@pytest.mark.parametrize(("changes", "message"), CONTRADICTIONS)
def test_contradictions_are_named(folder, changes, message):
    assert any(fault.startswith(message) for fault in faults(changed(changes), folder))


SOURCE_FAULTS = [
    (
        {"format": "fastq"},
        ".format: 'fastq' is not one of ['genome', 'list', 'bed', ",
    ),
    ({"format": "matrix"}, ".format: `matrix` reads tabular data, not sequence"),
    ({"format": "genome"}, ": nothing names this genome"),
    ({"format": "list"}, ": nothing names this list of names"),
    ({"format": "bed"}, ".genome: is required for format `bed`"),
    ({"format": "bed", "genome": "hg83"}, ".genome: there is no source `hg83`"),
    ({"format": "bed", "genome": "zeros"}, ".genome: source `zeros` must have the format `genome`"),
    ({"samples": "table"}, ".samples: there is no source `table`"),
    ({"samples": "zeros"}, ".samples: source `zeros` must have the format `table`"),
    ({"url": "https://example.org/"}, ".url: does not end in the name"),
    ({"url": "https://me:secret@[x/a.fa"}, ".url: does not end in the name"),
    ({"simulate": {"kind": "sequences"}}, ": give either `url` or `simulate`"),
    ({"header": "(?P<id"}, ".header: is not a regular expression"),
    ({"header": "(?P<id>a{99999999999})"}, ".header: is not a regular expression"),
    ({"header": "[^ ]+"}, ".header: has no named group"),
    ({"id_pattern": "(?P<id"}, ".id_pattern: is not a regular expression"),
    ({"id_pattern": "(?P<name>.)"}, ".id_pattern: has no group of the name id"),
    ({"metadata": ["age"]}, ".metadata: only a source of format `matrix` has one, not `fasta`"),
    ({"skip_rows": 2}, ".skip_rows: only a source of format `matrix` or `table` has one"),
    ({"delimiter": "commas"}, ".delimiter: 'commas' does not match"),
    ({"encoding": "utf8"}, ".encoding: 'utf8' is not one of"),
    ({"thousands": "."}, ".thousands: `.` is the decimal mark; set `decimal` as well"),
    ({"values": {}}, ": nothing gives the column `label` (data.label)"),
]


def test_values_are_text(folder):
    config = changed({"data": {"sources": {"ones": {"values": {"plate": 7, "wrong": True}}}}})
    assert any(
        fault.startswith("data.sources.ones.values.wrong") for fault in faults(config, folder)
    )
    del config["data"]["sources"]["ones"]["values"]["wrong"]
    assert resolve(config, folder)["data"]["sources"]["ones"]["values"]["plate"] == "7"


@pytest.mark.parametrize(("changes", "message"), SOURCE_FAULTS)
def test_faults_of_a_source_are_named(folder, changes, message):
    config = changed({"data": {"sources": {"ones": changes}}})
    if "values" in changes:
        config["data"]["sources"]["ones"]["values"] = {}
    found = faults(config, folder)
    assert any(fault.startswith(f"data.sources.ones{message}") for fault in found)


def test_a_source_without_origin_is_refused(folder):
    config = changed({"data": {"sources": {"ones": {"values": {"label": "yes"}}}}})
    del config["data"]["sources"]["ones"]["url"]
    assert "data.sources.ones: give either `url` or `simulate`" in faults(config, folder)


def test_simulated_data_need_their_format(folder):
    simulated = {"format": "table", "simulate": {"kind": "expression"}}
    found = faults(tabular({"data": {"sources": {"other": simulated}}}), folder)
    assert (
        "data.sources.other.format: simulated expression come as `matrix` or `h5ad`, not `table`"
        in found
    )
    simulated["format"] = "matrix"
    found = faults(tabular({"data": {"sources": {"other": simulated}}}), folder)
    assert found == (
        "data.sources.other.metadata: must list label, group, batch, which are no genes",
    )


def test_intervals_have_no_anchor_beside_their_centre(folder):
    bed = {"url": "a.bed", "format": "bed", "genome": "hg"}
    sources = {"ones": bed, "zeros": bed, "hg": {"url": "hg.fa", "format": "genome"}}
    config = changed({"data": {"length": {"anchor": "start"}}})
    config["data"]["sources"] = sources
    (fault,) = (text for text in faults(config, folder) if "anchor" in text)
    assert "is set by data.intervals.centre" in fault


def test_a_sample_table_need_not_fit_the_modality(folder):
    table = {"url": "samples.csv", "format": "table"}
    config = tabular({"data": {"samples": "table", "sources": {"table": table}}})
    assert resolve(config, folder)["data"]["samples"] == "table"


def test_sample_tables_alone_are_no_data(folder):
    config = changed({"data": {"samples": "table"}})
    config["data"]["sources"] = {"table": {"url": "samples.csv", "format": "table"}}
    assert any(
        fault.startswith("data.sources: none of them holds") for fault in faults(config, folder)
    )


def transfer(entry, models=None, **changes):
    """A configuration with one pretrained model, `motifs`, and two models that start from it."""
    starting = {
        "frozen": {"module": "kipoi_features", "pretrained": "motifs"},
        "tuned": {"module": "kipoi_finetune", "pretrained": "motifs"},
    }
    pretrained = {"pretrained": {"motifs": entry}, "models": {**starting, **(models or {})}}
    return changed({**changes, **pretrained})


def test_a_pretrained_model_takes_its_defaults(folder):
    config = resolve(transfer({"kipoi": "DeepSTARR"}), folder)
    entry = config["pretrained"]["motifs"]
    assert entry["input"] == dict.fromkeys(
        ("channels", "axes", "ambiguous", "length", "strand", "kmer")
    )
    assert entry["trained_on"] == {"chromosomes": [], "ids": None}
    assert (entry["trust"], entry["layer"], entry["lengths"]) == (False, None, "crop")
    assert "url" not in entry and "pretrain" not in entry
    assert resolve(config, folder) == config
    assert resolve(CONFIG, folder)["pretrained"] == {}


def test_the_entry_of_a_model_names_what_it_starts_from(folder):
    config = resolve(transfer({"url": "Intron3.h5"}), folder)
    frozen = model_entry("frozen", config, folder)
    assert (frozen["pretrained"], frozen["inputs"]) == ("motifs", ("activations",))
    assert model_entry("tuned", config, folder)["inputs"] == ("features",)
    assert "pretrained" not in model_entry("cnn", config, folder)


@pytest.mark.parametrize(
    "entry",
    [
        {"folder": "models/mine"},
        {"folder": f"git+https://example.org/a/b.git@{'0a' * 20}#Model/CTCF"},
        {"url": "https://example.org/weights.hdf5", "architecture": "a.json", "sha256": "0" * 64},
        {"pretrain": {"config": "other.yaml"}},
        {"pretrain": {"sequences": "genome.fa.gz", "masked": 0.2}},
        {"kipoi": "DeepSTARR", "input": {"channels": "AGCT", "axes": "codes"}},
        {"kipoi": "DeepSTARR", "trained_on": {"ids": "seen.txt"}},
    ],
)
def test_every_kind_of_origin_is_understood(folder, entry):
    assert resolve(transfer(entry), folder)["pretrained"]["motifs"]["trust"] is False


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            {},
            "pretrained.motifs: give exactly one of `kipoi`, `folder`, `url`, `huggingface` and `p",
        ),
        ({"kipoi": "A", "url": "a.h5"}, "pretrained.motifs: give exactly one of"),
        ({"url": "model.pkl"}, "pretrained.motifs.url: must end in .keras, .h5, .hdf5"),
        ({"kipoi": "A", "sha256": "0" * 64}, "pretrained.motifs.sha256: only weights given as"),
        ({"folder": "f", "architecture": "a.json"}, "pretrained.motifs.architecture: only weights"),
        (
            {"url": "a.h5", "architecture_sha256": "0" * 64},
            "pretrained.motifs.architecture_sha256: there is no `architecture`",
        ),
        ({"folder": "git+https://a.org/b@main"}, "pretrained.motifs.folder: a repository is given"),
        ({"folder": "https://a.org/b"}, "pretrained.motifs.folder: must be a path or a repository"),
        ({"pretrain": {}}, "pretrained.motifs.pretrain: give either `config` or `sequences`"),
        ({"pretrain": {"model": "cnn"}}, "pretrained.motifs.pretrain: give either `config` or"),
        (
            {"pretrain": {"config": "a.yaml", "steps": 5}},
            "pretrained.motifs.pretrain.steps: only training on `sequences`",
        ),
        ({"kipoi": "A", "input": {"channels": "ACGA"}}, "pretrained.motifs.input.channels: `ACGA`"),
        ({"kipoi": "A", "input": {"axes": "channels"}}, "pretrained.motifs.input.axes: "),
        ({"kipoi": "A", "laeyr": "x"}, "pretrained.motifs: unknown key `laeyr`; did you mean"),
        (
            {"kipoi": "A", "trained_on": {"chromosomes": ["chr1"]}},
            "pretrained.motifs.trained_on.chromosomes: the data hold no chromosomes",
        ),
    ],
)
def test_a_faulty_pretrained_model_is_told(folder, entry, expected):
    found = faults(transfer(entry), folder)
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_chromosomes_of_training_can_be_declared_where_the_headers_give_them(folder):
    header = {"header": "(?P<id>[^ ]+) (?P<chromosome>chr[^:]+)"}
    entry = {"kipoi": "A", "trained_on": {"chromosomes": [1, "chrX"]}}
    config = resolve(transfer(entry, data={"sources": {"ones": header}}), folder)
    assert config["pretrained"]["motifs"]["trained_on"]["chromosomes"] == ["1", "chrX"]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            {"module": "kipoi_features"},
            "models.other.pretrained: is required for the module `kipoi_features`",
        ),
        (
            {"module": "kipoi_features", "pretrained": "motives"},
            "models.other.pretrained: there is no pretrained model `motives`; did you mean",
        ),
        (
            {"module": "cnn", "pretrained": "motifs"},
            "models.other.pretrained: the module `cnn` does not start from a pretrained model "
            "(these do: kipoi_features, kipoi_finetune)",
        ),
    ],
)
def test_a_model_and_the_pretrained_one_it_needs_go_together(folder, model, expected):
    found = faults(transfer({"kipoi": "A"}, {"other": model}), folder)
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_tabular_data_take_no_pretrained_model(folder):
    found = faults(tabular({"pretrained": {"motifs": {"kipoi": "A"}}}), folder)
    assert found == ("pretrained: only sequence data can use a pretrained model, not tabular",)


def test_a_module_that_does_not_say_what_it_is_for_is_refused(folder):
    (folder / "scripts/deeprules/networks/rnn.py").write_text("def build(hp, train): ...\n")
    found = faults(changed({"models": {"rnn": None}}), folder)
    assert found == ("models.rnn: the module `rnn` does not declare MODALITIES and TASKS",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def build(hp, train)\n    return 1\n", "line 1: expected ':'"),
        (
            "MODALITIES = both()\n",
            "NEEDS, INPUTS, FLOOR, TWIN_OF, WAY, ORIGIN, RANDOM_WEIGHTS, BACKEND: malformed",
        ),
        ("x = '\x00'", "null bytes"),
    ],
)
def test_a_model_file_that_cannot_be_read_is_named(folder, text, words):
    (folder / "scripts/deeprules/networks/rnn.py").write_text(text)
    (fault,) = faults(changed({"models": {"rnn": {}}}), folder)
    assert fault.startswith("models.rnn: the file of the module `rnn` cannot be read: ")
    assert words in fault
    assert "models" in resolve(CONFIG, folder)


def test_all_faults_come_in_one_message(folder):
    (folder / "study.yaml").write_text(yaml.safe_dump({**STUDY, "design": "guess", "autor": "x"}))
    wrong = {
        "modles": {},
        "data": {"positive": None, "group": "label"},
        "tuning": {"trials": "ten", "objective": "r2"},
        "split": {"strategy": "batch", "shares": {"train": 0.9}},
        "models": {"cnm": None},
    }
    with pytest.raises(ConfigurationError) as caught:
        resolve(changed(wrong), folder)
    message = str(caught.value)
    assert message.startswith("10 problems in the configuration:\n  - unknown key `modles`")
    assert message.count("\n  - ") == 10
    for part in (
        "tuning.trials: 'ten'",
        "data.positive: is required",
        "data.group: `label` is the label",
        "tuning.objective: `r2`",
        "data.batch: is required",
        "split.shares: must add up to 1",
        "did you mean `cnn`?",
        "study.yaml: unknown key `autor`",
        "study.yaml: design: 'guess' is not one of",
    ):
        assert part in message


def test_a_broken_setting_raises_no_further_faults(folder):
    """What breaks the schema is left out before contradictions are looked for."""
    assert len(faults(changed({"data": {"task": "binry"}}), folder)) == 1
    assert len(faults(changed({"data": {"sources": {"ones": 5}}}), folder)) == 1


def test_the_working_directory_comes_before_the_workflow(folder, tmp_path_factory, monkeypatch):
    place = tmp_path_factory.mktemp("run")
    monkeypatch.chdir(place)
    assert load_study("study.yaml", folder)["title"] == "Untitled study"
    (place / "study.yaml").write_text(yaml.safe_dump({**STUDY, "title": "Mine"}))
    assert load_study("study.yaml", folder)["title"] == "Mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("question: [", "is not YAML"),
        ("- a list", "is not of type 'object'"),
        ("", "question: is required"),
        (yaml.safe_dump({**STUDY, "plan": "short"}), "plan: 'short' is too short"),
        ("question: one\nquestion: two\n", "line 2: the key `question` stands in line 1"),
        ("unit: 0123", "line 1: YAML reads `0123` as 83"),
    ],
)
def test_a_bad_study_is_refused(tmp_path, text, message):
    (tmp_path / "study.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        load_study("study.yaml", tmp_path)


TWO_SOURCES = "data:\n  sources:\n    peaks: {url: a.fa}\n    other: {}\n    peaks: {url: b.fa}\n"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("config.yaml", TWO_SOURCES, "line 5: the key `peaks` stands in line 3 already"),
        ("config.yaml", "models:\n  cnn: {}\n  cnn: {}\n", "line 3: the key `cnn`"),
        ("config.yaml", "seed: 1\nmodels: {}\nseed: 2\n", "line 3: the key `seed`"),
        ("config.yaml", "data: {positive: 010}", "YAML reads `010` as 8"),
        ("config.json", '{"seed": 1, "seed": 2}', "the key `seed` stands twice"),
    ],
)
def test_what_snakemake_takes_without_a_word_is_refused(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigurationError, match=f"{name}(.|\n)*{words}"):
        read_config_files([tmp_path / "absent.yaml", tmp_path / name])


def test_hash_of_a_study_ignores_order_and_sees_every_value():
    backwards = dict(reversed(STUDY.items()))
    assert study_sha256(backwards) == study_sha256(STUDY)
    assert study_sha256({**STUDY, "unit": "a cell"}) != study_sha256(STUDY)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ({"url": "https://example.org/a/b.fa.gz?download=1#x"}, "b.fa.gz"),
        ({"url": "doi:10.5281/zenodo.1/my%20data%3A1.csv"}, "my_data_1.csv"),
        ({"url": "data/../.hidden.tsv"}, "hidden.tsv"),
        ({"simulate": {"kind": "sequences"}}, "sequences.tsv.gz"),
    ],
)
def test_filename(source, name):
    assert filename(source) == name


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_are_complete_configurations(path):
    config = resolve(yaml.safe_load(path.read_text()), ROOT)
    assert config["study"] == f"config/examples/{path.parent.name}/study.yaml"
    kinds = {model_entry(name, config, ROOT)["kind"] for name in config["models"]}
    assert kinds == {"network", "baseline", "nuisance"}
    for source in config["data"]["sources"].values():
        assert "simulate" in source or source["sha256"]


def test_the_shipped_configuration_is_the_demo():
    shipped = resolve(yaml.safe_load((ROOT / "config/config.yaml").read_text()), ROOT)
    demo = ROOT / "config/examples/simulated_sequences"
    expected = resolve(yaml.safe_load((demo / "config.yaml").read_text()), ROOT)
    assert {**shipped, "study": expected["study"]} == expected
    assert load_study(shipped["study"], ROOT) == load_study(demo / "study.yaml")


def test_models_that_always_run_exist():
    models = find_models(ROOT)
    assert set(floor_of(models)) == {"majority_class", "composition", "metadata"}
    assert {models[name].kind for name in floor_of(models)} == {"nuisance"}


def test_a_name_too_long_for_a_disk_keeps_its_end_and_stays_one_of_a_kind():
    names = {filename({"url": f"https://a.org/{one * 400}.fa.gz"}) for one in "ab"}
    assert len(names) == 2 and all(len(name) < 150 and name.endswith(".fa.gz") for name in names)
    assert filename({"url": "https://a.org/..%2F..%2Fx.fa"}) == "x.fa"


def test_interpretation_is_switched_off_or_takes_its_defaults(folder):
    defaults = {"sequences": 500, "motifs": None}
    for given in ({}, None, True):
        assert resolve(changed({"interpret": given}), folder)["interpret"] == defaults
    assert resolve(changed({"interpret": False}), folder)["interpret"] is False


def test_a_file_of_known_motifs_that_is_not_there_is_named(folder):
    (fault,) = faults(changed({"interpret": {"motifs": "absent.meme"}}), folder)
    assert "interpret.motifs: there is no file `absent.meme`" in fault
    (fault,) = faults(changed({"interpret": {"motifs": True}}), folder)
    assert "interpret.motifs: give a MEME file" in fault
