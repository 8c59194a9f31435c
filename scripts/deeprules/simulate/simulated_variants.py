"""Variants of a simulated genome, some of which break a planted motif."""

import numpy as np
import pandas as pd

from deeprules.encoding import COMPLEMENT, LETTERS
from deeprules.errors import InputError
from deeprules.simulate.planted_motifs import CODES
from deeprules.simulate.simulated_peaks import Simulated, simulated_places

BESIDE = "beside"
"""What the id of a variant that breaks no motif begins with."""


def simulate_variants(
    *, rng: np.random.Generator, variants: int, breaking: float, **parameters
) -> pd.DataFrame:
    """Substitutions of one base in the peaks of `simulate_peaks` under the same parameters.

    Parameters
    ----------
    variants : how many
    breaking : share of those that turn the likeliest base of a motif, where it stands, into another

    Returns
    -------
    Table in the order of the genome: chromosome, position (from 1), id (`breaks_motif_<k>_<number>`
    or `beside_<number>`), ref, alt.
    """
    drawn = simulated_places(rng=rng, **parameters)
    n_breaking, width = round(variants * breaking), parameters["width"]
    inside, outside = _bases_of_motifs(drawn), _bases_beside(drawn, width)
    if n_breaking > len(inside) or variants - n_breaking > len(outside):
        raise InputError(
            f"simulate: {variants:,} variants, a share of {breaking:g} of them in motifs, are more "
            f"than the {len(inside):,} bases of motifs and the {len(outside):,} beside them; take "
            "fewer, or more peaks."
        )
    chosen = [inside.sample(n_breaking, random_state=rng)]
    chosen.append(outside.sample(variants - n_breaking, random_state=rng))
    table = pd.concat(chosen).sort_values(["row", "place"], ignore_index=True)
    ref = drawn.genome[table["row"], table["place"]]
    alt = CODES[(np.log2(ref).astype(int) + rng.integers(1, 4, len(table))) % 4]
    kind = np.where(table["motif"], "breaks_motif_" + table["motif"].astype(str), BESIDE)
    return pd.DataFrame(
        {
            "chromosome": [f"chr{row + 1}" for row in table["row"]],
            "position": table["place"] + 1,
            "id": [f"{one}_{number:06d}" for number, one in enumerate(kind, start=1)],
            "ref": [LETTERS[code] for code in ref],
            "alt": [LETTERS[code] for code in alt],
        }
    )


def _bases_of_motifs(drawn: Simulated) -> pd.DataFrame:
    """Chromosome (`row`), `place` and `motif` (from 1) of the bases that a motif wants most."""
    found = []
    for motif, matrix in enumerate(drawn.matrices):
        sites = drawn.sites[drawn.sites["motif"] == motif]
        place = drawn.places.loc[sites["row"]]
        wanted = CODES[matrix.argmax(axis=1)]
        is_reverse = sites["reverse"].to_numpy()[:, None]
        wanted = np.where(is_reverse, COMPLEMENT[wanted[::-1]], wanted)
        start = place["start"].to_numpy() + sites["start"].to_numpy()
        places = start[:, None] + np.arange(len(matrix))
        rows = np.broadcast_to(place["row"].to_numpy()[:, None], places.shape)
        is_there = drawn.genome[rows, places] == wanted
        table = {"row": rows[is_there], "place": places[is_there], "motif": motif + 1}
        found.append(pd.DataFrame(table))
    return pd.concat(found, ignore_index=True)


def _bases_beside(drawn: Simulated, width: int) -> pd.DataFrame:
    """The same of all bases of peaks that lie in no motif; `motif` is 0."""
    is_free = np.ones((len(drawn.places), width), dtype=bool)
    for motif, matrix in enumerate(drawn.matrices):
        sites = drawn.sites[drawn.sites["motif"] == motif]
        columns = sites["start"].to_numpy()[:, None] + np.arange(len(matrix))
        is_free[sites["row"].to_numpy()[:, None], columns] = False
    peak, offset = np.nonzero(is_free)
    places = drawn.places.iloc[peak]
    place = places["start"].to_numpy() + offset
    return pd.DataFrame({"row": places["row"].to_numpy(), "place": place, "motif": 0})
