"""A position weight matrix: learn one motif from two FASTA files, and score sequences by it.

Usage: weight_matrix.py train POSITIVES NEGATIVES WIDTH MODEL
       weight_matrix.py score EXAMPLES MODEL SCORES

Training starts from the word of WIDTH bases that stands in a larger share of positives than of
negatives, by the largest difference, on either strand. Three times it takes the best site of each
positive, and makes log odds against equal shares of the bases from these sites. The score of a
sequence is that of its best site. Any Python from 3.10 on runs it.
"""

import math
import sys
from collections import Counter

BASES = "ACGT"
COMPLEMENT = str.maketrans(BASES, BASES[::-1])
ROUNDS = 3


def read_fasta(path):
    """Ids and sequences; each sequence is one line."""
    with open(path) as file:
        lines = [line.strip() for line in file]
    return list(zip((header[1:] for header in lines[::2]), lines[1::2], strict=True))


def windows(sequence, width):
    """Words of both strands."""
    for strand in (sequence, sequence.translate(COMPLEMENT)[::-1]):
        for start in range(len(strand) - width + 1):
            yield strand[start : start + width]


def enriched_word(positives, negatives, width):
    """The word with the largest difference in share of sequences; of equals the first."""
    shares = Counter()
    for sequences, sign in ((positives, 1), (negatives, -1)):
        for _, sequence in sequences:
            for word in set(windows(sequence, width)):
                shares[word] += sign / len(sequences)
    return min(shares, key=lambda word: (-shares[word], word))


def weights_of(sites, width):
    """Log odds of each base at each position, with one pseudocount."""
    counts = [Counter(site[place] for site in sites) for place in range(width)]
    total = len(sites) + len(BASES)
    return [
        {base: math.log2(len(BASES) * (count[base] + 1) / total) for base in BASES}
        for count in counts
    ]


def score(word, weights):
    """Sum of the weights of a word; an ambiguous base counts 0."""
    return sum(column.get(base, 0.0) for base, column in zip(word, weights, strict=True))


def train(positives, negatives, width, model):
    width, positives = int(width), read_fasta(positives)
    weights = weights_of([enriched_word(positives, read_fasta(negatives), width)] * 4, width)
    for _ in range(ROUNDS):
        sites = [
            max(windows(sequence, width), key=lambda word: score(word, weights))
            for _, sequence in positives
        ]
        weights = weights_of(sites, width)
    with open(model, "w") as file:
        for column in weights:
            print(*(f"{column[base]:.6f}" for base in BASES), sep="\t", file=file)


def score_all(examples, model, scores):
    with open(model) as file:
        weights = [dict(zip(BASES, map(float, line.split("\t")), strict=True)) for line in file]
    with open(scores, "w") as file:
        print("id", "score", sep="\t", file=file)
        for name, sequence in read_fasta(examples):
            best = max(score(word, weights) for word in windows(sequence, len(weights)))
            print(name, f"{best:.6f}", sep="\t", file=file)


if sys.argv[1:] == ["--version"]:
    print("weight_matrix 1.0")
else:
    {"train": train, "score": score_all}[sys.argv[1]](*sys.argv[2:])
