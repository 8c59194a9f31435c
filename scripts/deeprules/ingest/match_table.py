"""How negatives were drawn: how many, and what they are made of beside the positives."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from deeprules.errors import InputError

MIN_SHARE = 0.95
"""Share of the negatives asked for below which the run stops."""
BINS = {"gc": 50, "repeats": 20}
"""Bins of the table for each property."""
COLUMNS = ("property", "low", "high", "positives", "before", "after")
MEAN_LIMIT, DISTANCE_LIMIT = 0.01, 0.02
"""Difference of means and Kolmogorov-Smirnov distance that a good match keeps to."""


class MatchTable:
    """Takes what was wanted and drawn, piece by piece.

    Parameters
    ----------
    settings : the section `data.negatives` of the config
    """

    def __init__(self, settings: Mapping):
        self._settings = settings
        self._n_positives = 0
        self._wanted: list[pd.DataFrame] = []
        self._parts: dict[str, list[pd.DataFrame]] = {"positives": [], "before": [], "after": []}

    def add(
        self,
        positives: pd.DataFrame,
        copies: np.ndarray,
        drawn: pd.DataFrame,
        before: pd.DataFrame | None = None,
        is_matched: np.ndarray | None = None,
    ) -> None:
        """Note some positives and their negatives.

        Parameters
        ----------
        positives, drawn : with `gc` and `repeats`
        copies : how many negatives each of the positives was to have (N)
        before : as many windows drawn without regard to what they are made of, if there are any
        is_matched : which of the wanted negatives were found, by default as many as were drawn
        """
        names = ["gc", "repeats"]
        self._n_positives += len(positives)
        self._parts["positives"].append(positives[names].astype(np.float32))
        self._parts["after"].append(drawn[names].astype(np.float32))
        if before is not None:
            self._parts["before"].append(before[names].astype(np.float32))
        if is_matched is None:
            is_matched = np.arange(copies.sum()) < len(drawn)
        wanted = positives[["chromosome", "gc"]].iloc[np.repeat(np.arange(len(copies)), copies)]
        self._wanted.append(wanted.assign(found=is_matched))

    def check(self) -> None:
        """Raise `InputError` if fewer were found than the ratio asks for, with what there is."""
        wanted, found = self.counts["wanted"], self.counts["drawn"]
        if found >= MIN_SHARE * wanted:
            return
        alike = [name for name in ("gc", "repeats") if name in self._settings["match"]]
        how = f" alike in {' and '.join(alike)}" if alike else ""
        of = "peaks" if self._settings["from"] == "other_peaks" else "windows"
        where = ", each on the chromosome of its positive" if self._by_chromosome else ""
        least = self._largest_ratio()
        remedy = f"Set `ratio: {least:g}`" if least else "Take negatives from elsewhere"
        if self._settings["from"] == "dinucleotide_shuffle":
            of, how, where = "shuffles", " that differ from the positive", ""
        raise InputError(
            f"data.negatives.ratio: is {self._settings['ratio']:g}, so that "
            f"{self._n_positives:,} positives need {wanted:,} negatives, but there are only "
            f"{found:,} free {of}{how}{where}. {remedy}"
            f"{self._other_remedies(alike)}."
        )

    @property
    def _by_chromosome(self) -> bool:
        is_shuffle = self._settings["from"] == "dinucleotide_shuffle"
        return "chromosome" in self._settings["match"] and not is_shuffle

    def _other_remedies(self, alike: list[str]) -> str:
        if self._settings["from"] == "dinucleotide_shuffle":
            return ""
        names = [f"`{name}`" for name in [*alike, *(["chromosome"] * self._by_chromosome)]]
        less = f", take {' or '.join(names)} out of `match`" if names else ""
        return f"{less}, or set a smaller `distance` than {self._settings['distance']:,}"

    def _largest_ratio(self) -> float:
        """The largest ratio that can be given, 0 if there is none.

        Positives of one chromosome and GC content compete for the same windows: as many of them
        as were found are there, and more where all were.
        """
        table = pd.concat(self._wanted)
        strata = table.groupby([table["chromosome"].fillna(""), table["gc"].round(2)])["found"]
        n, found = strata.size().to_numpy(), strata.sum().to_numpy()
        for share in np.arange(1, 0, -0.01):
            if np.minimum(share * n, found).sum() >= (1 + MIN_SHARE) / 2 * share * n.sum():
                return float(np.floor(100 * share * self._settings["ratio"]) / 100)
        return 0.0

    @property
    def counts(self) -> dict[str, int]:
        """How many positives there are, and how many negatives were wanted and drawn."""
        wanted = sum(map(len, self._wanted))
        drawn = sum(map(len, self._parts["after"]))
        return {"positives": self._n_positives, "wanted": wanted, "drawn": drawn}

    @property
    def facts(self) -> dict:
        """What `dataset.json` says of the negatives."""
        names = ("from", "match", "ratio", "distance", "seed")
        own = {name: self._settings[name] for name in names}
        return {**own, **self.counts, "properties": self._summary()}

    def _values(self) -> dict[str, pd.DataFrame]:
        return {name: pd.concat(parts) for name, parts in self._parts.items() if parts}

    def _summary(self) -> dict[str, dict]:
        """Means, and the distance from the positives, of each property."""
        values, found = self._values(), {}
        for name in BINS:
            found[name] = {}
            for part, table in values.items():
                found[name][part] = {"mean": float(table[name].mean())}
                if part != "positives" and len(table):
                    compared = ks_2samp(values["positives"][name], table[name], method="asymp")
                    found[name][part]["distance"] = float(compared.statistic)
        return found

    @property
    def distributions(self) -> pd.DataFrame:
        """Shares of positives and negatives in each bin of each property; see `COLUMNS`."""
        values, rows = self._values(), []
        for name, bins in BINS.items():
            edges = np.linspace(0, 1, bins + 1)
            shares = {
                part: np.histogram(table[name], edges)[0] / max(len(table), 1)
                for part, table in values.items()
            }
            columns = {"property": name, "low": edges[:-1], "high": edges[1:], **shares}
            rows.append(pd.DataFrame(columns).reindex(columns=list(COLUMNS)))
        return pd.concat(rows, ignore_index=True)

    @property
    def notes(self) -> list[str]:
        """What a user might want to know."""
        counts = self.counts
        notes = [f"{counts['drawn']:,} negatives were drawn for {counts['positives']:,} positives."]
        lacking = counts["wanted"] - counts["drawn"]
        if lacking:
            notes.append(
                f"{lacking:,} of {counts['wanted']:,} negatives could not be drawn: nothing free "
                "was like their positive."
            )
        return notes
