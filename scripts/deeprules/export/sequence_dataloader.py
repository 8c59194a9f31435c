"""Sequences of a FASTA file as the model takes them: one byte a base, `uint8` (length,).

A code is a set of bases, one bit each: A 1, C 2, G 4, T 8; an ambiguous letter is the sum of its
bases (N 15), and `-` is padding, 0.
"""

import ast
import gzip
from pathlib import Path

import numpy as np
import yaml
from kipoi.data import SampleIterator

LETTERS = "-ACMGRSVTWYHKDBN"
INVALID = 255
# kipoi runs this file from within its folder, without a `__file__`.
SCHEMA = yaml.safe_load(Path("dataloader.yaml").read_text())["output_schema"]
INPUTS = SCHEMA["inputs"]
CODES_INPUT = INPUTS if "shape" in INPUTS else next(iter(INPUTS.values()))  # the first of several
LENGTH = ast.literal_eval(CODES_INPUT["shape"])[0]  # None: any length

CODES = np.full(256, INVALID, dtype=np.uint8)
for _code, _letter in enumerate(LETTERS):
    CODES[ord(_letter)] = CODES[ord(_letter.lower())] = _code
CODES[ord("U")] = CODES[ord("u")] = CODES[ord("T")]


def read_fasta(path):
    """Yield (name, sequence) of each record of a FASTA file, plain or gzip-compressed."""
    name, parts = None, []
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt") as file:
        for line in file:
            if line.startswith(">"):
                if name is not None:
                    yield name, "".join(parts)
                name, parts = (line[1:].split() or [""])[0], []
            elif name is not None:
                parts.append(line.strip())
            elif line.strip():
                raise ValueError(f"{path}: not a FASTA file, it starts with {line[:20]!r}")
    if name is not None:
        yield name, "".join(parts)


def encode(name, sequence):
    """Codes (length,) of one sequence; ValueError for another length or unknown letters."""
    if LENGTH is not None and len(sequence) != LENGTH:
        raise ValueError(f"{name}: {len(sequence)} bases, but the model takes {LENGTH}")
    codes = CODES[np.frombuffer(sequence.encode("latin-1", "replace"), dtype=np.uint8)]
    if (codes == INVALID).any():
        place = int(np.argmax(codes == INVALID))
        raise ValueError(f"{name}: base {place + 1} is {sequence[place]!r}, which is no base")
    return codes


class Sequences(SampleIterator):
    """The sequences of a FASTA file, one at a time."""

    def __init__(self, fasta_file):
        self.samples = self.read(fasta_file)

    def read(self, fasta_file):
        for name, sequence in read_fasta(fasta_file):
            yield {"inputs": encode(name, sequence), "metadata": {"id": name}}

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.samples)
