"""Drafts from files that were looked at: sequences and intervals; of the rest, the right one."""

from collections.abc import Sequence

from deeprules.guess.draft import EDIT, LABEL, Draft, id_column, roles_of_table
from deeprules.guess.matrices import of_h5ad, of_matrices
from deeprules.guess.roles import Column, candidates, columns_of, positive_of
from deeprules.guess.seen import Seen
from deeprules.tasks import MULTIREGRESSION


def draft_of(files: Sequence[Seen]) -> Draft:
    """What the files are in a study; the first kind that is there decides what it is about."""
    kinds = {seen.kind for seen in files}
    tables = [seen for seen in files if seen.kind == "table"]
    with_sequences = [seen for seen in tables if _sequence_column(seen)]
    if "h5ad" in kinds:
        draft = of_h5ad(files)
    elif kinds & {"tenx", "archive"}:
        draft = of_matrices(files, [seen for seen in files if seen.kind in ("tenx", "archive")])
    elif "bed" in kinds or "bigwig" in kinds:
        draft = _of_intervals(files)
    elif "fasta" in kinds or "genome" in kinds:
        draft = _of_fasta(files)
    elif with_sequences:
        draft = _of_sequence_tables(with_sequences)
    else:
        draft = of_matrices(files, [])
    used = {entry["url"] for entry, _ in draft.sources.values()}
    for seen in files:
        if str(seen.path) not in used:
            why = seen.facts.get("why", f"it looks like {seen.kind}, and was not needed")
            draft.unused.append(f"{seen.path}: not used: {why}")
    return draft


def _sequence_column(seen: Seen) -> Column | None:
    return next(iter(candidates(columns_of(seen.table).values(), "sequence")), None)


def _of_classes(draft: Draft, names: Sequence[str]) -> None:
    """The roles where each file is a class of its own."""
    many = len(names) > 2
    draft.roles["task"] = ("multiclass" if many else "binary", "")
    draft.roles["label"] = (LABEL, "each file is a class, by its `values`")
    if not many:
        draft.roles["positive"] = (positive_of(names), f"{EDIT}guessed from {', '.join(names)}")
    draft.roles["group"] = (None, f"{EDIT}what must not be split (locus, family), if any")


def _of_fasta(files: Sequence[Seen]) -> Draft:
    draft = Draft("sequence")
    fasta = [seen for seen in files if seen.kind in ("fasta", "genome")]
    tables = [seen for seen in files if seen.kind == "table"]
    if len(fasta) == 1 and tables:
        samples = draft.add(tables[0], format="table", **id_column(tables[0].table))
        draft.add(fasta[0], format="fasta", samples=samples)
        roles_of_table(draft, tables[0].table)
    else:
        for seen in fasta:
            name = draft.add(seen)
            header = {"header": seen.facts["header"]} if "header" in seen.facts else {}
            draft.sources[name][0].update(format="fasta", values={LABEL: name}, **header)
        _of_classes(draft, list(draft.sources))
        if len(fasta) == 1:
            draft.roles["label"] = (LABEL, f"{EDIT}one file is one class: add another, or `header`")
    lengths = [seen.facts["lengths"] for seen in fasta if "lengths" in seen.facts]
    _lengths(draft, lengths)
    return draft


def _lengths(draft: Draft, lengths: Sequence[tuple[int, int]]) -> None:
    """What to do about unequal lengths."""
    if not lengths:
        return
    low, high = min(one[0] for one in lengths), max(one[1] for one in lengths)
    if low != high:
        value = {"policy": "crop_or_pad", "bases": (low + high) // 2}
        draft.more["length"] = (value, f"{EDIT}they have {low:,} to {high:,} bases")


def _of_intervals(files: Sequence[Seen]) -> Draft:
    draft = Draft("sequence")
    beds = [seen for seen in files if seen.kind == "bed"]
    tracks = [seen for seen in files if seen.kind == "bigwig"]
    genomes = [seen for seen in files if seen.kind in ("genome", "fasta")]
    genome = draft.add(genomes[0], format="genome") if genomes else "genome"
    if not genomes:
        draft.sources["genome"] = (
            {"url": "data/genome.fa.gz", "format": "genome"},
            f"{EDIT}the genome in which the intervals lie",
        )
    names = [draft.add(bed, format="bed", genome=genome) for bed in beds]
    summits = any(bed.facts["summits"] for bed in beds)
    draft.more["intervals"] = (
        {"width": 500, "centre": "summit" if summits else "midpoint"},
        f"{EDIT}bases that are cut out around each",
    )
    draft.split = (
        {"strategy": "chromosome"},
        f"{EDIT}name the chromosomes to hold out, `test: [chr8, chr9], tune: [chr7]`",
    )
    if tracks and names:
        for track in tracks:
            draft.add(track, format="bigwig", regions=names[0])
        task, label = (
            ("regression", "signal") if len(tracks) == 1 else (MULTIREGRESSION, "signal_*")
        )
        draft.roles["task"] = (task, "the mean of each track over each region")
        draft.roles["label"] = (label, "what sources of format bigwig give")
        return draft
    for name in names:
        draft.sources[name][0]["values"] = {LABEL: name}
    _of_classes(draft, names)
    if len(names) == 1:
        draft.roles["positive"] = (names[0], "")
        draft.more["negatives"] = (
            {"from": "genome", "match": ["gc", "length", "chromosome"], "ratio": 1},
            f"{EDIT}drawn, as there is one file of intervals; or give a file of your own",
        )
    return draft


def _of_sequence_tables(tables: Sequence[Seen]) -> Draft:
    draft = Draft("sequence")
    for seen in tables:
        columns = columns_of(seen.table)
        renamed = id_column(seen.table).get("columns", {})
        sequence = _sequence_column(seen).name
        if sequence != "sequence":
            renamed = {**renamed, "sequence": sequence}
        others = [column.name for column in columns.values() if column.is_sequence]
        comment = f"{EDIT}which of {', '.join(others)} is the sequence?" if others[1:] else ""
        draft.add(seen, comment, format="table", **({"columns": renamed} if renamed else {}))
    table = tables[0].table
    roles_of_table(draft, table)
    sizes = table[_sequence_column(tables[0]).name].dropna().str.len()
    _lengths(draft, [(int(sizes.min()), int(sizes.max()))])
    return draft
