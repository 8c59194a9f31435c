"""What every stage of a made-up run wrote: a module for each part of the report.

`FACTS` holds what is the same whatever the task, the modality and the models are.
"""

import copy
from pathlib import Path

import yaml

FACTS = yaml.safe_load(Path(__file__).with_name("facts.yaml").read_text(encoding="utf-8"))
SHA = FACTS["source"]["sha256"]
STUDY_SHA = "ab12cd" + "e" * 58
SEEDS = (1, 2, 3)
ETHICS = FACTS["ethics"]


def facts(name: str) -> dict:
    """A copy of invented facts, to add to."""
    return copy.deepcopy(FACTS[name])
