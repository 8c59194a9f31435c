"""Who is what in a table: label, group, batch, ids and sequences, by names and by values."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

MAX_CLASSES = 20
MIN_SEQUENCE = 8
MIN_SHARE = 0.9
"""Share of the values that must be of a kind for the column to be of it."""

WORDS = {
    "label": """label labels class target condition diagnosis phenotype status outcome response
        disease treatment celltype cell_type cell_line genotype subtype stage type state activity
        active category annotation""",
    "value": """expression activity mean log2fc log2foldchange logfc lfc fold_change score value
        rna_dna ratio strength signal intensity target y mpra log2 measured zscore""",
    "group": """donor patient subject individual animal mouse participant family locus gene pair
        person case_id donor_id patient_id subject_id participant_id animal_id mouse_id replicate_of
        cluster parent""",
    "batch": """batch plate lane run library seq_run sequencing_run chip array centre center site
        platform flowcell flow_cell experiment study dataset date protocol library_batch""",
    "covariate": "age sex gender bmi rin tissue region smoker race ethnicity pmi weight",
    "partition": "split partition set subset fold",
    "id": """id sample sample_id sampleid name sample_name run barcode cell cell_id library_id
        geo_accession accession oligo oligo_id variant_id peak_name peak""",
    "sequence": "sequence seq dna oligo_sequence insert",
    "positive": """positive pos case disease tumor tumour cancer treated treatment yes 1 true bound
        promoter promoters enhancer enhancers peak peaks active responder mutant ko high affected
        patient""",
    "negative": """negative neg control controls ctrl background random shuffled no 0 false unbound
        inactive healthy normal wt low untreated vehicle non not""",
}
SEQUENCE = re.compile(rf"[ACGTUN]{{{MIN_SEQUENCE},}}", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """What is known of a column: how many values are there, different, numbers, sequences."""

    name: str
    known: int
    values: tuple[str, ...]
    is_numeric: bool
    is_sequence: bool

    @property
    def n_values(self) -> int:
        """Number of different values."""
        return len(self.values)

    @property
    def is_unique(self) -> bool:
        """Whether it names rows: no value twice."""
        return self.known > 1 and self.n_values == self.known

    @property
    def is_categorical(self) -> bool:
        """Whether it may be a class: few values, each more than once on average."""
        return 2 <= self.n_values <= MAX_CLASSES and self.known >= 2 * self.n_values

    @property
    def shown(self) -> str:
        """The column with its number of values, as a comment names it."""
        few = f": {', '.join(self.values[:3])}" if self.n_values <= 3 else ""
        return f"{self.name} ({self.n_values:,} values{few})"


def columns_of(table: pd.DataFrame) -> dict[str, Column]:
    """The columns of a table of text, by name."""
    found = {}
    for name in table.columns:
        known = table[name].dropna().astype(str).str.strip()
        sample = known.head(500)
        numeric = pd.to_numeric(sample, errors="coerce").notna().mean() if len(sample) else 0
        sequence = sample.str.fullmatch(SEQUENCE).mean() if len(sample) else 0
        values = tuple(known.value_counts().index)
        found[str(name)] = Column(
            str(name), len(known), values, numeric > MIN_SHARE, sequence > MIN_SHARE
        )
    return found


def named(column: Column, role: str) -> bool:
    """Whether the name of a column is one that a role often has."""
    return _rank(column.name, role) is not None


def candidates(columns: Collection[Column], role: str) -> list[Column]:
    """Columns that may have a role, the likeliest first."""
    fits = {
        "label": lambda c: c.is_categorical and not c.is_sequence,
        "value": lambda c: c.is_numeric and c.n_values > MAX_CLASSES,
        "group": lambda c: 3 <= c.n_values < c.known,
        "batch": lambda c: 2 <= c.n_values <= c.known / 2,
        "covariate": lambda c: c.n_values > 1,
        "id": lambda c: c.is_unique and not c.is_sequence,
        "sequence": lambda c: c.is_sequence,
        "partition": lambda c: set(c.values) <= {"train", "tune", "test"} and c.n_values > 1,
    }
    found = [(_rank(column.name, role), column) for column in columns if fits[role](column)]
    of_any_name = role in ("label", "value", "sequence")
    ranked = [(999 if rank is None else rank, column) for rank, column in found]
    return [c for rank, c in sorted(ranked, key=lambda one: one[0]) if of_any_name or rank < 999]


def positive_of(values: Collection[str]) -> str:
    """The class that is the likeliest positive one: by its name, else the rarest."""
    others = [value for value in values if not _words(value) & set(WORDS["negative"].split())]
    likely = [value for value in others if _words(value) & set(WORDS["positive"].split())]
    return (likely or others[::-1] or list(values)[::-1])[0]


def _words(text: str) -> set[str]:
    return {text.lower(), *re.split(r"[^a-z0-9]+", text.lower())}


def _rank(name: str, role: str) -> int | None:
    """How far a name stands from the front of those that a role has; None if it is none."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
    words = WORDS[role].split()
    if plain in words:
        return words.index(plain)
    parts = [words.index(part) + len(words) for part in plain.split("_") if part in words]
    return min(parts, default=None)
