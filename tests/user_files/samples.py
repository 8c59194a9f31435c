"""Samples and their ids: unmatched, unlabelled, too few, and sequences that do not fit."""

from user_file import bases, counts, kind, reads, refused, sample_data, sequence_data

SAMPLES = [f"S{number:02}" for number in range(1, 41)]
GENES = [f"g{number}" for number in range(20)]


def matrix(folder, ids=SAMPLES, sheet_ids=SAMPLES, label=kind, settings=None, **data):
    """A matrix with samples in rows and a table of them."""
    rows = [",".join([name, *map(str, counts(len(GENES)))]) for name in ids]
    (folder / "counts.csv").write_text("\n".join([",".join(["id", *GENES]), *rows, ""]))
    rows = [f"{name},{label(i)},{'a' if i < 39 else 'b'}" for i, name in enumerate(sheet_ids)]
    (folder / "sheet.csv").write_text("\n".join(["id,diagnosis,site", *rows, ""]))
    source = {"url": folder / "counts.csv", "format": "matrix", "samples": "sheet"}
    sheet = {"url": folder / "sheet.csv", "format": "table"}
    return sample_data(sources={"counts": {**source, **(settings or {})}, "sheet": sheet}, **data)


@reads("40 examples of 20 features")
def ids_with_blanks_and_characters_without_width(folder):
    return matrix(folder, sheet_ids=[f" {name}\u200b" for name in SAMPLES])


@refused(
    "40 of 40 here, and 40 of its 40 are not here: 'S01.sorted.bam'",
    r"Set `id_pattern: '(?P<id>.+?)\.sorted\.bam'` in the source counts, which matches 40 more;",
)
def ids_with_the_ending_of_a_file(folder):
    return matrix(folder, ids=[f"{name}.sorted.bam" for name in SAMPLES])


@reads("40 examples of 20 features")
def ids_with_the_ending_of_a_file_and_the_pattern(folder):
    pattern = {"id_pattern": r"(?P<id>.+)\.sorted\.bam"}
    return matrix(folder, ids=[f"{name}.sorted.bam" for name in SAMPLES], settings=pattern)


@refused(
    "'s-01' (nearest: 'S01'), 's-02' (nearest: 'S02')",
    "Set `id_match: alike` in the source counts, which matches 40 more; or leave them out: ",
)
def ids_in_another_spelling(folder):
    return matrix(folder, ids=[f"s-{name[1:]}" for name in SAMPLES])


@reads(
    "39 examples of 20 features",
    "Of 40 examples, 1 would be left out.\n  - 1, as they have no label (missing_label)",
)
def a_sample_without_a_diagnosis_that_may_go(folder):
    return matrix(folder, label=lambda i: kind(i) if i else "", missing_label="drop")


@reads("39 examples of 20 features", "1, as their site is not among a (include)")
def samples_of_one_site(folder):
    return matrix(folder, include={"site": "a"})


@reads("25 examples of 20 features", "15, as their age is not at least 15 (include)")
def samples_that_are_old_enough(folder):
    data = matrix(folder, include={"age": {"at_least": 15}})
    rows = [f"{name},{kind(i)},{i}" for i, name in enumerate(SAMPLES)]
    (folder / "sheet.csv").write_text("\n".join(["id,diagnosis,age", *rows, ""]))
    return data


@refused(
    "column 'site': 40 values are no numbers, and have no limits: 'a', 'b'. Write numbers there, "
    "leave them empty, or list the values that are meant."
)
def limits_of_what_is_text(folder):
    return matrix(folder, include={"site": {"above": 3}})


@refused("column 'diagnosis': there is no diagnosis in 20 rows: 2 (S01), 4 (S03), 6 (S05) and 17 ")
def samples_half_of_which_have_no_diagnosis(folder):
    return matrix(folder, label=lambda i: kind(i) if i % 2 else "")


@refused(
    "All 40 examples are left out: 39 as their site is a (exclude); 1 as their site is b "
    "(exclude). Correct these keys of `data` in the config, each named in brackets, so that some "
    "are left."
)
def rules_that_leave_nothing(folder):
    return matrix(folder, exclude={"site": ["a", "b"]})


@refused(
    "there is one class only, case (20) (left out: 20 as their diagnosis is control (exclude)). "
    "Give examples of other classes, or leave fewer out."
)
def rules_that_leave_one_class(folder):
    return matrix(folder, exclude={"diagnosis": "control"})


@reads("38 examples of 20 features", "case 19, control 19")
def a_class_too_small_to_learn(folder):
    def label(i):
        return "other" if i < 2 else kind(i)

    return {**matrix(folder, label=label), "min_class_size": 5}


@refused(
    "39 of 40 sequences are not of 20 bases, the first here with 21. Lengths are 20 to 59",
    "Set data.length: `policy: crop` cuts all to the shortest or to `bases`",
)
def sequences_of_unequal_lengths(folder):
    rows = [f"s{i},{bases(20 + i)},{kind(i)}" for i in range(40)]
    (folder / "a.csv").write_text("\n".join(["id,sequence,class", *rows]))
    return sequence_data(sources={"a": {"url": folder / "a.csv", "format": "table"}})


@refused(
    "these are proteins: ",
    "Give the coding sequences; or turn each protein into numbers with a protein language model",
)
def sequences_of_proteins(folder):
    text = "".join(f">a{i} {kind(i)}\nMKVLAAGIVPLLEQF{bases(9)}\n" for i in range(40))
    (folder / "proteins.fa").write_text(text)
    header = r"(?P<id>\S+) (?P<class>\S+)"
    source = {"url": folder / "proteins.fa", "format": "fasta", "header": header}
    return sequence_data(sources={"a": source})
