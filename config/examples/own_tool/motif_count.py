"""Count a motif, given as a regular expression, on both strands of each sequence of a FASTA file.

Usage: motif_count.py MOTIF EXAMPLES > SCORES

It learns nothing. Each line of the output is an id, a tab and the number of hits.
"""

import re
import sys

COMPLEMENT = str.maketrans("ACGT", "TGCA")


def main(motif, examples):
    # A lookahead finds hits that overlap as well.
    pattern = re.compile(f"(?={motif})")
    with open(examples) as file:
        for header in file:
            sequence = next(file).strip()
            strands = (sequence, sequence.translate(COMPLEMENT)[::-1])
            hits = sum(len(pattern.findall(strand)) for strand in strands)
            print(header[1:].strip(), hits, sep="\t")


main(*sys.argv[1:])
