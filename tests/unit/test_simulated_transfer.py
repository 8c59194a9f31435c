"""Simulated tasks with one motif seed share their motifs; the examples of transfer rest on that."""

from pathlib import Path

import pytest
import yaml

from deeprules.encoding import reverse_complement_letters
from deeprules.simulate.simulation import simulate
from deeprules_workflow.schema import complete, load_schema

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "config" / "examples"


def sequences(**parameters):
    schema = load_schema("config")
    settings = complete({"kind": "sequences"}, schema["$defs"]["sequences"], schema)
    return simulate({**settings, "n": 300, "motif_information": 1.9, **parameters}, 1)


def consensus(table, width=8):
    """The most frequent base at each position of each planted motif."""
    sites = table.assign(site=table["planted"].str.split(";")).explode("site")
    sites = sites[sites["site"].ne("")]
    found = {}
    for sequence, site in zip(sites["sequence"], sites["site"], strict=True):
        motif, start, strand = site.split(":")
        word = sequence[int(start) : int(start) + width]
        word = reverse_complement_letters(word) if strand == "-" else word
        found.setdefault(motif, []).append(word)
    return {
        motif: "".join(max("ACGT", key=column.count) for column in zip(*words, strict=True))
        for motif, words in found.items()
    }


def test_tasks_with_one_motif_seed_share_motifs_and_nothing_else():
    one, two = (sequences(motif_seed=5, seed=seed, spacing=[4, 9]) for seed in (1, 2))
    assert consensus(one) == consensus(two)
    assert not set(one["sequence"]) & set(two["sequence"])
    assert consensus(sequences(motif_seed=6, seed=1)) != consensus(one)


def test_without_a_motif_seed_the_motifs_come_from_the_seed():
    assert consensus(sequences(seed=1)) != consensus(sequences(seed=2))
    assert sequences(seed=1).equals(sequences(seed=1, motif_seed=None))


@pytest.mark.parametrize(
    ("folder", "is_related"),
    [("simulated_transfer", True), ("simulated_transfer_unrelated", False)],
)
def test_the_examples_of_transfer_are_related_or_not(folder, is_related):
    target, pretraining = (
        yaml.safe_load((EXAMPLES / folder / f"{name}.yaml").read_text())
        for name in ("config", "pretraining")
    )
    assert target["pretrained"]["elsewhere"]["pretrain"]["config"] == (
        f"config/examples/{folder}/pretraining.yaml"
    )
    few, many = (
        sequences(**{**next(iter(config["data"]["sources"].values()))["simulate"], "n": 300})
        for config in (target, pretraining)
    )
    assert (consensus(few) == consensus(many)) is is_related
    assert not set(few["sequence"]) & set(many["sequence"])
