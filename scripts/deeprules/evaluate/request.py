"""What is about to be tested, and how much of it an earlier opening has seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from deeprules.evaluate.identity import Sketches
from deeprules.evaluate.ledger import canonical_json, read_examples, read_sketches, text_sha256

MANY_ALIKE = 0.25
"""Share of examples like those of an earlier opening that makes it an opening of the same test set.
Disjoint tests of one study share less: at most 16% of sequences in the benchmarks tried, and few
rows (1 to 2%); of sequences mutated at 5% four in five are still found."""
UNNAMED = "0" * 16
"""Hash of the name of an example that has none."""


@dataclass(frozen=True)
class Request:
    """What is about to be tested, on what.

    Attributes
    ----------
    models_sha256 : hash of all frozen models
    examples : canonical content hashes (N,) of the test examples, `uint64`
    identities : hashes (N,) of their sources and ids, as `identity_hashes` gives them
    labels_sha256 : hash of contents and labels, as `labels_sha256` gives it
    study : content of `study.json`
    objective : metric of the verdict
    minimum_gain : smallest gain that is worth a network
    reason : why a test set is opened once more; None if not given
    commit : git commit of the code; None if unknown
    names : hashes (N,) of ids without source and prefix
    turned : hashes (N,) of sequences whatever their orientation; None for tables
    sketches : what edited examples are known by
    """

    models_sha256: str
    examples: np.ndarray
    identities: np.ndarray
    labels_sha256: str
    study: dict
    objective: str
    minimum_gain: float | Mapping[str, float]
    reason: str | None = None
    commit: str | None = None
    names: np.ndarray | None = None
    turned: np.ndarray | None = None
    sketches: Sketches | None = None

    @cached_property
    def examples_text(self) -> str:
        """Hashes of each example in hexadecimal, sorted, one example a line."""
        further = [one for one in (self.names, self.turned) if one is not None]
        known = [self.examples, self.identities, *further]
        lines = sorted(zip(*(hashes.tolist() for hashes in known), strict=True))
        return "".join(" ".join(f"{one:016x}" for one in line) + "\n" for line in lines)

    @cached_property
    def facts(self) -> dict:
        """The part of an entry that describes the request."""
        return {
            "models_sha256": self.models_sha256,
            "labels_sha256": self.labels_sha256,
            "n_examples": len(self.examples),
            "study_sha256": self.study["sha256"],
            "study_text_sha256": text_sha256(canonical_json(self.study["study"])),
            "objective": self.objective,
            "minimum_gain": self.minimum_gain,
            "commit": self.commit,
            "sketches_kind": self.sketches and self.sketches.kind,
        }

    def is_repeat_of(self, entry: dict) -> bool:
        """Whether an entry is of the same models on the same examples with the same labels."""
        words = [line.split() for line in self.examples_text.splitlines()]
        as_before = "".join(f"{content} {identity}\n" for content, identity, *_ in words)
        return (
            entry["models_sha256"] == self.models_sha256
            and entry["labels_sha256"] == self.labels_sha256
            and entry["examples_sha256"] in map(text_sha256, (self.examples_text, as_before))
        )

    def shared_with(self, folder: str | Path, entry: dict) -> "Earlier":
        """How many of the examples an earlier opening has seen."""
        contents, identities, names, turned = read_examples(folder, entry)
        lines = [line.split() for line in self.examples_text.splitlines()]
        by_content = [one[0] in contents or bool(turned.intersection(one[3:])) for one in lines]
        by_identity = [one[1] in identities for one in lines]
        shared = sum(map(max, by_content, by_identity))
        kept, alike, named = read_sketches(folder, entry), 0.0, 0.0
        if self.sketches and kept is not None:
            alike = self.sketches.share_alike(kept, entry["sketches_kind"])
        if not self.sketches or kept is None or self.sketches.kind != entry["sketches_kind"]:
            known = names - {UNNAMED}
            named = sum(bool(known.intersection(one[2:3])) for one in lines) / len(lines)
        return Earlier(entry, shared, sum(by_content), sum(by_identity), alike, named)


@dataclass(frozen=True)
class Earlier:
    """An earlier opening and how many of the examples it has seen: at all, and known by what.

    `alike` is the share of the examples that are like others of the two openings. Where these
    cannot be compared, as they have other features, `named` is the share with the name of one.
    """

    entry: dict
    shared: int
    by_content: int
    by_identity: int
    alike: float
    named: float

    @property
    def has_seen(self) -> bool:
        """Whether it counts as an opening of these examples."""
        return self.shared > 0 or max(self.alike, self.named) >= MANY_ALIKE
