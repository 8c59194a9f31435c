"""YAML files that the workflow writes for itself, apart from others as not all jobs have PyYAML."""

import os
from pathlib import Path

import yaml

from deeprules.files import refusing_damage, write_text


def write_yaml(path: str | os.PathLike, content) -> None:
    """Write `content` as YAML, its keys in their order."""
    write_text(path, yaml.safe_dump(content, sort_keys=False))


def read_yaml(path: str | os.PathLike):
    """The content of a YAML file that the workflow wrote; InputError if it is empty or damaged."""
    with refusing_damage(path, yaml.YAMLError):
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        if content is None:
            raise ValueError("it holds nothing")
    return content
