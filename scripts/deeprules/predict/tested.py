"""Whether new examples are those of a sealed test set, which is told without opening it.

The ledger of openings keeps hashes of the test examples, and sketches by which edited ones are
known. A score on examples that were tested before is no external validation.
"""

from pathlib import Path

import numpy as np

from deeprules.evaluate.identity import turned_hashes
from deeprules.evaluate.ledger import read_examples, read_ledger, read_sketches
from deeprules.evaluate.row_sketches import row_sketches, similar_rows
from deeprules.evaluate.sequence_sketches import sequence_sketches, similar_sequences
from deeprules.files import read_array

CHUNK_OF_ROWS = 2_000


def write_tested(folder: Path, ledger: str | Path) -> dict:
    """Gather the hashes and sketches of all openings of a ledger into a packed model.

    Returns
    -------
    {"openings": number, "sketches": kind of each file of sketches}, for the description.
    """
    entries = read_ledger(ledger)
    contents, turned, kinds = set(), set(), []
    (folder / "tested").mkdir()
    for entry in entries:
        known = read_examples(ledger, entry)
        contents |= known[0]
        turned |= known[3]
        sketches = read_sketches(ledger, entry)
        if sketches is not None:
            np.save(folder / "tested" / f"sketches{len(kinds)}.npy", sketches)
            kinds.append(entry["sketches_kind"])
    for name, hashes in (("contents", contents), ("turned", turned)):
        numbers = np.array(sorted(int(one, 16) for one in hashes), dtype=np.uint64)
        np.save(folder / "tested" / f"{name}.npy", numbers)
    return {"openings": len(entries), "sketches": kinds}


class Tested:
    """What is known of the sealed test examples of a packed model.

    Parameters
    ----------
    folder : the packed model
    facts : `tested` of its description
    """

    def __init__(self, folder: Path, facts: dict):
        self.contents, self.turned = (
            np.asarray(read_array(folder / "tested" / f"{name}.npy"))
            for name in ("contents", "turned")
        )
        self.sketches = [
            (kind, np.asarray(read_array(folder / "tested" / f"sketches{number}.npy")))
            for number, kind in enumerate(facts["sketches"])
        ]

    def same(self, features: np.ndarray, canonical: np.ndarray) -> np.ndarray:
        """Which of the examples (N,) are test examples: by content, in any orientation.

        Parameters
        ----------
        features : codes (N, L) or values (N, P)
        canonical : their canonical content hashes (N,)
        """
        found = np.isin(canonical, self.contents)
        if features.dtype == np.uint8 and len(self.turned):
            found |= np.isin(turned_hashes(features), self.turned)
        return found

    def alike(self, features: np.ndarray) -> np.ndarray:
        """Which of the examples (N,) resemble a test example, as edited copies of one do."""
        found = np.zeros(len(features), dtype=bool)
        if features.dtype == np.uint8:
            current = sequence_sketches(features)
            for _, known in (one for one in self.sketches if one[0] == "sequence"):
                found |= similar_sequences(current, known)[0]
            return found
        kind = f"tabular, {features.shape[1]} features"
        for start in range(0, len(features), CHUNK_OF_ROWS):
            rows = slice(start, start + CHUNK_OF_ROWS)
            current = row_sketches(features[rows])
            for _, known in (one for one in self.sketches if one[0] == kind):
                found[rows] |= similar_rows(current, known, features.shape[1])[0]
        return found
