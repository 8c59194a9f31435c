"""config/README.md and the schemas say the same."""

import re
from pathlib import Path

import pytest
import yaml

from deeprules_workflow.configuration import resolve
from deeprules_workflow.document_config import README, document, readme_with
from deeprules_workflow.schema import load_schema

ROOT = Path(__file__).parents[2]


def described(schema, root, path=()):
    """Every key of a schema with its path, constants left out."""
    for key, entry in schema.get("properties", {}).items():
        if "const" not in entry:
            yield ".".join((*path, key)), entry
        yield from described(entry, root, (*path, key))
    inner = schema.get("additionalProperties")
    if isinstance(inner, dict):
        yield from described(inner, root, (*path, "<name>"))


def test_the_reference_is_in_step_with_the_schemas():
    """Mend it with: PYTHONPATH=workflow python -m deeprules_workflow.document_config --write"""
    assert README.read_text(encoding="utf-8") == readme_with(document())


@pytest.mark.parametrize("name", ["config", "study", "ethics"])
def test_every_key_has_a_description_and_is_documented(name):
    schema = load_schema(name)
    tables = document()
    keys = dict(described(schema, schema))
    for branch in schema.get("$defs", {}).values():
        keys |= dict(described(branch, schema))
    assert len(keys) > 5
    for path, entry in keys.items():
        assert entry.get("description"), path
        assert f"| `{path}` |" in tables


def test_typos_cannot_pass():
    """Every mapping with known keys refuses others."""

    def closed(schema):
        inner = schema.get("properties", {})
        if inner and "allOf" not in schema:
            assert schema["additionalProperties"] is False or "<" in str(schema), schema
        for entry in [*inner.values(), *schema.get("$defs", {}).values()]:
            closed(entry)
        if isinstance(schema.get("additionalProperties"), dict):
            closed(schema["additionalProperties"])

    for name in ("config", "study", "ethics"):
        closed(load_schema(name))


def fragments():
    """The configurations in the README's hand-written part."""
    text = README.read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    return [block for block in blocks if "data" in block]


@pytest.mark.parametrize("fragment", fragments())
def test_the_examples_in_the_text_are_valid(fragment, tmp_path):
    study = yaml.safe_load((ROOT / "config/study.yaml").read_text())
    study["positive_class"] = fragment["data"].get("positive")
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study))
    config = {"study": str(tmp_path / "study.yaml"), "models": {"random_forest": None}, **fragment}
    assert resolve(config, ROOT)["data"]["sources"]
