"""From the files of all sources to one data set on disk."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deeprules.errors import InputError
from deeprules.files import scratch_folder
from deeprules.ingest.dataset_files import write_dataset
from deeprules.ingest.example_columns import ExampleColumns
from deeprules.ingest.interval_windows import Windows
from deeprules.ingest.left_out import LeftOut
from deeprules.ingest.matrix_features import MatrixFeatures
from deeprules.ingest.name_lists import read_name_list
from deeprules.ingest.negatives import NAME as NEGATIVES
from deeprules.ingest.negatives import Negatives
from deeprules.ingest.opened_sources import example_sources, open_sources, reader_of
from deeprules.ingest.place_filter import REASONS, PlaceFilter
from deeprules.ingest.problems import Problems
from deeprules.ingest.sample_tables import SampleTable
from deeprules.ingest.selection import Selection
from deeprules.ingest.sequence_features import SequenceFeatures
from deeprules.ingest.sources import BadSource, Source
from deeprules.ingest.spool import Spool, check_ids, stored_sparse
from deeprules.ingest.taking import Taking

log = logging.getLogger("deeprules")

FEATURES = {"sequence": SequenceFeatures, "tabular": MatrixFeatures}

CHUNK_ROWS = 20_000
CHUNK_VALUES = 5_000_000

NOT_SPARSE = (
    "data.batch_correction in the config: the numbers are sparse, and a correction leaves no "
    "zeros. Leave it away, or set `transform: clr` or `quantile`, which leave none."
)


@dataclass(frozen=True)
class Outputs:
    """The files of a data set; `feature_names` is empty for sequences.

    `negatives` has rows where negatives were drawn: what they and the positives are made of.
    """

    examples: str | Path
    features: str | Path
    dataset: str | Path
    feature_names: str | Path
    negatives: str | Path


def build_dataset(
    data: Mapping,
    files: Mapping[str, str | Path],
    outputs: Outputs,
    partition_column: str | None = None,
    given: Mapping[str, str] | None = None,
    columns: ExampleColumns | None = None,
) -> None:
    """Read all sources, check them, and write one data set.

    Each source is read once, a chunk at a time, and spooled to disk. When lengths, features and
    classes are known, the spools become `features.npy` (`uint8` codes, N x L, or `float32`
    values, N x P, perhaps sparse) and the table of examples.

    Parameters
    ----------
    data : the section `data` of the config, complete with defaults
    files : the downloaded file of each source
    outputs : the files to write
    partition_column : column that holds `train`, `tune` or `test`, if partitions are given
    given : path of the file of each source that is a copy of one on this machine, for messages
    columns : what takes the columns of the sources, if they are not those of examples to train on

    Raises
    ------
    InputError
        With everything that is wrong in the files, or in all of them together.
    """
    folder = Path(outputs.features).parent
    with scratch_folder(folder / ".unfinished-dataset") as scratch:
        asked = data, files, scratch, partition_column, given or {}, columns
        building = _Building(*asked)
        building.read()
        if building.too_small:
            # What they would have told of lengths, letters and features must not be told.
            building = _Building(*asked, building.too_small)
            building.read()
        building.settle()
        write_dataset(building, outputs)


class _Building:
    """One data set on its way from the sources to the outputs."""

    def __init__(
        self,
        data: Mapping,
        files: Mapping,
        scratch: Path,
        partition_column: str | None,
        given: Mapping[str, str],
        columns: ExampleColumns | None,
        too_small: Collection[str] = (),
    ):
        self.data = data
        self.problems = Problems()
        self.left_out = LeftOut()
        self.features = FEATURES[data["modality"]](data)
        shared = {"problems": self.problems, "scratch": scratch, "left_out": self.left_out}
        shared |= {"chunk_rows": CHUNK_ROWS, "chunk_values": CHUNK_VALUES}
        self.sources = open_sources(data, files, given, shared)
        blacklist = data["blacklist"]
        self.places = PlaceFilter(data, self.sources[blacklist] if blacklist else None)
        self.negatives = None
        if data["negatives"]["from"]:
            self.negatives = Negatives(data, self.places, self.sources, reader_of, partition_column)
        self.selection = Selection(
            data, lambda name, column: read_name_list(self.sources[name], column), too_small
        )
        self.columns = columns or ExampleColumns(data, partition_column, self.selection.columns)
        self.taking = Taking(data, self.columns, self.features, self.selection)
        self.samples: dict[str, SampleTable] = {}
        self.windows: Windows | None = None
        self.spools: list[Spool] = []

    def read(self) -> None:
        """Spool all sources."""
        names = example_sources(self.data)
        for table in dict.fromkeys(self._samples_of(name) for name in names):
            if table is not None:
                self._read_samples(self.sources[table])
        # What is wrong in a sample table would be wrong again in each example.
        self.problems.raise_any()
        for name in self._survey(names):
            self._read_source(self.sources[name])
        # A source that is left out could make classes, lengths or features look wrong.
        self.problems.raise_any()
        self.selection.check(self.problems)
        self.problems.raise_any()
        if self.left_out.n and not any(spool.n_rows for spool in self.spools):
            raise InputError(
                f"All {self.left_out.n:,} examples are left out: {self.left_out.sentence}. Correct "
                "these keys of `data` in the config, each named in brackets, so that some are left."
            )
        if self.negatives is not None:
            self._draw_negatives()
            self.problems.raise_any()

    @property
    def too_small(self) -> list[str]:
        """Classes with fewer examples than are asked for."""
        return self.columns.labels.smaller_than(self.data["min_class_size"] or 0)

    def settle(self) -> None:
        """Decide on what all sources have in common."""
        self.columns.check(self.problems, self.left_out.sentence)
        self.features.fix(self.problems)
        if self.data["batch_correction"] != "none" and self._are_sparse:
            raise InputError(NOT_SPARSE)
        check_ids(self.spools, self.problems)
        self.problems.raise_any()

    @property
    def _are_sparse(self) -> bool:
        """Whether the numbers will be stored sparse."""
        n_rows = sum(spool.n_rows for spool in self.spools)
        return stored_sparse(self.spools, n_rows * self.features.width)

    def _samples_of(self, source: str) -> str | None:
        """Name of the sample table of a source."""
        return self.data["sources"][source]["samples"] or self.data["samples"]

    def _read_samples(self, source: Source) -> None:
        try:
            self.samples[source.name] = SampleTable(source, self.columns.wants)
        except BadSource as error:
            self.problems.add(error.problem)

    def _survey(self, names: Sequence[str]) -> list[str]:
        """Decide on the windows of intervals; the sources that can be read, of those named."""
        surveys, failed = {}, set()
        for name in names:
            survey = getattr(reader_of(self.sources[name]), "survey", None)
            self.sources[name] = replace(self.sources[name], places=self.places)
            try:
                if survey is not None:
                    surveys[name] = survey(self.sources[name])
            except BadSource as error:
                self.problems.add(error.problem)
                failed.add(name)
        if any(survey.widths for survey in surveys.values()):
            self.windows = Windows(self.data, surveys.values())
        for name, survey in surveys.items():
            self.sources[name] = replace(
                self.sources[name], windows=self.windows, chromosomes=survey.chromosomes
            )
        return [name for name in names if name not in failed]

    def _read_source(self, source: Source) -> None:
        read = reader_of(source).read
        samples = self.samples.get(self._samples_of(source.name))
        keys = samples.keys if samples else frozenset()
        source = replace(
            source,
            sample_keys=keys,
            described_by=self.columns.described,
            known_features=self.columns.known_features,
        )
        unknown: list[str] = []
        found_before = self.problems.count + self.left_out.n
        try:
            with Spool(source, self.columns.schema, self.features.dtype) as spool:
                for chunk in read(source):
                    self.taking.take(spool, chunk, samples, unknown)
            if unknown:
                samples.report_unknown(source, unknown)
            if not spool.n_rows and self.problems.count + self.left_out.n == found_before:
                raise self._empty(source)
        except BadSource as error:
            self.problems.add(error.problem)
            return
        self.spools.append(spool)
        log.info("%s: %s examples", source.name, f"{spool.n_rows:,}")

    def _empty(self, source: Source) -> BadSource:
        """The error for a source without a single example."""
        counts = self.places.counts(source.name)
        if not counts:
            return source.bad("there are no examples in it", "Check where it comes from")
        left_out = "; ".join(f"{n:,} {REASONS[reason]}" for reason, n in counts.items())
        return source.bad(
            f"all its intervals are left out: {left_out}",
            "Leave the source out, or change data.contigs, data.blacklist or data.intervals",
        )

    def _draw_negatives(self) -> None:
        """Draw negatives for all positives."""
        self.negatives.check(self.columns.labels.classes)
        source = self.negatives.source(self.spools[0].source)
        positives = list(self.spools)
        with Spool(source, self.columns.schema, self.features.dtype) as spool:
            for chunk in self.negatives.chunks(positives):
                self.taking.take(spool, chunk, None, [])
        self.spools.append(spool)
        log.info("%s: %s examples", NEGATIVES, f"{spool.n_rows:,}")
