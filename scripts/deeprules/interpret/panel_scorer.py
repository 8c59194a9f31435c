"""Score sequences or rows of a table with a panel of a few features. Needs Python alone.

    python score_panel.py sequences.fa        (FASTA, for a panel of k-mers and motifs)
    python score_panel.py table.csv           (first column: id; comma or tab; a column a feature)

Prints one line an example: its id and the probability of each class, or the value.
"""

import csv
import json
import math
import sys

PANEL = json.loads("{}")


def sequences(path):
    """Ids and upper-case letters of a FASTA file, U as T."""
    name, parts = None, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(">"):
                if name is not None:
                    yield name, "".join(parts).upper().replace("U", "T")
                words = line[1:].split()
                name, parts = (words[0] if words else ""), []
            else:
                parts.append(line.strip())
    if name is not None:
        yield name, "".join(parts).upper().replace("U", "T")


def other_strand(letters):
    """The reverse complement."""
    return letters[::-1].translate(str.maketrans("ACGT", "TGCA"))


def kmer_count(letters, feature):
    """How often a k-mer stands in a sequence, on either strand where both are one."""
    words = {feature["word"]}
    if PANEL["both_strands"]:
        words.add(other_strand(feature["word"]))
    k = len(feature["word"])
    return sum(letters[at : at + k] in words for at in range(len(letters) - k + 1))


def motif_score(letters, feature):
    """Highest sum of the weights of the bases of a window, on either strand where both are one."""
    weights = [dict(zip("ACGT", row, strict=True)) for row in feature["matrix"]]
    strands = [letters, other_strand(letters)] if PANEL["both_strands"] else [letters]
    found = [
        sum(row.get(strand[at + place], 0.0) for place, row in enumerate(weights))
        for strand in strands
        for at in range(len(strand) - len(weights) + 1)
    ]
    return max(found, default=0.0)


def of_sequence(letters):
    """Values of the features of a sequence."""
    ask = {"kmer": kmer_count, "motif": motif_score}
    return [ask[feature["kind"]](letters, feature) for feature in PANEL["features"]]


def rows(path):
    """Ids and values of the features of a table."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        head = file.readline()
        file.seek(0)
        table = csv.DictReader(file, delimiter="\t" if "\t" in head else ",")
        names = [feature["name"] for feature in PANEL["features"]]
        missing = [name for name in names if name not in table.fieldnames]
        if missing:
            sys.exit(f"{path}: has no column {', '.join(missing)}.")
        for row in table:
            yield row[table.fieldnames[0]], [number(row[name]) for name in names]


def number(text):
    """A number; None where it is missing."""
    text = (text or "").strip()
    return None if text.lower() in ("", "na", "nan") else float(text)


def scores(values):
    """The score of each class, or the value."""
    features = PANEL["features"]
    standard = [
        ((feature["median"] if value is None else value) - feature["mean"]) / feature["scale"]
        for feature, value in zip(features, values, strict=True)
    ]
    return [
        start + sum(weight * value for weight, value in zip(weights, standard, strict=True))
        for start, weights in zip(PANEL["intercepts"], PANEL["weights"], strict=True)
    ]


def probabilities(found):
    """Probabilities of the classes from their scores."""
    found = [0.0, *found] if len(found) == 1 else found
    highest = max(found)
    shares = [math.exp(one - highest) for one in found]
    return [share / sum(shares) for share in shares]


def main(path):
    """Print the table."""
    examples = sequences(path) if PANEL["modality"] == "sequence" else rows(path)
    is_sequence = PANEL["modality"] == "sequence"
    if PANEL.get("transformed"):
        print(f"Numbers must be as in the run: {PANEL['transformed']}", file=sys.stderr)
    print("id", *([f"p_{name}" for name in PANEL["classes"]] or ["value"]), sep="\t")
    for name, given in examples:
        found = scores(of_sequence(given) if is_sequence else given)
        shown = probabilities(found) if PANEL["classes"] else found
        print(name, *(f"{value:.6f}" for value in shown), sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
