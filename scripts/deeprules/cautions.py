"""What weighs against a verdict, from the stage that found it to the verdict box of the report.

A stage that finds something writes `cautions` into its summary (`audit.json`, `split.json` ...);
`conclude` collects those of all stages, and one that withholds leaves no verdict.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Caution:
    """One thing that nobody may miss when reading the verdict.

    Attributes
    ----------
    title : a few words
    sentence : what was found, with its numbers, and what to do
    tip : number of the tip that it belongs to (1..10)
    withholds : whether no verdict can be given because of it
    """

    title: str
    sentence: str
    tip: int
    withholds: bool = False


def as_records(cautions: Iterable[Caution]) -> list[dict]:
    """Cautions as they stand under `cautions` in a stage's summary."""
    return [asdict(caution) for caution in cautions]


def collect_cautions(summaries: Iterable[Mapping]) -> list[Caution]:
    """The cautions of all stages, those that withhold the verdict first."""
    found = [Caution(**one) for summary in summaries for one in summary.get("cautions", ())]
    return sorted(found, key=lambda caution: not caution.withholds)
