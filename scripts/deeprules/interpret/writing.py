"""The files of an interpretation that the report shows."""

from collections.abc import Mapping, Sequence

import pandas as pd

from deeprules.data import Development
from deeprules.files import read_table
from deeprules.fit.loading import load_network
from deeprules.fit.models import load_model
from deeprules.interpret.both_sides import both_sides
from deeprules.interpret.experimenting import motif_target, try_motifs, try_pairs
from deeprules.interpret.explained import other_sequences, sequences_to_explain
from deeprules.interpret.kmers import strongest_kmers
from deeprules.interpret.motif import read_motifs
from deeprules.interpret.summary import motif_table, position_table, site_table, summarise

OTHERS = 100
"""Sequences that backgrounds are made of."""


def interpret(
    model: str, source: Mapping, needed: object, development: Development, terms: Mapping
) -> tuple[dict[str, pd.DataFrame], dict]:
    """Experiments with the motifs that were found, and everything that is said of them.

    Parameters
    ----------
    model : name of the network
    source : files by name: `fit_model` and perhaps `logistic_regression` (lists), `null`,
        `attributions_table`, `found`, `matches`
    needed : the pretrained model that the network starts from, if any
    terms : `sequences` and `seed`

    Returns
    -------
    Tables by name (motifs, sites, positions, effects, pairs, kmers), and the content of
    `summary.json`.
    """
    networks = [both_sides(load_network(path, needed)) for path in source["fit_model"]]
    null = both_sides(load_network(source["null"], needed))
    motifs, null_motifs, known = read_motifs(source["found"])
    matches = read_table(source["matches"])
    explained = sequences_to_explain(development, terms["sequences"], terms["seed"])
    others = other_sequences(development, OTHERS, terms["seed"])
    asked = (networks, null, explained, others, terms["seed"])
    effects = try_motifs(motifs, null_motifs, *asked)
    pairs, best = try_pairs(motifs, networks, explained, others, terms["seed"])
    target = motif_target(motifs[0], explained) if motifs else 1
    fits: Sequence = [load_model(path) for path in source.get("logistic_regression", ())]
    tables = {
        "motifs": motif_table(motifs, matches, explained),
        "sites": site_table(motifs, explained),
        "positions": position_table(motifs),
        "effects": effects,
        "pairs": pairs,
        "kmers": strongest_kmers(fits, motifs, development.train.dataset.classes, target),
    }
    attributions = read_table(source["attributions_table"])
    found = (attributions, motifs, null_motifs, matches, best, known)
    return tables, summarise(model, development.train.dataset, explained, *found)
